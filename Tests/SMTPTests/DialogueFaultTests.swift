import Mailroom
import MailroomMIME
import MailroomScriptedServer
import XCTest

@testable import MailroomSMTP

/// Every fault at the points that not every dialogue has: HELO, the steps of a login, chunks, RSET; and replies that
/// break off.
final class DialogueFaultTests: XCTestCase {
    private enum Fault: String, CaseIterable {
        case close, reset, closing421, refusalForNow, refusal, silence, garbage

        /// What a server does where its answer was due.
        var steps: [ScriptedServerStep] {
            switch self {
            case .close: [.hangUp]
            case .reset: [.reset]
            case .closing421: [.reply("421 4.3.2 bye"), .hangUp]
            case .refusalForNow: [.reply("450 4.7.1 later"), .stall]
            case .refusal: [.reply("550 5.7.1 no"), .stall]
            case .silence: [.stall]
            case .garbage: [.reply("blah, blah"), .stall]
            }
        }

        /// What it means for a mail that was not sent; `refused` by what an answer of its own refuses.
        func outcome(refused: String, refusedForNow: String) -> String {
            switch self {
            case .close, .reset: "throws connectionLost"
            case .closing421: "throws refused"
            case .refusalForNow: refusedForNow
            case .refusal: refused
            case .silence: "throws timedOut"
            case .garbage: "throws protocolViolation"
            }
        }

        /// What it means in the place of the answer to a message.
        var outcomeAfterMessage: String {
            switch self {
            case .close, .reset, .silence, .garbage: "b unknown"
            case .closing421, .refusalForNow: "b refusedForNow"
            case .refusal: "b refused"
            }
        }
    }

    /// Delivers to a server that plays the script and then each fault in turn.
    private func check(
        _ point: String, _ script: [ScriptedServerStep], of mail: Mail, _ expected: (Fault) -> String,
        line: UInt = #line, _ adjust: (inout SMTPConfiguration) -> Void = { _ in }
    ) async throws {
        for fault in Fault.allCases {
            let server = try ScriptedServer(script + fault.steps)
            let transport = server.transport {
                adjust(&$0)
                if fault == .silence { ($0.timeouts.command, $0.timeouts.finalDot) = (Self.brief, Self.brief) }
            }
            let outcome = await transport.outcome(of: mail)
            XCTAssertEqual(outcome, expected(fault), "\(fault) at \(point)", line: line)
            XCTAssertEqual(server.problems, [], "\(fault) at \(point)", line: line)
            XCTAssertEqual(server.connections, 1, "\(fault) at \(point)", line: line)
            server.stop()
            await transport.shutdown()
        }
    }

    private static let brief = Duration.milliseconds(200)

    // MARK: HELO

    func testWhatGoesWrongAtHELOIsNoMailsFault() async throws {
        let script: [ScriptedServerStep] = [
            .reply("220 hi"), .expect("EHLO client.example"), .reply("502 what?"), .expect("HELO client.example"),
        ]
        try await check("HELO", script, of: try makeMail()) {
            $0.outcome(refused: "throws refused for good", refusedForNow: "throws refused")
        }
    }

    // MARK: AUTH

    func testWhatGoesWrongAtAnyStepOfALoginIsNoMailsFault() async throws {
        let challenge = Base64.text(Array("<1896.697170952@server.example>".utf8))
        let login: [(String, [ScriptedServerStep])] = [
            ("AUTH LOGIN", [.expect("AUTH LOGIN\r\n")]),
            ("the user of LOGIN", [.reply("334 VXNlcm5hbWU6"), .expect("bWU=\r\n")]),
            ("the password of LOGIN", [.reply("334 UGFzc3dvcmQ6"), .expect("c2VjcmV0\r\n")]),
        ]
        let digest: [(String, [ScriptedServerStep])] = [
            ("AUTH CRAM-MD5", [.expect("AUTH CRAM-MD5\r\n")]),
            ("the digest of CRAM-MD5", [.reply("334 \(challenge)"), .expect("bWUg")]),
        ]
        let mail = try makeMail()
        for (mechanism, stages) in [(SMTPCredentials.Mechanism.login, login), (.cramMD5, digest)] {
            var script = ScriptedServerStep.smtpOpening(["AUTH \(mechanism.rawValue)"])
            for (point, stage) in stages {
                script += stage
                try await check(point, script, of: mail) {
                    $0.outcome(refused: "throws authenticationFailed", refusedForNow: "throws authenticationFailed")
                } _: {
                    $0.credentials = .password("secret", of: "me", by: mechanism)
                }
            }
            // One question too many.
            let server = try ScriptedServer(script + [.reply("334 \(challenge)"), .stall])
            let transport = server.transport { $0.credentials = .password("secret", of: "me", by: mechanism) }
            do throws(TransportError) {
                _ = try await transport.deliver(mail)
                XCTFail("it was delivered")
            } catch {
                XCTAssertEqual(error.code, .authenticationFailed)
                XCTAssert(error.reason.contains("goes on asking"), error.reason)
                XCTAssertFalse(error.description.contains("secret") || error.description.contains("c2VjcmV0"))
            }
            server.stop()
            await transport.shutdown()
        }
    }

    // MARK: BDAT

