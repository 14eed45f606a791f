import TestSupport
import XCTest

@testable import MailroomCapture

/// CHUNKING, DSN, AUTH and STARTTLS, without sockets.
final class SMTPExtensionTests: XCTestCase {
    private let envelope = "EHLO c.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
    private let splits = [1, 2, 3, 7, Int.max]

    // MARK: CHUNKING

    func testChunksAreTakenAsTheyAreHoweverTheyAreSplit() {
        let text =
            envelope + "BDAT 8\r\nSubject:BDAT 12\r\n x\r\n\r\n..a\r\n.BDAT 0 LAST\r\n"
            + "MAIL FROM:<>\r\nRCPT TO:<c@z.example>\r\nbdat 5 last\r\n\0\r\n\n.QUIT\r\n"
        for size in splits {
            var dialogue = Dialogue()
            dialogue.say(text, every: size)
            XCTAssertEqual(
                dialogue.codes, ["250", "250", "250", "250", "250", "250", "250", "250", "250", "221"], "by \(size)")
            XCTAssertEqual(dialogue.received.map(\.text), ["Subject: x\r\n\r\n..a\r\n.", "\0\r\n\n."], "by \(size)")
        }
    }

    func testAChunkOutOfOrderIsReadAndRefused() {
        let cases: [(before: String, codes: [String])] = [
            ("", ["503"]), ("HELO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n", ["250", "250", "250", "503"]),
            ("EHLO c\r\n", ["250", "503"]), ("EHLO c\r\nMAIL FROM:<a@x>\r\n", ["250", "250", "503"]),
        ]
        for (before, codes) in cases {
            for size in splits {
                var dialogue = Dialogue()
                // The chunk's octets look like commands.
                dialogue.say(before + "BDAT 15 LAST\r\nNOOP\r\nQUIT\r\n..\rNOOP\r\n", every: size)
                XCTAssertEqual(dialogue.codes, codes + ["250"], before)
                XCTAssertEqual(dialogue.received, [])
            }
        }
    }

    func testBDATAndDATADoNotMix() {
        var dialogue = Dialogue()
        dialogue.say(envelope + "BDAT 3\r\nabcDATA\r\nRCPT TO:<c@x>\r\nMAIL FROM:<a@x>\r\nBDAT 3 LAST\r\ndef")
        XCTAssertEqual(dialogue.codes, ["250", "250", "250", "250", "503", "503", "503", "250"])
        XCTAssertEqual(dialogue.received.map(\.text), ["abcdef"])
        dialogue.say("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nBDAT 1\r\nxRSET\r\nBDAT 1 LAST\r\nyDATA\r\n")
        XCTAssertEqual(dialogue.codes.suffix(6), ["250", "250", "250", "250", "503", "503"])
        XCTAssertEqual(dialogue.received.count, 1)
    }

    func testAChunkWhoseSizeCannotBeKnownEndsTheConnection() {
        for form in ["", "x", "-1", "1 FIRST", "1 LAST x", "1x", "9999999999999999999", "0x10", "1 LASTLAST"] {
            var dialogue = Dialogue()
            dialogue.say(envelope + "BDAT \(form)\r\nMAIL FROM:<evil@x>\r\n")
            XCTAssertEqual(dialogue.codes.suffix(2), ["501", "421"], form)
            XCTAssertTrue(dialogue.session.isOver)
        }
    }

    func testChunksBeyondTheLimitAreReadAndThrownAway() {
        let limits = SMTPLimits(messageBytes: 10)
        for size in splits {
            var dialogue = Dialogue(limits)
            dialogue.say(envelope + "BDAT 6\r\n123456BDAT 6\r\n123456BDAT 1 LAST\r\n1RSET\r\n", every: size)
            XCTAssertEqual(dialogue.codes, ["250", "250", "250", "250", "552", "503", "250"])
            dialogue.say("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nBDAT 99 LAST\r\n", every: size)
            dialogue.say(String(repeating: "x", count: 99) + "NOOP\r\n", every: size)
            XCTAssertEqual(dialogue.codes.suffix(4), ["250", "250", "552", "250"])
            XCTAssertEqual(dialogue.received, [])
        }
    }

    // MARK: DSN

