import Mailroom
import MailroomTesting
import TestSupport
import XCTest

final class FailoverTests: XCTestCase {
    func testTheNextTransportIsAskedOnlyWhenTheFirstReachedNobody() async {
        let (down, up, spare) = (CaptureTransport.failing(), CaptureTransport(), CaptureTransport())
        let group: TransportGroup = .failover(down, up, spare)
        let outcome = await group.outcome(of: .sample(to: "a@example.org", "b@example.org"))
        XCTAssertEqual(outcome, "a accepted by 2/, b accepted by 2/")
        XCTAssertEqual([down, up, spare].map(\.handed), [["a b"], ["a b"], []])
    }

    func testARefusedRecipientStaysRefusedAndGreylistingIsNotEvaded() async {
        let refusals: [(RecipientOutcome.Status, Reply?)] = [
            (.refused, .noUser), (.refused, nil), (.refusedForNow, nil),
            (.refusedForNow, Reply(code: 450, enhancedStatus: "4.2.0", text: "greylisted")),
            (.refusedForNow, Reply(code: 451, text: "try later")), (.unknown, Reply(code: 421, text: "closing")),
        ]
        for (status, reply) in refusals {
            let spare = CaptureTransport()
            let group: TransportGroup = .failover(CaptureTransport.answering(status, reply: reply, route: "x"), spare)
            let outcome = await group.outcome(of: .sample(to: "a@example.org"))
            XCTAssertEqual(outcome, "a \(status) by 1/x")
            XCTAssertEqual(spare.handed, [])
        }
    }

    func testWhomTheNextHopCannotServeForItsOwnReasonsTheNextOneGets() async {
        let first = CaptureTransport { mail throws(TransportError) in
            DeliveryReport([
                RecipientOutcome(
                    recipient: "a@example.org", status: .refusedForNow,
                    reply: Reply(code: 452, enhancedStatus: "4.3.1", text: "disk full")),
                RecipientOutcome(recipient: "b@example.org", status: .accepted),
                RecipientOutcome(
                    recipient: "c@example.org", status: .refusedForNow, reply: Reply(code: 421, text: "closing")),
                RecipientOutcome(recipient: "d@example.org", status: .refused, reply: .noUser),
                RecipientOutcome(recipient: "e@example.org", status: .unknown),
            ])
        }
        let second = CaptureTransport.answering(.accepted)
        let mail = Mail.sample(to: "abcde".map { "\($0)@example.org" })
        let outcome = await TransportGroup.failover(first, second).outcome(of: mail)
        XCTAssertEqual(
            outcome, "a accepted by 2/, b accepted by 1/, c accepted by 2/, d refused by 1/, e unknown by 1/")
        XCTAssertEqual(second.handed, ["a c"])
        // Where nobody else takes them, the first answer stays.
        let stuck = await TransportGroup.failover(first, CaptureTransport.failing()).outcome(of: mail)
        XCTAssertEqual(
            stuck, "a refusedForNow by 1/, b accepted by 1/, c refusedForNow by 1/, d refused by 1/, e unknown by 1/")
    }

    func testAWishToBeLeftAloneLeadsOnAndIsKeptWhereAllWishIt() async {
        let busy = CaptureTransport.answering(.refusedForNow, retryAfter: .seconds(30))
        let limited = CaptureTransport.failing(.throttled, retryAfter: .seconds(20))
        let mail = Mail.sample(to: "a@example.org")
        let taken = await TransportGroup.failover(busy, CaptureTransport()).outcome(of: mail)
        XCTAssertEqual(taken, "a accepted by 2/")
        let waiting = await TransportGroup.failover(busy, limited).outcome(of: mail)
        XCTAssertEqual(waiting, "a refusedForNow by 1/, wait 20.0 seconds")
        let thrown = await TransportGroup.failover(
            limited, CaptureTransport.failing(.throttled, retryAfter: .seconds(10))
        ).outcome(of: mail)
        XCTAssertEqual(thrown, "throws throttled, wait 10.0 seconds")
        let mixed = await TransportGroup.failover(limited, CaptureTransport.failing()).outcome(of: mail)
        XCTAssertEqual(mixed, "throws connectionFailed")
        let reported = await TransportGroup.failover(CaptureTransport.failing(), busy).outcome(of: mail)
        XCTAssertEqual(reported, "a refusedForNow by 2/")
    }

