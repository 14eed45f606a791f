import Mailroom
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

@testable import Mailroom

final class CircuitBreakerTests: XCTestCase {
    private let clock = ManualClock()
    private lazy var mail = Mail.sample(to: "a@example.org", "b@example.org")

    func testFailuresInARowOpenItAndASingleProbeDecides() async {
        let (next, capture) = steered()
        let transport = capture.circuitBreaker(after: 2, coolDown: .seconds(10), time: clock)
        next.withLock { $0 = "fail" }
        let first = await transport.outcome(of: mail)
        XCTAssertEqual(first, "throws connectionFailed")
        next.withLock { $0 = "accept" }
        _ = await transport.outcome(of: mail)
        next.withLock { $0 = "fail" }
        for _ in 0..<2 { _ = await transport.outcome(of: mail) }
        XCTAssertEqual(capture.mails.count, 4)
        clock.advance(by: .seconds(4))
        let open = await transport.outcome(of: mail)
        XCTAssertEqual(open, "throws throttled, wait 6.0 seconds")
        clock.advance(by: .seconds(6))
        let probe = await transport.outcome(of: mail)
        XCTAssertEqual(probe, "throws connectionFailed")
        let longer = await transport.outcome(of: mail)
        XCTAssertEqual(longer, "throws throttled, wait 20.0 seconds")
        clock.advance(by: .seconds(20))
        next.withLock { $0 = "accept" }
        for _ in 0..<3 {
            let outcome = await transport.outcome(of: mail)
            XCTAssertEqual(outcome, "a accepted, b accepted")
        }
        XCTAssertEqual(capture.mails.count, 8)
    }

    func testTheCoolDownGrowsToItsLimitAndBeginsAnewAfterSuccess() async {
        let (next, capture) = steered()
        let transport = capture.circuitBreaker(
            after: 1, coolDown: .seconds(10), longestCoolDown: .seconds(25), time: clock)
        next.withLock { $0 = "fail" }
        var waits: [String] = []
        for wait in [10, 20, 25, 25] {
            _ = await transport.outcome(of: mail)
            waits.append(await transport.outcome(of: mail))
            clock.advance(by: .seconds(wait))
        }
        XCTAssertEqual(waits, [10, 20, 25, 25].map { "throws throttled, wait \($0).0 seconds" })
        next.withLock { $0 = "accept" }
        _ = await transport.outcome(of: mail)
        next.withLock { $0 = "fail" }
        _ = await transport.outcome(of: mail)
        let anew = await transport.outcome(of: mail)
        XCTAssertEqual(anew, "throws throttled, wait 10.0 seconds")
    }

    func testWhileAProbeIsUnderWayNobodyElseGoesThrough() async throws {
        let gate = Gate()
        let calls = Mutex(0)
        let capture = CaptureTransport { mail throws(TransportError) in
            if calls.withLock({ calls in (calls, calls += 1).0 }) == 0 { throw TransportError(.connectionLost, "lost") }
            await gate.wait()
            return DeliveryReport(all: mail.envelope.recipients, .accepted)
        }
        let transport = capture.circuitBreaker(after: 1, coolDown: .seconds(10), time: clock)
        _ = await transport.outcome(of: mail)
        clock.advance(by: .seconds(10))
        let mail = mail
        async let probe = transport.outcome(of: mail)
        _ = try await capture.mails(atLeast: 2)
        let other = await transport.outcome(of: mail)
        XCTAssertEqual(other, "throws throttled, wait 10.0 seconds")
        gate.open()
        let outcome = await probe
        XCTAssertEqual(outcome, "a accepted, b accepted")
        let after = await transport.outcome(of: mail)
        XCTAssertEqual(after, "a accepted, b accepted")
    }

    func testAProbeThatNeverEndsIsGivenUpOn() async throws {
        let capture = CaptureTransport.failing()
        let hanging = Gate()
        let calls = Mutex(0)
        let base = CaptureTransport { mail throws(TransportError) in
            if calls.withLock({ calls in (calls, calls += 1).0 }) == 1 { await hanging.wait() }
            return try await capture.deliver(mail)
        }
        let transport = base.circuitBreaker(after: 1, coolDown: .seconds(10), time: clock)
        _ = await transport.outcome(of: mail)
        clock.advance(by: .seconds(10))
        let mail = mail
        let probe = Task { await transport.outcome(of: mail) }
        _ = try await base.mails(atLeast: 2)
        clock.advance(by: .seconds(63))
        let next = await transport.outcome(of: mail)
        XCTAssertEqual(next, "throws connectionFailed", "another probe")
        hanging.open()
        _ = await probe.value
    }

