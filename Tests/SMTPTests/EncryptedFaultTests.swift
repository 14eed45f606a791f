import Mailroom
import MailroomLibraries
import MailroomScriptedServer
import TestSupport
import XCTest

@testable import MailroomSMTP

/// Every fault at every point of a dialogue with TLS and a login, and what it means for the recipient.
final class EncryptedFaultTests: XCTestCase {
    private enum Point: String, CaseIterable {
        case startTLS, handshake, hello, login, mail, finalDot
    }

    private enum Fault: String, CaseIterable {
        case close, reset, closing421, refusalForNow, refusal, silence, garbage
    }

    /// What a server does until this point: its answer here is due next.
    private func script(until last: Point, _ context: TLSContext) -> [ScriptedServerStep] {
        let stages: [(Point, [ScriptedServerStep])] = [
            (
                .startTLS,
                [.reply("220 hi"), .expect("EHLO "), .reply("250-hi\r\n250 STARTTLS"), .expect("STARTTLS")]
            ),
            (.handshake, [.reply("220 go")]),
            (.hello, [.startTLS(context), .expect("EHLO ")]),
            (.login, [.reply("250-hi\r\n250-AUTH PLAIN\r\n250 PIPELINING"), .expect("AUTH PLAIN ")]),
            (.mail, [.reply("235 welcome"), .expect("MAIL FROM:")]),
            (
                .finalDot,
                [
                    .reply("250 ok"), .expect("RCPT TO:"), .reply("250 ok"), .expect("DATA"), .reply("354 go"),
                    .readThrough("\r\n.\r\n"),
                ]
            ),
        ]
        var steps: [ScriptedServerStep] = []
        for (point, stage) in stages {
            steps += stage
            if point == last { break }
        }
        return steps
    }

    private func steps(for fault: Fault, at point: Point) -> [ScriptedServerStep] {
        switch fault {
        case .close: return [.hangUp]
        case .reset: return [.reset]
        case .closing421: return [.reply("421 4.3.2 bye"), .hangUp]
        case .silence: return [.stall]
        case .garbage: return [.reply("blah, blah, and more of it"), .stall]
        case .refusalForNow, .refusal:
            let reply = fault == .refusal ? "550 5.7.1 no" : "450 4.7.1 later"
            switch point {
            case .hello where fault == .refusal: return [.reply(reply), .expect("HELO "), .reply(reply), .stall]
            case .mail: return [.reply(reply), .reply("503 no"), .reply("503 no"), .stall]
            default: return [.reply(reply), .stall]
            }
        }
    }

    private func expectation(of fault: Fault, at point: Point) -> String {
        switch (fault, point) {
        case (.silence, .finalDot), (.close, .finalDot), (.reset, .finalDot), (.garbage, .finalDot): "b unknown"
        case (.closing421, .finalDot), (.refusalForNow, .finalDot), (.refusalForNow, .mail): "b refusedForNow"
        case (.refusal, .finalDot), (.refusal, .mail): "b refused"
        case (.silence, _): "throws timedOut"
        case (_, .handshake): "throws connectionFailed"
        case (.close, _), (.reset, _): "throws connectionLost"
        case (.closing421, _): "throws refused"
        case (.garbage, _): "throws protocolViolation"
        case (.refusalForNow, .startTLS), (.refusal, .startTLS): "throws unsupported"
        case (.refusalForNow, .login), (.refusal, .login): "throws authenticationFailed"
        case (.refusalForNow, .hello): "throws refused"
        case (.refusal, .hello): "throws refused for good"
        }
    }

    func testOnlyWhatIsLostAfterTheFinalDotLeavesDoubt() async throws {
        let trust = try TestTrust()
        let context = try trust.serverContext()
        for point in Point.allCases {
            for fault in Fault.allCases {
                // Words before the handshake has begun are thrown away, so the fault waits for it.
                let begun: [ScriptedServerStep] = point == .handshake ? [.readThrough("\u{16}\u{3}")] : []
                let server = try ScriptedServer(
                    script(until: point, context) + begun + steps(for: fault, at: point))
                let transport = server.transport {
                    $0.security = .required
                    $0.security.trustFile = trust.file.path
                    $0.credentials = .password("secret", of: "me")
                    guard fault == .silence else { return }
                    if point == .finalDot {
                        $0.timeouts.finalDot = .milliseconds(100)
                    } else {
                        $0.timeouts.command = .milliseconds(300)
                    }
                }
                let outcome = await transport.outcome(of: try makeMail(), hiding: "secret")
                XCTAssertEqual(outcome, expectation(of: fault, at: point), "\(fault) at \(point)")
                XCTAssertEqual(server.problems, [], "\(fault) at \(point)")
                server.stop()
                await transport.shutdown()
            }
        }
    }

    func testWhatFollowsTheAnswerToSTARTTLSInTheSameSegmentIsNeverTakenForPrivate() async throws {
        let trust = try TestTrust()
        let server = try ScriptedServer(
            [
                .reply("220 hi"), .expect("EHLO "), .reply("250-hi\r\n250 STARTTLS"), .expect("STARTTLS"),
                .reply("220 go\r\n250-injected\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok"),
                .startTLS(try trust.serverContext()), .expect("EHLO "), .reply("250-hi\r\n250 SIZE 1000000"),
            ] + ScriptedServerStep.smtpMail() + [.stall])
        let transport = server.transport {
            $0.security = .required
            $0.security.trustFile = trust.file.path
        }
        let outcome = await transport.outcome(of: try makeMail())
        XCTAssertEqual(outcome, "b accepted")
        XCTAssertEqual(server.problems, [])
        await transport.shutdown()
    }

    func testShowsItsOwnCertificateToAServerThatAsksForIt() async throws {
        let (trust, own) = (try TestTrust(), try TestTrust(names: ["client.example"]))
        let context = try trust.serverContext(asking: own)
        let script: [ScriptedServerStep] =
            [.startTLS(context)] + ScriptedServerStep.smtpOpening() + ScriptedServerStep.smtpMail() + [.stall]
        for isShown in [true, false] {
            let server = try ScriptedServer(script)
            let transport = server.transport {
                $0.security = .implicit
                $0.security.trustFile = trust.file.path
                $0.security.certificateFile = isShown ? own.file.path : nil
                $0.security.keyFile = isShown ? own.keyFile.path : nil
            }
            let outcome = await transport.outcome(of: try makeMail())
            if isShown {
                XCTAssertEqual(outcome, "b accepted")
            } else {
                // With TLS 1.3 the server's refusal comes after the client's part of the handshake.
                XCTAssert(["throws connectionFailed", "throws connectionLost"].contains(outcome), outcome)
            }
            server.stop()
            await transport.shutdown()
        }
    }
}
