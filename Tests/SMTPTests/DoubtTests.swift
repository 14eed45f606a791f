import Mailroom
import MailroomMIME
import MailroomScriptedServer
import MailroomSockets
import Synchronization
import TestSupport
import XCTest

@testable import MailroomSMTP

/// What a delivery may say when the two sides are out of step, cancelled or out of time.
final class DoubtTests: XCTestCase {
    private let opening = ScriptedServerStep.smtpOpening()
    private let mail = ScriptedServerStep.smtpMail()
    private let leave: [ScriptedServerStep] = [.expect("QUIT"), .reply("221 bye")]

    private func delivery(within time: Duration = .seconds(30)) throws -> Delivery {
        try Delivery(try makeMail(to: ["b@example.org", "c@example.org"], within: time), route: "smtp://x:25")
    }

    private func outcome(of delivery: Delivery, _ act: @Sendable () -> Void) async -> String {
        let result = await withCheckedContinuation { continuation in
            if delivery.begin(continuation) { act() }
        }
        switch result {
        case .success(let report): return report.outcomes.map { "\($0.status)" }.joined(separator: ", ")
        case .failure(let error): return "throws \(error.code.rawValue)"
        }
    }

    func testRefusalsBeforeAServerFellOutOfStepAreNobodysFate() async throws {
        // The 250 where 354 was due shows that some answer was one too many: the refusal may be meant for another.
        let server = try ScriptedServer(
            opening + [
                .expect("MAIL"), .reply("250 ok"), .expect("RCPT"), .reply("250 ok"), .expect("RCPT"),
                .reply("550 5.1.1 unknown"), .expect("DATA"), .reply("250 ok"), .stall,
            ])
        let transport = server.transport()
        let outcome = await transport.outcome(of: try makeMail(to: ["b@example.org", "c@example.org"]))
        XCTAssertEqual(outcome, "throws protocolViolation")
        await transport.shutdown()
    }

    func testNothingIsAcceptedWhoseEndCannotHaveLeft() async throws {
        let delivery = try delivery()
        let outcome = await outcome(of: delivery) {
            XCTAssertTrue(delivery.commit())
            delivery.withdraw()
            delivery.answer(.accepted, Reply(code: 250, text: "ok"))?.resume()
        }
        XCTAssertEqual(outcome, "throws protocolViolation")
    }

    func testACancelledLoginLetsGoOfItsConnection() async throws {
        let server = try ScriptedServer(scripts: [
            ScriptedServerStep.smtpOpening(["AUTH XOAUTH2"]) + [.stall],
            ScriptedServerStep.smtpOpening(["AUTH XOAUTH2"]) + [.expect("AUTH XOAUTH2"), .reply("235 hi")] + mail
                + leave,
        ])
        let (asked, isAsked) = AsyncStream<Void>.makeStream()
        let calls = Mutex(0)
        let transport = server.transport {
            $0.credentials = .token(of: "me") {
                guard
                    calls.withLock({
                        $0 += 1; return $0
                    }) == 1
                else { return "token" }
                isAsked.yield()
                try await silence()
                return "late"
            }
        }
        let first = try makeMail("first", within: .seconds(1200))
        let task = Task { await transport.outcome(of: first) }
        for await _ in asked { break }
        let begin = ContinuousClock.now
        task.cancel()
        let cancelled = await task.value
        XCTAssertEqual(cancelled, "throws cancelled")
        let second = await transport.outcome(of: try makeMail("second", within: .seconds(5)))
        XCTAssertEqual(second, "b accepted", "the connection's place is free again")
        await transport.shutdown()
        XCTAssertLessThan(begin.duration(to: .now), .seconds(3))
    }

    func testShutdownWaitsForDeliveriesThatHaveJustBegun() async throws {
        for _ in 0..<50 {
            let server = try ScriptedServer(opening + mail + leave)
            let transport = server.transport()
            let mail = try makeMail()
            let task = Task { await transport.outcome(of: mail) }
            // Somewhere in the middle of being handed to a new connection.
            await Task.yield()
            await transport.shutdown()
            XCTAssertEqual(transport.pool.connected, 0, "a connection outlived the shutdown")
            let outcome = await task.value
            XCTAssertTrue(["b accepted", "throws cancelled"].contains(outcome), outcome)
        }
    }
}