    private func begin(pipelining: Bool) -> [ScriptedServerStep] {
        ScriptedServerStep.smtpOpening(pipelining ? ["CHUNKING", "PIPELINING"] : ["CHUNKING"]) + [
            .expect("MAIL FROM:"), .reply("250 ok"), .expect("RCPT TO:"), .reply("250 ok"),
        ]
    }

    func testOnlyWhatIsLostAfterTheLastChunkLeavesDoubt() async throws {
        let mail = try makeMail()
        let end = String(decoding: mail.bytes.suffix(20), as: UTF8.self)
        for pipelining in [true, false] {
            let script =
                begin(pipelining: pipelining) + [.expect("BDAT \(mail.bytes.count) LAST\r\n"), .readThrough(end)]
            try await check("BDAT LAST", script, of: mail, \.outcomeAfterMessage) { $0.chunks = true }
        }
    }

    func testWhatIsLostAfterAnEarlierChunkWasNotSent() async throws {
        let mail = try largeMail()
        let size = 1 << 20
        let end = String(decoding: mail.bytes[(size - 40)..<size], as: UTF8.self)
        for pipelining in [true, false] {
            let script = begin(pipelining: pipelining) + [.expect("BDAT \(size)\r\n"), .readThrough(end)]
            try await check("BDAT", script, of: mail) {
                $0.outcome(refused: "b refused", refusedForNow: "b refusedForNow")
            } _: {
                $0.chunks = true
            }
        }
    }

    /// A mail of more than one chunk, in which 40 octets tell where they are.
    private func largeMail() throws -> Mail {
        let message = InternetMessage(
            from: [try Mailbox("a@example.org")], to: [try Mailbox("b@example.org")], subject: "Hello",
            date: MessageDate(secondsSince1970: 1_700_000_000), messageID: "large@example.org",
            text: (0..<100_000).map { "line \($0)\n" }.joined())
        let small = try makeMail()
        return Mail(id: small.id, envelope: small.envelope, message: message, deadline: .now + .seconds(120))
    }

    // MARK: RSET

    func testAUsedConnectionThatFailsAtRSETIsReplacedAndTheMailGoesOnce() async throws {
        let leave: [ScriptedServerStep] = [.expect("QUIT"), .reply("221 bye")]
        for pipelining in [true, false] {
            let opening = ScriptedServerStep.smtpOpening(pipelining ? ["PIPELINING"] : [])
            // Nobody is there to receive the first mail, so the server's transaction is to be given up.
            let refused: [ScriptedServerStep] =
                [.expect("MAIL"), .reply("250 ok"), .expect("RCPT"), .reply("550 5.1.1 unknown")]
                + (pipelining ? [.expect("DATA"), .reply("554 5.5.1 nobody")] : [])
            for fault in Fault.allCases {
                let server = try ScriptedServer(scripts: [
                    opening + refused + [.expect("RSET")] + fault.steps,
                    opening + ScriptedServerStep.smtpMail() + leave,
                ])
                let transport = server.transport { if fault == .silence { $0.timeouts.command = Self.brief } }
                let first = await transport.outcome(of: try makeMail("first"))
                XCTAssertEqual(first, "b refused")
                let second = await transport.outcome(of: try makeMail("second"))
                XCTAssertEqual(second, "b accepted", "\(fault), \(pipelining)")
                XCTAssertFalse(server.text(on: 0).contains("Subject: second"))
                XCTAssertTrue(server.text(on: 1).contains("Subject: second"))
                await transport.shutdown()
                XCTAssertEqual(server.connections, 2)
                XCTAssertEqual(server.problems, [], "\(fault)")
            }
        }
    }

    // MARK: The last reply

    func testAReplyThatBreaksOffAnswersNothing() async throws {
        for words in ["250-ok\r\n", "550-no\r\n", "250-ok\r\n250", "250 ok", "550 no", "2"] {
            let server = try ScriptedServer(DialoguePoint.finalDot.script() + [.send(Array(words.utf8)), .hangUp])
            let transport = server.transport()
            let outcome = await transport.outcome(of: try makeMail(to: ["b@example.org", "c@example.org"]))
            XCTAssertEqual(outcome, "b unknown, c unknown", words.debugDescription)
            XCTAssertEqual(server.connections, 1, words.debugDescription)
            await transport.shutdown()
        }
    }

    func testAFarewellInTheSegmentOfTheAnswerTakesNothingBack() async throws {
        for (words, status) in [("250 ok", "accepted"), ("450 later", "refusedForNow"), ("550 no", "refused")] {
            let server = try ScriptedServer(scripts: [
                DialoguePoint.finalDot.script() + [.reply("\(words)\r\n421 4.3.2 bye"), .hangUp],
                ScriptedServerStep.smtpOpening() + ScriptedServerStep.smtpMail() + [.stall],
            ])
            let transport = server.transport()
            let outcome = await transport.outcome(of: try makeMail(to: ["b@example.org", "c@example.org"]))
            XCTAssertEqual(outcome, "b \(status), c \(status)")
            let next = await transport.outcome(of: try makeMail())
            XCTAssertEqual(next, "b accepted")
            XCTAssertEqual(server.connections, 2)
            server.stop()
            await transport.shutdown()
        }
    }
}
