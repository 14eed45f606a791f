import Foundation
import Mailroom
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

final class RoutedTests: XCTestCase {
    func testEachRecipientGoesByTheirDomainAndThePartsShareTheirBytes() async throws {
        let (home, below, deep, other) = (
            CaptureTransport(), CaptureTransport(), CaptureTransport(), CaptureTransport()
        )
        let transport: RoutedTransport = .routed(
            byDomain: [
                "Example.ORG": home, "*.example.org": below, "*.deep.example.org": deep, "bücher.example": deep,
            ],
            otherwise: other)
        let mail = Mail.sample(
            to: "a@EXAMPLE.org", "b@sub.example.org", "c@x.deep.example.org", "d@deep.example.org",
            "e@xn--bcher-kva.example", "f@notexample.org", "g@Bücher.example")
        let report = try await transport.deliver(mail)
        XCTAssertEqual(report.outcomes.map(\.recipient), mail.envelope.recipients.map(\.address))
        XCTAssertEqual(
            [home, below, deep, other].map { $0.handed.sorted() }, [["a"], ["b d"], ["c e g"], ["f"]])
        XCTAssertEqual(Set((home.mails + other.mails).map(\.bytes)).count, 1)
    }

    func testOtherChannelsGoOtherwise() async {
        let (home, other) = (CaptureTransport(), CaptureTransport())
        let transport: RoutedTransport = .routed(byDomain: ["example.org": home], otherwise: other)
        _ = await transport.outcome(of: .sample(to: "a@example.org", channel: Channel(rawValue: "pager")))
        XCTAssertEqual(other.handed, ["a"])
    }

    func testAPartThatThrowsIsRefusedWhereAnotherIsReported() async {
        for (isTransient, status) in [(true, "refusedForNow"), (false, "refused")] {
            let transport: RoutedTransport = .routed(
                byDomain: ["example.org": CaptureTransport.failing(isTransient: isTransient)], otherwise: Known("o"))
            let both = await transport.outcome(of: .sample(to: "a@example.org", "b@example.net"))
            XCTAssertEqual(both, "a \(status), b accepted by o")
        }
    }

    func testWhenAllPartsThrowTheDeliveryThrows() async {
        let (limited, down) = (
            CaptureTransport.failing(.throttled, retryAfter: .seconds(9)), CaptureTransport.failing(isTransient: false)
        )
        let mail = Mail.sample(to: "a@example.org", "b@example.net")
        let mixed = await RoutedTransport.routed(byDomain: ["example.org": limited], otherwise: down).outcome(of: mail)
        XCTAssertEqual(mixed, "throws throttled")
        let busy = CaptureTransport.failing(.throttled, retryAfter: .seconds(5))
        let waiting = await RoutedTransport.routed(byDomain: ["example.org": limited], otherwise: busy)
            .outcome(of: mail)
        XCTAssertEqual(waiting, "throws throttled, wait 5.0 seconds")
        let alone = await RoutedTransport.routed(byDomain: ["example.org": limited], otherwise: down)
            .outcome(of: .sample(to: "b@example.net"))
        XCTAssertEqual(alone, "throws connectionFailed for good")
    }

    func testTheWaitOfAPartIsKeptWhereNobodyElseIsOwed() async {
        let limited = CaptureTransport.failing(.throttled, retryAfter: .seconds(9))
        let transport: RoutedTransport = .routed(byDomain: ["example.org": limited], otherwise: Known("o"))
        let outcome = await transport.outcome(of: .sample(to: "a@example.org", "b@example.net"))
        XCTAssertEqual(outcome, "a refusedForNow, b accepted by o, wait 9.0 seconds")
    }

    func testPartsAreDeliveredAtTheSameTime() async {
        let gate = Gate()
        let first = CaptureTransport.accepting(after: gate)
        let second = CaptureTransport { mail throws(TransportError) in
            gate.open()
            return DeliveryReport(all: mail.envelope.recipients, .accepted)
        }
        let third = CaptureTransport { mail throws(TransportError) in
            gate.open()
            return DeliveryReport(all: mail.envelope.recipients, .accepted)
        }
        let transport: RoutedTransport = .routed(byDomain: ["a.example": first, "b.example": second], otherwise: third)
        let outcome = await transport.outcome(of: .sample(to: "a@a.example", "b@b.example"))
        XCTAssertEqual(outcome, "a accepted by a.example/, b accepted by b.example/")
    }

