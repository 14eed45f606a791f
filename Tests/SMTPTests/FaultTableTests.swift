import Mailroom
import MailroomScriptedServer
import TestSupport
import XCTest

@testable import MailroomSMTP

/// Every fault at every point of the dialogue, and what it means for each of two recipients.
final class FaultTableTests: XCTestCase {
    private enum Fault: String, CaseIterable {
        case close, reset, closing421, refusalForNow, refusal, silence, garbage
    }

    private func steps(for fault: Fault, at point: DialoguePoint, pipelining: Bool) -> [ScriptedServerStep] {
        switch fault {
        case .close: return [.hangUp]
        case .reset: return [.reset]
        case .closing421: return [.reply("421 4.3.2 bye"), .hangUp]
        case .silence: return point == .body ? [.freeze] : [.stall]
        case .garbage: return [.reply("blah, blah"), .stall]
        case .refusalForNow, .refusal:
            let reply = fault == .refusal ? "550 5.7.1 no" : "450 4.7.1 later"
            switch point {
            case .ehlo where fault == .refusal:
                return [.reply(reply), .expect("HELO client.example"), .reply(reply), .stall]
            case .mail where pipelining:
                return [.reply(reply)] + Array(repeating: .reply("503 5.5.1 no MAIL"), count: 3) + [.stall]
            case .recipient:
                return [
                    .reply(reply), .expect("DATA"), .reply("354 go"), .readThrough("\r\n.\r\n"), .reply("250 ok"),
                    .stall,
                ]
            default: return [.reply(reply), .stall]
            }
        }
    }

    private func expectation(of fault: Fault, at point: DialoguePoint) -> String {
        switch (fault, point) {
        case (.close, .finalDot), (.reset, .finalDot), (.silence, .finalDot), (.garbage, .finalDot):
            "b unknown, c unknown"
        case (.closing421, .finalDot), (.closing421, .body): "b refusedForNow, c refusedForNow"
        // The client may hear of it before it has finished connecting.
        case (.reset, .greeting): "throws connectionLost or connectionFailed"
        case (.close, _), (.reset, _): "throws connectionLost"
        case (.closing421, _): "throws refused"
        case (.silence, _): "throws timedOut"
        case (.garbage, _): "throws protocolViolation"
        case (.refusalForNow, .greeting), (.refusalForNow, .ehlo): "throws refused"
        case (.refusal, .greeting), (.refusal, .ehlo): "throws refused for good"
        case (.refusalForNow, .recipient): "b accepted, c refusedForNow"
        case (.refusal, .recipient): "b accepted, c refused"
        case (.refusalForNow, _): "b refusedForNow, c refusedForNow"
        case (.refusal, _): "b refused, c refused"
        }
    }

    private func check(pipelining: Bool) async throws {
        let small = try makeMail(to: ["b@example.org", "c@example.org"])
        let large = try makeMail(to: ["b@example.org", "c@example.org"], attachment: 3 << 20)
        for point in DialoguePoint.allCases {
            for fault in Fault.allCases {
                let server = try ScriptedServer(
                    point.script(pipelining: pipelining) + steps(for: fault, at: point, pipelining: pipelining))
                let transport = server.transport {
                    guard fault == .silence else { return }
                    switch point {
                    case .greeting: $0.timeouts.greeting = .milliseconds(50)
                    case .body: $0.timeouts.data = .milliseconds(50)
                    case .finalDot: $0.timeouts.finalDot = .milliseconds(50)
                    default: $0.timeouts.command = .milliseconds(50)
                    }
                }
                let outcome = await transport.outcome(of: point == .body ? large : small)
                let expected = expectation(of: fault, at: point)
                XCTAssertTrue(
                    outcome == expected
                        || expected.hasSuffix("or connectionFailed") && outcome.hasPrefix("throws connection"),
                    "\(outcome) instead of \(expected): \(fault) at \(point), \(pipelining ? "with" : "without") PIPELINING"
                )
                XCTAssertEqual(server.problems, [], "\(fault) at \(point)")
                XCTAssertEqual(server.connections, 1, "a fresh connection that fails is not tried again")
                server.stop()
                await transport.shutdown()
            }
        }
    }

    func testOnlyWhatIsLostAfterTheFinalDotLeavesDoubtWithPipelining() async throws {
        try await check(pipelining: true)
    }

    func testOnlyWhatIsLostAfterTheFinalDotLeavesDoubtWithoutPipelining() async throws {
        try await check(pipelining: false)
    }

    func testKnownRefusalsAreReportedWhenTheRestIsLost() async throws {
        let server = try ScriptedServer(
            DialoguePoint.recipient.script() + [.reply("550 5.1.1 unknown"), .expect("DATA"), .hangUp])
        let transport = server.transport()
        let report = try await transport.deliver(try makeMail(to: ["b@example.org", "c@example.org"]))
        XCTAssertEqual(report.outcomes.map(\.status), [.refusedForNow, .refused])
        XCTAssertEqual(report.outcomes[0].reply?.code, 0)
        XCTAssertEqual(report.outcomes[1].reply, Reply(code: 550, enhancedStatus: "5.1.1", text: "unknown"))
        await transport.shutdown()
    }

    func testRefusalsBeforeALostAnswerStayRefusals() async throws {
        let server = try ScriptedServer(
            DialoguePoint.recipient.script() + [
                .reply("550 5.1.1 unknown"), .expect("DATA"), .reply("354 go"), .readThrough("\r\n.\r\n"), .hangUp,
            ])
        let transport = server.transport()
        let outcome = await transport.outcome(of: try makeMail(to: ["b@example.org", "c@example.org"]))
        XCTAssertEqual(outcome, "b unknown, c refused")
        await transport.shutdown()
    }

    func testAServerThatIsNotThereIsAConnectionThatFailed() async throws {
        let closed = try ClosedPort()
        let transport = SMTPTransport.smtp("127.0.0.1", port: closed.port)
        let outcome = await transport.outcome(of: try makeMail())
        XCTAssertEqual(outcome, "throws connectionFailed")
        await transport.shutdown()
        withExtendedLifetime(closed) {}
    }
}