    func testNotificationsAreCheckedAndKept() {
        var dialogue = Dialogue()
        dialogue.say(
            "EHLO c\r\nMAIL FROM:<a@x> RET=hdrs ENVID=QQ+2B31 SIZE=5 BODY=8BITMIME\r\n"
                + "RCPT TO:<b@x> NOTIFY=SUCCESS,delay ORCPT=rfc822;Bob+2Bx@x.example\r\nRCPT TO:<c@x> NOTIFY=NEVER\r\n"
                + "RCPT TO:<d@x>\r\nDATA\r\n.\r\n")
        XCTAssertEqual(dialogue.codes, ["250", "250", "250", "250", "250", "354", "250"])
        let envelope = dialogue.received.first?.envelope
        XCTAssertEqual(envelope?.senderParameters, ["RET=hdrs", "ENVID=QQ+2B31", "SIZE=5", "BODY=8BITMIME"])
        XCTAssertEqual(
            envelope?.recipientParameters,
            [["NOTIFY=SUCCESS,delay", "ORCPT=rfc822;Bob+2Bx@x.example"], ["NOTIFY=NEVER"], []])
        let long = String(repeating: "e", count: 101)
        for (line, code) in [
            ("MAIL FROM:<a@x> RET=ALL", "501"), ("MAIL FROM:<a@x> RET", "555"), ("MAIL FROM:<a@x> ENVID=a=b", "501"),
            ("MAIL FROM:<a@x> ENVID=a+2b", "501"), ("MAIL FROM:<a@x> ENVID=a+4", "501"),
            ("MAIL FROM:<a@x> ENVID=\(long)", "501"), ("MAIL FROM:<a@x> RET=FULL ret=FULL", "501"),
            ("MAIL FROM:<a@x> AUTH=a=b", "501"), ("MAIL FROM:<a@x> AUTH=<>", "250"),
            ("MAIL FROM:<a@x> SIZE=1 SIZE=1", "501"),
        ] {
            var dialogue = Dialogue()
            dialogue.say("EHLO c\r\n\(line)\r\n")
            XCTAssertEqual(dialogue.codes, ["250", code], line)
        }
        for (words, code) in [
            ("NOTIFY=", "501"), ("NOTIFY=NEVER,SUCCESS", "501"), ("NOTIFY=SUCCESS,SUCCESS", "501"),
            ("NOTIFY=SOMETIMES", "501"),
            ("NOTIFY=FAILURE", "250"), ("ORCPT=x", "501"), ("ORCPT=;a@x", "501"), ("ORCPT=rfc822;", "501"),
            ("ORCPT=rfc822;a=b", "501"), ("ORCPT=utf-8;a@x", "250"), ("NOTIFY=NEVER NOTIFY=NEVER", "501"),
            ("RET=FULL", "555"),
        ] {
            var dialogue = Dialogue()
            dialogue.say("EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x> \(words)\r\n")
            XCTAssertEqual(dialogue.codes, ["250", "250", code], words)
        }
        var plain = Dialogue()
        plain.say("HELO c\r\nMAIL FROM:<a@x> RET=FULL\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x> NOTIFY=NEVER\r\n")
        XCTAssertEqual(plain.codes, ["250", "555", "250", "555"])
    }

    // MARK: AUTH

    func testEveryMechanismLetsInAndOnlyTheNameIsKept() {
        let exchanges: [(lines: [String], name: String?)] = [
            (["AUTH PLAIN AGpvZQBzM2NyZXQ="], "joe"), (["AUTH PLAIN", "AGpvZQBzM2NyZXQ="], "joe"),
            (["AUTH plain", "="], nil), (["AUTH LOGIN", "am9l", "czNjcmV0"], "joe"),
            (["AUTH LOGIN am9l", "czNjcmV0"], "joe"),
            (["AUTH CRAM-MD5", "am9lIDAxMjM="], "joe"), (["AUTH EXTERNAL ="], nil), (["AUTH EXTERNAL", "am9l"], "joe"),
        ]
        for (lines, name) in exchanges {
            for size in splits {
                var dialogue = Dialogue()
                let exchange = lines.map { "\($0)\r\n" }.joined()
                dialogue.say("EHLO c\r\n" + exchange, every: size)
                XCTAssertEqual(dialogue.codes.last, "235", exchange)
                dialogue.say("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n.\r\n", every: size)
                XCTAssertEqual(dialogue.received.first?.envelope.userName, name, exchange)
                var memory = ""
                dump(dialogue.session, to: &memory)
                XCTAssertFalse(memory.contains("s3cret") || memory.contains("czNjcmV0"), exchange)
            }
        }
    }