    func testWhenAllFailTheErrorTellsOfEachAndIsTransientIfOneIs() async {
        let mail = Mail.sample(to: "a@example.org")
        let permanent = CaptureTransport.failing(.authenticationFailed, isTransient: false)
        await XCTAssertThrowsErrorAsync(TransportError.self) {
            try await TransportGroup.failover(permanent, CaptureTransport.failing(.timedOut)).deliver(mail)
        } _: { error in
            XCTAssertEqual(error.code, .timedOut)
            XCTAssertTrue(error.isTransient)
            XCTAssertTrue(error.reason.contains("1: it is authenticationFailed"), error.reason)
            XCTAssertTrue(error.reason.contains("2: it is timedOut"), error.reason)
        }
        let outcome = await TransportGroup.failover(permanent, permanent).outcome(of: mail)
        XCTAssertEqual(outcome, "throws authenticationFailed for good")
    }

    func testNeitherCancellationNorAPassedDeadlineLeadsOn() async {
        let spare = CaptureTransport()
        let mail = Mail.sample(to: "a@example.org")
        let cancelled = await TransportGroup.failover(CaptureTransport.failing(.cancelled), spare).outcome(of: mail)
        XCTAssertEqual(cancelled, "throws cancelled")
        let cancelling = CaptureTransport { _ throws(TransportError) in
            withUnsafeCurrentTask { $0?.cancel() }
            throw TransportError(.connectionLost, "lost")
        }
        let group: TransportGroup = .failover(cancelling, spare)
        let lost = await Task { await group.outcome(of: mail) }.value
        XCTAssertEqual(lost, "throws cancelled")
        let late = await TransportGroup.failover(CaptureTransport.failing(.timedOut), spare)
            .outcome(of: .sample(to: "a@example.org", within: .zero))
        XCTAssertEqual(late, "throws timedOut")
        XCTAssertEqual(spare.handed, [])
    }

    // MARK: Doubt

    func testWhoeverIsInDoubtStaysWithTheTransportThatMayHaveTheMail() async {
        let (first, second) = (CaptureTransport.answering(.accepted, route: "r"), CaptureTransport())
        let group: TransportGroup = .failover(first, Known("two", second))
        let outcome = await group.outcome(
            of: .sample(to: "a@example.org", "b@example.org", earlierRoutes: ["b@example.org": "two"]))
        XCTAssertEqual(outcome, "a accepted by 1/r, b accepted by 2/")
        XCTAssertEqual([first, second].map(\.handed), [["a"], ["b"]])
    }

    func testWhoeverIsInDoubtIsNotMovedWhenThatTransportFails() async {
        for isTransient in [true, false] {
            let group: TransportGroup = .failover(
                Known("one", CaptureTransport.failing(isTransient: isTransient)), Known("two"))
            let mail = Mail.sample(to: "a@example.org", "b@example.org", earlierRoutes: ["b@example.org": "one"])
            let both = await group.outcome(of: mail)
            XCTAssertEqual(both, "a accepted by two, b refusedForNow by one")
            let alone = await group.outcome(of: mail.restricted(to: [mail.envelope.recipients[1]]))
            XCTAssertEqual(alone, "throws connectionFailed\(isTransient ? "" : " for good")")
        }
    }

    func testWhoeverIsInDoubtIsNotRefusedForGoodByAnErrorOfOthers() async {
        let busy = CaptureTransport.answering(.refusedForNow, reply: Reply(code: 421, text: "closing"))
        let slow = CaptureTransport { mail throws(TransportError) in
            try? await silence(until: mail.deadline)
            throw TransportError(.refused, "no", isTransient: false)
        }
        let group: TransportGroup = .failover(busy, slow, Known("three"))
        let mail = Mail.sample(
            to: "a@example.org", "b@example.org", within: .milliseconds(100), earlierRoutes: ["b@example.org": "three"])
        let outcome = await group.outcome(of: mail)
        XCTAssertEqual(outcome, "a refusedForNow by 1/, b refusedForNow by three", "nobody asked for b")
    }