    func testWhoeverIsInDoubtStaysAlsoWhenDomainsAreRoutedOtherwise() async {
        let (home, other) = (CaptureTransport(), CaptureTransport())
        let transport: RoutedTransport = .routed(
            byDomain: ["example.org": Known("home", home)], otherwise: Known("other", other))
        let mail = Mail.sample(
            to: "a@example.org", "b@example.org", "c@example.net",
            earlierRoutes: ["b@example.org": "other", "c@example.net": "gone"])
        let outcome = await transport.outcome(of: mail)
        XCTAssertEqual(outcome, "a accepted by example.org/, b accepted by otherwise/, c unknown by gone")
        let held = await transport.outcome(of: mail.restricted(to: [mail.envelope.recipients[2]]))
        XCTAssertEqual(held, "c unknown by gone")
        XCTAssertEqual([home.handed, other.handed], [["a"], ["b"]])
    }

    func testADoubtIsNotEndedByAThrownError() async {
        let transport: RoutedTransport = .routed(
            byDomain: ["example.org": Known("home", CaptureTransport.failing(isTransient: false))],
            otherwise: Known("o"))
        let outcome = await transport.outcome(
            of: .sample(to: "a@example.org", "b@example.net", earlierRoutes: ["a@example.org": "home"]))
        XCTAssertEqual(outcome, "a refusedForNow by home, b accepted by o")
    }

    func testWhatIsNoDomainIsFoundAtBuild() {
        let transport: RoutedTransport = .routed(
            byDomain: [
                "": Known("a"), "exa mple": Known("b"), "*.": Known("c"), "a@b.example": Known("d"),
                "*.[127.0.0.1]": Known("e"), "[127.0.0.1]": Known("f"), "Bücher.example": Known("g"),
                "xn--bcher-kva.example": Known("h"), "*": Known("i"),
            ], otherwise: Known(""))
        let found = problems(of: transport)
        XCTAssertEqual(found.filter { $0.contains("is no domain") }.count, 6, "\(found)")
        XCTAssertEqual(found.filter { $0.contains("stands there twice") }.count, 1)
        XCTAssertEqual(found.last, "known, transport otherwise of routed: its route is empty")
    }
}

final class RecordingTests: XCTestCase {
    func testEveryDeliveryIsToldWithItsOutcomeAndDuration() async throws {
        let clock = ManualClock()
        let capture = CaptureTransport { mail throws(TransportError) in
            clock.advance(by: .seconds(3))
            guard mail.envelope.recipients.count > 1 else { throw TransportError(.connectionFailed, "down") }
            return DeliveryReport(all: mail.envelope.recipients, .accepted, route: "r")
        }
        let records = Mutex<[DeliveryRecord]>([])
        let transport = capture.recording(time: clock) { record in records.withLock { $0.append(record) } }
        let first = Mail.sample(to: "a@example.org", "b@example.org")
        _ = await transport.outcome(of: first)
        _ = await transport.outcome(of: .sample(to: "c@example.org"))
        await transport.shutdown()
        let told = records.withLock { $0 }
        XCTAssertEqual(told.count, 2)
        XCTAssertEqual(told[0].job, first.id)
        XCTAssertEqual(told[0].messageID, "1@example.org")
        XCTAssertEqual(told[0].recipients, ["a@example.org", "b@example.org"])
        XCTAssertEqual(told.map(\.duration), [.seconds(3), .seconds(3)])
        XCTAssertEqual(told[1].startedAt, Date(timeIntervalSince1970: 1_700_000_003))
        XCTAssertEqual(try told[0].result.get().outcomes.map(\.route), ["r", "r"])
        XCTAssertThrowsError(try told[1].result.get())
    }

    func testASlowRecorderHoldsNoDeliveryUp() async {
        let gate = DispatchSemaphore(value: 0)
        let transport = CaptureTransport().recording { _ in gate.wait() }
        for _ in 0..<3 {
            let outcome = await transport.outcome(of: .sample(to: "a@example.org"))
            XCTAssertEqual(outcome, "a accepted")
        }
        for _ in 0..<3 { gate.signal() }
        await transport.shutdown()
    }
}