    func testAuthenticationOutOfOrderOrFormIsRefused() {
        let cases: [(String, [String])] = [
            ("AUTH PLAIN =\r\n", ["503"]), ("HELO c\r\nAUTH PLAIN =\r\n", ["250", "503"]),
            ("EHLO c\r\nMAIL FROM:<a@x>\r\nAUTH PLAIN =\r\n", ["250", "250", "503"]),
            ("EHLO c\r\nAUTH PLAIN =\r\nAUTH PLAIN =\r\n", ["250", "235", "503"]),
            ("EHLO c\r\nAUTH\r\nAUTH PLAIN = =\r\nAUTH X\r\n", ["250", "501", "501", "504"]),
            (
                "EHLO c\r\nAUTH PLAIN ====\r\nAUTH PLAIN A===\r\nAUTH PLAIN AAA\r\nAUTH PLAIN A=AA\r\n",
                ["250", "501", "501", "501", "501"]
            ),
            (
                "EHLO c\r\nAUTH LOGIN\r\n*\r\nAUTH CRAM-MD5\r\nnot base64\r\nNOOP\r\n",
                ["250", "334", "501", "334", "501", "250"]
            ),
            (
                "EHLO c\r\nAUTH LOGIN\r\n\(String(repeating: "A", count: 13_000))\r\nNOOP\r\n",
                ["250", "334", "500", "250"]
            ),
            ("EHLO c\r\nAUTH PLAIN\r\n\(String(repeating: "A", count: 12_000))\r\n", ["250", "334", "235"]),
        ]
        for (text, codes) in cases {
            for size in splits {
                var dialogue = Dialogue()
                dialogue.say(text, every: size)
                XCTAssertEqual(dialogue.codes, codes, text.prefix(60).debugDescription)
            }
        }
    }

    func testWhatASettingRequiresComesFirst() {
        var dialogue = Dialogue { $0.requiresLogin = true }
        dialogue.say("EHLO c\r\nMAIL FROM:<a@x>\r\nAUTH PLAIN =\r\nMAIL FROM:<a@x>\r\n")
        XCTAssertEqual(dialogue.codes, ["250", "530", "235", "250"])
        var secured = Dialogue { $0.requiresTLS = true }
        secured.say("EHLO c\r\nMAIL FROM:<a@x>\r\nAUTH PLAIN =\r\n")
        XCTAssertEqual(secured.codes, ["250", "530", "530"])
        XCTAssertFalse(secured.text.contains("AUTH PLAIN LOGIN"))
        secured.session.secured()
        secured.say("EHLO c\r\nMAIL FROM:<a@x>\r\n")
        XCTAssertEqual(secured.codes.suffix(2), ["250", "250"])
    }

    // MARK: STARTTLS

    private func encrypted() throws -> Dialogue {
        let encryption = SMTPEncryption(selfSignedFor: "mx.example")
        guard encryption.context != nil else { throw lacking("OpenSSL is not installed") }
        return Dialogue { $0.encryption = encryption }
    }

    func testSTARTTLSForgetsWhatWasSaidInTheClear() throws {
        for size in splits {
            var dialogue = try encrypted()
            dialogue.say("STARTTLS\r\nEHLO c\r\nAUTH PLAIN =\r\nMAIL FROM:<a@x>\r\nSTARTTLS x\r\n", every: size)
            XCTAssertEqual(dialogue.codes, ["503", "250", "235", "250", "501"])
            XCTAssertTrue(dialogue.text.contains("250-STARTTLS\r\n"))
            dialogue.say("STARTTLS\r\nNOOP\r\nRCPT TO:<evil@x>\r\n", every: size)
            XCTAssertEqual(dialogue.codes.last, "220")
            XCTAssertTrue(dialogue.session.awaitsTLS)
            dialogue.session.secured()
            dialogue.say("RCPT TO:<b@x>\r\nMAIL FROM:<a@x>\r\nAUTH PLAIN =\r\nEHLO c\r\nSTARTTLS\r\n", every: size)
            XCTAssertEqual(dialogue.codes.suffix(5), ["503", "503", "503", "250", "503"])
            XCTAssertEqual(dialogue.text.components(separatedBy: "STARTTLS\r\n").count, 2)
            dialogue.say("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n.\r\n", every: size)
            XCTAssertEqual(dialogue.received.map(\.envelope.isEncrypted), [true])
            XCTAssertNil(dialogue.received.first?.envelope.userName)
        }
    }

    func testATLSHandshakeOnThePlainPortIsToldWhereToBegin() {
        var dialogue = Dialogue()
        dialogue.say([0x16, 3, 1, 2, 0, 1, 0, 1, 252], every: 1)
        XCTAssertEqual(dialogue.codes, ["421"])
        XCTAssertTrue(dialogue.session.isOver)
    }
}