    func testAProbeThatEndsAfterItsSuccessorBeganDecidesNothing() {
        var circuit = Circuit(threshold: 1, coolDown: .seconds(10), longestCoolDown: .seconds(60))
        circuit.end(circuit.admit(at: .zero, for: .seconds(5)), .fails, at: .zero)
        XCTAssertEqual(circuit.admit(at: .seconds(10), for: .seconds(5)), .probe(1))
        XCTAssertEqual(circuit.admit(at: .seconds(20), for: .seconds(5)), .probe(2))
        circuit.end(.probe(1), .fails, at: .seconds(21))
        circuit.end(.pass, .fails, at: .seconds(21))
        XCTAssertEqual(circuit.admit(at: .seconds(22), for: .seconds(5)), .wait(.seconds(10)))
        circuit.end(.probe(2), .works, at: .seconds(22))
        XCTAssertEqual(circuit.admit(at: .seconds(22), for: .seconds(5)), .pass)
    }

    func testOnlyWhatTheNextHopFailsInOpensIt() async {
        let failures: [(CaptureTransport, Bool)] = [
            (.failing(.connectionFailed), true), (.failing(.connectionLost), true), (.failing(.timedOut), true),
            (.failing(.authenticationFailed, isTransient: false), true), (.failing(.protocolViolation), true),
            (.failing(.refused), true), (.failing(.init(rawValue: "strange")), true), (.answering(.unknown), true),
            (.failing(.refused, isTransient: false), false), (.failing(.unsupported, isTransient: false), false),
            (.failing(.throttled, retryAfter: .seconds(1)), false), (.failing(.throttled), false),
            (.failing(.cancelled), false), (.failing(.connectionFailed, retryAfter: .seconds(1)), false),
            (.answering(.refused), false), (.answering(.refusedForNow), false),
        ]
        for (index, (capture, opens)) in failures.enumerated() {
            let transport = capture.circuitBreaker(after: 2, time: clock)
            for _ in 0..<3 { _ = await transport.outcome(of: mail) }
            XCTAssertEqual(capture.mails.count, opens ? 2 : 3, "case \(index)")
        }
    }

    func testCancellationSaysNothingOfTheNextHop() async {
        let capture = CaptureTransport { mail throws(TransportError) in
            withUnsafeCurrentTask { $0?.cancel() }
            return DeliveryReport(all: mail.envelope.recipients, .unknown)
        }
        let (transport, mail) = (capture.circuitBreaker(after: 1, time: clock), mail)
        for _ in 0..<3 { _ = await Task { await transport.outcome(of: mail) }.value }
        XCTAssertEqual(capture.mails.count, 3)
    }

    func testAnOpenCircuitLeadsToTheNextTransport() async {
        let (down, up) = (CaptureTransport.failing(), CaptureTransport())
        let group: TransportGroup = .failover(down.circuitBreaker(after: 2, time: clock), up)
        for _ in 0..<5 { _ = await group.outcome(of: mail) }
        XCTAssertEqual([down.mails.count, up.mails.count], [2, 5])
    }

    func testAConfigurationThatCannotBeIsFoundAtBuild() {
        let found = problems(
            of: Known("").circuitBreaker(after: 0, coolDown: .zero, longestCoolDown: .seconds(-1), time: clock))
        XCTAssertEqual(
            found.map { $0.prefix { $0 != ":" } },
            [
                "circuit breaker failures", "circuit breaker cool-down", "circuit breaker longest cool-down", "known",
            ])
    }

    private func steered() -> (Box, CaptureTransport) {
        let box = Box()
        let capture = CaptureTransport { mail throws(TransportError) in
            if box.withLock({ $0 }) == "fail" { throw TransportError(.connectionFailed, "down") }
            return DeliveryReport(all: mail.envelope.recipients, .accepted)
        }
        return (box, capture)
    }
}

private final class Box: Sendable {
    private let value = Mutex("accept")
    func withLock<Result>(_ body: (inout String) -> Result) -> Result { value.withLock { body(&$0) } }
}