    func testWhoseTransportIsGoneStaysInDoubt() async throws {
        let group: TransportGroup = .failover(Known("one"), Known("two"))
        let mail = Mail.sample(to: "a@example.org", "b@example.org", earlierRoutes: ["b@example.org": "old"])
        let report = try await group.deliver(mail)
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted, .unknown])
        XCTAssertEqual(report.outcomes[1].route, "old")
        XCTAssertTrue(report.outcomes[1].reply?.text.contains("no longer among the transports") == true)
        let alone = await group.outcome(of: mail.restricted(to: [mail.envelope.recipients[1]]))
        XCTAssertEqual(alone, "b unknown by old")
    }

    func testRoutesOutliveARestartANewOrderAndNesting() async {
        let kinds: [(String) -> any Transport] = [
            { Known($0) }, { Known($0).throttled(to: 9) }, { Known($0).circuitBreaker().recording { _ in } },
        ]
        for kind in kinds {
            let doubtful: TransportGroup = .failover(
                kind("down"), TransportGroup.roundRobin(kind("x"), kind("y")))
            XCTAssertTrue(["down", "x", "y"].allSatisfy { doubtful.owns($0) == true })
            let capture = CaptureTransport.answering(.accepted, route: "x")
            let later: TransportGroup = .roundRobin(
                TransportGroup.failover(kind("y"), Known("x", capture)), kind("down"))
            for _ in 0..<3 {
                let outcome = await later.outcome(
                    of: .sample(to: "a@example.org", earlierRoutes: ["a@example.org": "x"]))
                XCTAssertEqual(outcome, "a accepted by x")
            }
            XCTAssertEqual(capture.mails.count, 3)
        }
    }

    func testTransportsThatDoNotKnowTheirRoutesAreKnownByTheirPlaces() async {
        func capture() -> CaptureTransport { .answering(.unknown, route: "same") }
        let deep = capture()
        let group: TransportGroup = .failover(capture(), TransportGroup.failover(capture(), deep))
        let mail = Mail.sample(to: "a@example.org", earlierRoutes: ["a@example.org": "2/2/same"])
        let outcome = await group.outcome(of: mail)
        XCTAssertEqual(outcome, "a unknown by 2/2/same")
        XCTAssertEqual(deep.mails.first?.mail.earlierRoutes, ["a@example.org": "same"])
    }

    func testTwoTransportsOfTheSameRouteAreToldApart() async {
        let (first, second) = (CaptureTransport.failing(), CaptureTransport.answering(.unknown, route: "same"))
        let group: TransportGroup = .failover(Known("same", first), Known("same", second))
        let outcome = await group.outcome(of: .sample(to: "a@example.org"))
        XCTAssertEqual(outcome, "a unknown by 2/same")
        _ = await group.outcome(of: .sample(to: "a@example.org", earlierRoutes: ["a@example.org": "2/same"]))
        XCTAssertEqual([first, second].map(\.mails.count), [1, 2])
    }

    // MARK: Composition

    func testRoundRobinRotatesAndFallsToTheNext() async {
        let (one, down, three) = (CaptureTransport(), CaptureTransport.failing(), CaptureTransport())
        let group: TransportGroup = .roundRobin(one, down, three)
        var routes: [String] = []
        for _ in 0..<4 { routes.append(await group.outcome(of: .sample(to: "a@example.org"))) }
        XCTAssertEqual(routes, [1, 3, 3, 1].map { "a accepted by \($0)/" })
        XCTAssertEqual(down.mails.count, 1)
    }

    func testAGroupAnswersForItsTransportsAndShutsEachDownOnce() async {
        let group: TransportGroup = .failover(Known("one"), CaptureTransport(), Known("two").throttled(to: 1))
        let checks = await group.checkConnection(until: .now + .seconds(1))
        XCTAssertEqual(checks.map(\.subject), ["one", "two"])
        XCTAssertEqual(
            problems(of: TransportGroup.failover([])), ["failover: it has no transports: give it at least one"])
        XCTAssertEqual(
            problems(of: TransportGroup.roundRobin(Known("x"), TransportGroup.failover(Known("")))),
            ["known, transport 1 of failover, transport 2 of round robin: its route is empty"])
        let counting = CountingShutdown()
        await TransportGroup.failover(counting, Known("x", counting), counting).shutdown()
        let count = await counting.count
        XCTAssertEqual(count, 2, "once itself, once inside another")
    }
}

private actor CountingShutdown: Transport {
    private(set) var count = 0
    func shutdown() async { count += 1 }
    nonisolated func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport { DeliveryReport([]) }
}
