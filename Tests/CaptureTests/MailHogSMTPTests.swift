import XCTest

@testable import MailroomCapture

/// The side of MailHog that takes mail, as its clients know it, and where Mailroom does better.
final class MailHogSMTPTests: XCTestCase {
    private func dialogue(_ rules: RuleBook = RuleBook()) -> Dialogue {
        Dialogue {
            $0.hostname = "mh.example"
            $0.rules = rules
        }
    }

    /// Every line that the server says to these, its greeting first.
    private func replies(_ lines: String..., rules: RuleBook = RuleBook()) -> [String] {
        replies(lines, rules: rules)
    }

    private func replies(_ lines: [String], rules: RuleBook = RuleBook()) -> [String] {
        var dialogue = dialogue(rules)
        dialogue.session.begin(&dialogue.output)
        return dialogue.say(lines.map { $0 + "\r\n" }.joined()).components(separatedBy: "\r\n").dropLast()
    }

    func testTheGreetingNamesTheHostAndESMTP() {
        XCTAssertTrue(replies()[0].hasPrefix("220 mh.example ESMTP "))
    }

    func testEHLOAnswersHelloPipeliningAndAuth() {
        let answer = replies("EHLO me.example")
        XCTAssertTrue(answer[1].hasPrefix("250-") && answer[1].hasSuffix("Hello me.example"), answer[1])
        XCTAssertTrue(answer.contains("250-PIPELINING"))
        XCTAssertTrue(answer.contains { $0.dropFirst(4).hasPrefix("AUTH PLAIN") })
        XCTAssertTrue(answer.last?.hasPrefix("250 ") == true)
    }

    func testEverybodyAuthenticatesByPlainLoginCRAMMD5AndExternal() {
        for (words, last) in [
            (["AUTH PLAIN AHVzZXIAcGFzcw=="], "235"), (["AUTH PLAIN", "AHVzZXIAcGFzcw=="], "235"),
            (["AUTH LOGIN", "dXNlcg==", "cGFzcw=="], "235"),
            (["AUTH CRAM-MD5", "dXNlciBlOTZhNjJkYTU2ZTFiNzUyZTk2YTYyZGE1NmUxYjc1Mg=="], "235"),
            (["AUTH EXTERNAL dXNlcg=="], "235"),
        ] {
            let answer = replies(["EHLO c"] + words)
            XCTAssertTrue(answer.last?.hasPrefix(last) == true, "\(words): \(answer)")
        }
    }

    func testSTARTTLSIsRefusedUnlessItWasAskedFor() {
        let answer = replies("EHLO c", "STARTTLS")
        XCTAssertTrue(answer.last?.hasPrefix("50") == true, "\(answer)")
        XCTAssertFalse(answer.contains { $0.contains("250-STARTTLS") })
    }

    func testTheNullReversePathIsAccepted() {
        XCTAssertTrue(replies("EHLO c", "MAIL FROM:<>").last?.hasPrefix("250 ") == true)
    }

    func testDATAWithoutARecipientIsRefused() {
        XCTAssertTrue(replies("EHLO c", "MAIL FROM:<a@x>", "DATA").last?.hasPrefix("503 ") == true)
    }

    func testDATAIsAnsweredAndAMailIsQueuedUnderItsID() throws {
        let server = try TestServer()
        try server.send(["Subject: x\r\n\r\ny"])
        let id = try XCTUnwrap(server.server.messages.first?.id)
        let answer = replies("EHLO c", "MAIL FROM:<a@x>", "RCPT TO:<b@x>", "DATA", "x", ".")
        XCTAssertEqual(answer[answer.count - 2], "354 End data with <CR><LF>.<CR><LF>")
        XCTAssertTrue(answer.last?.contains(" Ok: queued as ") == true)
        XCTAssertTrue(id.hasSuffix("@mailroom.example"))
    }

    func testOnlyCRLFEndsALineAndOnlyCRLFDotCRLFAMail() {
        var dialogue = dialogue()
        let before = dialogue.say("EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n")
        XCTAssertEqual(dialogue.say("x\n.\ny\n.\r\nz\r\n.\n"), before)
        XCTAssertTrue(dialogue.say("\r\n.\r\n").hasSuffix("queued as id1\r\n"))
        XCTAssertEqual(dialogue.received.map(\.text), ["x\n.\ny\n.\r\nz\r\n\n\r\n"])
    }

    func testJimRefusesInMailHogsWords() {
        var jim = Jim.defaults
        (jim.acceptChance, jim.disconnectChance) = (1, 0)
        (jim.rejectSenderChance, jim.rejectRecipientChance, jim.rejectAuthChance) = (1, 0, 1)
        let answer = replies(
            "EHLO c", "AUTH PLAIN AHVzZXIAcGFzcw==", "MAIL FROM:<a@x.example>", rules: RuleBook(jim: jim))
        XCTAssertEqual(Array(answer.suffix(2)), ["500 Unrecognised command", "550 Invalid sender a@x.example"])
        (jim.rejectSenderChance, jim.rejectRecipientChance) = (0, 1)
        let recipient = replies("EHLO c", "MAIL FROM:<a@x>", "RCPT TO:<b@x.example>", rules: RuleBook(jim: jim))
        XCTAssertEqual(recipient.last, "550 Invalid recipient b@x.example")
    }
}
