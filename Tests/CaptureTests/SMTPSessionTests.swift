import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

final class SMTPSessionTests: XCTestCase {
    private let opening = "EHLO c.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n"

    func testAPipelinedDialogueGivesTheSameHoweverItIsSplit() {
        let text =
            opening + "Subject: x\r\n\r\n..dots\r\n...\r\n.a\r\n.\r\n"
            + "MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nRCPT TO:<@relay.example:c@z.example>\r\nDATA\r\n.\r\nQUIT\r\nNOOP\r\n"
        for size in [1, 2, 3, 5, 17, Int.max] {
            var dialogue = Dialogue()
            _ = dialogue.say(text, every: size)
            XCTAssertEqual(
                dialogue.codes, ["250", "250", "250", "354", "250", "250", "250", "250", "354", "250", "221"],
                "by \(size)")
            XCTAssertTrue(dialogue.session.isOver)
            XCTAssertEqual(dialogue.received.count, 2)
            let first = dialogue.received.first
            XCTAssertEqual(first?.envelope.helo, "c.example")
            XCTAssertEqual(first?.envelope.reversePath, "a@x.example")
            XCTAssertEqual(first?.envelope.recipients, ["b@y.example"])
            XCTAssertEqual(
                first.map { String(decoding: $0.bytes, as: UTF8.self) }, "Subject: x\r\n\r\n.dots\r\n..\r\na\r\n",
                "by \(size)")
            XCTAssertNil(dialogue.received.last?.envelope.reversePath)
            XCTAssertEqual(dialogue.received.last?.envelope.recipients, ["postmaster", "c@z.example"])
            XCTAssertEqual(dialogue.received.last?.bytes, [])
        }
    }

    func testEhloAnnouncesWhatIsDone() {
        var dialogue = Dialogue()
        XCTAssertEqual(
            dialogue.say("EHLO [127.0.0.1]\r\n"),
            "250-mx.example Hello [127.0.0.1]\r\n250-PIPELINING\r\n250-SIZE 67108864\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
                + "250-CHUNKING\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n")
    }

    func testOnlyCRLFDotCRLFEndsAMessage() {
        let endings = [
            "\n.\n", "\r.\r", "\r.\n", "\n.\r", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r", "\r\n\0.\r\n",
            "\r\n.\0\r\n",
            "\n\n.\r\n", "\r\r.\r\n", "\r\n.\r\r\n", "\r\n. \r\n",
        ]
        let smuggled = "MAIL FROM:<evil@x.example>\r\nRCPT TO:<victim@y.example>\r\nDATA\r\nforged\r\n"
        for ending in endings {
            for size in [1, 2, 3, Int.max] {
                var dialogue = Dialogue()
                _ = dialogue.say(opening + "body" + ending + smuggled + "\r\n.\r\nNOOP\r\n", every: size)
                XCTAssertEqual(dialogue.received.count, 1, ending.debugDescription)
                XCTAssertEqual(
                    dialogue.codes, ["250", "250", "250", "354", "250", "250"], "\(ending.debugDescription) by \(size)")
                XCTAssertTrue(dialogue.received.first?.bytes.contains(Array("forged".utf8)) == true)
            }
        }
    }

    func testContentIsTheSameAsWasSentWhateverOctetsItHas() {
        var generator = SeededGenerator(7)
        let alphabet: [UInt8] = [13, 10, 46, 46, 65, 0, 255, 13, 10]
        for _ in 0..<300 {
            var content = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            content += [13, 10]
            // What a client sends: a dot more at the beginning of each line that has one.
            var stuffed: [UInt8] = []
            for (index, byte) in content.enumerated() {
                let isAtStart = index == 0 || index >= 2 && content[index - 1] == 10 && content[index - 2] == 13
                if byte == 46, isAtStart { stuffed.append(46) }
                stuffed.append(byte)
            }
            var dialogue = Dialogue()
            _ = dialogue.say(opening)
            _ = dialogue.say(stuffed + Array(".\r\n".utf8), every: Int.random(in: 1...12, using: &generator))
            XCTAssertEqual(dialogue.received.map(\.bytes), [content])
        }
    }

    func testCommandsOutOfOrderAreRefused() {
        var dialogue = Dialogue()
        _ = dialogue.say(
            "MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nHELO c\r\nRCPT TO:<b@x>\r\nDATA\r\nMAIL FROM:<a@x>\r\n")
        XCTAssertEqual(dialogue.codes, ["503", "503", "503", "250", "503", "503", "250"])
        _ = dialogue.say(
            "MAIL FROM:<a@x>\r\nDATA\r\nRSET\r\nRCPT TO:<b@x>\r\nMAIL FROM:<a@x>\r\nEHLO c\r\nRCPT TO:<b@x>\r\n")
        XCTAssertEqual(dialogue.codes.dropFirst(7), ["503", "503", "250", "503", "250", "250", "503"])
    }

    func testEveryCommandHasItsCode() {
        let cases: [(String, String)] = [
            ("EHLO", "501"), ("EHLO  ", "501"), ("EHLO a b", "501"), ("EHLO a ", "250"), ("HELO a \t ", "250"),
            ("MAIL FROM:<a@x> SIZE=1 ", "250"), ("AUTH PLAIN = ", "235"), ("RSET\t", "250"), ("NOOP ", "250"),
            ("MAIL FROM\u{1A}<a@x>", "501"), ("NOOP\t", "250"), ("R\u{17F}ET", "500"),
            ("AUTH LOG\u{131}N", "504"), ("HELO ä", "501"), ("NOOP whatever", "250"), ("VRFY", "501"),
            ("VRFY a@x", "252"), ("EXPN list", "502"), ("STARTTLS", "502"), ("HELP", "214"),
            ("RSET now", "501"), ("XYZZY", "500"), ("", "500"), ("MAIL", "501"), ("MAIL FROM", "501"),
            ("MAIL FROM:a@x", "501"), ("MAIL FROM:<a@x", "501"), ("MAIL FROM:<a b@x>", "501"),
            ("MAIL FROM:<a@x>junk", "501"),
            ("MAIL TO:<a@x>", "501"), ("MAIL FROM:<ä@x>", "553"), ("MAIL FROM:<a@x> SIZE=1x", "501"),
            ("MAIL FROM:<a@x> SIZE=99999999999", "552"), ("MAIL FROM:<a@x> BODY=BINARYMIME", "501"),
            ("MAIL FROM:<a@x> RET=FULL", "250"), ("mail from:<a@x> size=10 body=8bitmime smtputf8", "250"),
            ("MAIL FROM: <a@x>", "250"), ("MAIL FROM:<ä@x> SMTPUTF8", "250"), ("MAIL FROM:<\"a> b\\\"\"@x>", "250"),
            ("QUIT now", "501"), ("AUTH", "501"), ("AUTH NTLM", "504"), ("AUTH CRAM-MD5", "334"), ("AUTH PLAIN", "334"),
            ("AUTH LOGIN", "334"),
        ]
        for (line, code) in cases {
            var dialogue = Dialogue()
            _ = dialogue.say("EHLO c\r\n\(line)\r\n")
            XCTAssertEqual(dialogue.codes, ["250", code], line)
        }
        for (line, code) in [
            ("RCPT TO:<>", "501"), ("RCPT TO:<b@x>  ", "250"), ("RCPT TO\u{1A}<b@x>", "501"), ("VRFY ", "501"),
            ("RCPT TO:<b@x> NOTIFY=NEVER", "250"), ("RCPT TO:<ö@x>", "553"), ("DATA x", "501"),
            ("DATA", "503"), ("AUTH PLAIN", "503"), ("RCPT TO:<b@x\u{1}>", "501"),
        ] {
            var dialogue = Dialogue()
            _ = dialogue.say("EHLO c\r\nMAIL FROM:<a@x>\r\n\(line)\r\n")
            XCTAssertEqual(dialogue.codes, ["250", "250", code], line)
        }
    }

    func testEveryRefusalHasAnEnhancedStatusCodeOfItsClass() {
        var dialogue = Dialogue()
        let text = dialogue.say(
            "X\r\nEHLO c\r\nDATA\r\nMAIL FROM:<ä@x>\r\nVRFY\r\nSTARTTLS\r\nAUTH X\r\nMAIL FROM:<a@x> Z=1\r\n")
        for line in text.components(separatedBy: "\r\n") where line.hasPrefix("5") {
            XCTAssertNotNil(line.range(of: #"^5\d\d 5\.\d\.\d "#, options: .regularExpression), line)
        }
    }

    func testEverybodyMayLogIn() {
        var dialogue = Dialogue()
        let text = dialogue.say("EHLO c\r\nAUTH PLAIN\r\nAGEAYg==\r\nAUTH LOGIN\r\n")
        XCTAssertTrue(
            text.hasSuffix("334 \r\n235 2.7.0 Everybody is welcome\r\n503 5.5.1 You are authenticated\r\n"), text)
        for (exchange, code) in [("YQ==\r\nYg==", "235"), ("*", "501"), ("YQ==\r\n***", "501")] {
            var dialogue = Dialogue()
            _ = dialogue.say("EHLO c\r\nAUTH LOGIN\r\n\(exchange)\r\n", every: 3)
            XCTAssertEqual(dialogue.codes.last, code)
        }
        var initial = Dialogue()
        _ = initial.say("EHLO c\r\nAUTH PLAIN AGEAYg==\r\n")
        XCTAssertEqual(initial.codes.last, "235")
    }

    func testALineFeedAloneIsNoLineEnd() {
        var dialogue = Dialogue()
        _ = dialogue.say("EHLO c\nMAIL FROM:<a@x>\r\nNOOP\rNOOP\r\nNOOP\r\n")
        XCTAssertEqual(dialogue.codes, ["500", "503", "500", "250"])
    }

    func testLimitsAreKept() {
        var limits = SMTPLimits()
        limits.commandBytes = 100
        limits.messageBytes = 50
        limits.recipients = 2
        limits.errors = 4
        let long = String(repeating: "x", count: 5000)
        for size in [1, 64, Int.max] {
            var dialogue = Dialogue(limits)
            _ = dialogue.say("NOOP \(long)\r\nNOOP\r\nEHLO c\r\nMAIL FROM:<a@x>\r\n", every: size)
            XCTAssertEqual(dialogue.codes, ["500", "250", "250", "250"])
            _ = dialogue.say("RCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nRCPT TO:<d@x>\r\nDATA\r\n\(long)\r\n.\r\n", every: size)
            XCTAssertEqual(dialogue.codes.dropFirst(4), ["250", "250", "452", "354", "552"])
            XCTAssertEqual(dialogue.received.count, 0)
            _ = dialogue.say("A\r\nB\r\nC\r\nD\r\nNOOP\r\n", every: size)
            XCTAssertTrue(dialogue.session.isOver)
            XCTAssertEqual(dialogue.codes.last, "421")
        }
    }

    func testAnEnvelopeHasItsLimitInOctets() {
        var limits = SMTPLimits()
        limits.envelopeBytes = 100
        for size in [1, Int.max] {
            var dialogue = Dialogue(limits)
            let long = String(repeating: "b", count: 40)
            dialogue.say(
                "EHLO c\r\nMAIL FROM:<a@x.example> SIZE=1\r\nRCPT TO:<\(long)@x>\r\nRCPT TO:<c@x> NOTIFY=NEVER,\r\n"
                    + "RCPT TO:<\(long)@x>\r\nRCPT TO:<c@x> NOTIFY=NEVER\r\nRCPT TO:<\(long.prefix(25))@x>\r\n"
                    + "RCPT TO:<c@x>\r\nDATA\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<\(long)@x>\r\n", every: size)
            XCTAssertEqual(
                dialogue.codes, ["250", "250", "250", "501", "452", "250", "452", "250", "354", "250", "250", "250"])
            XCTAssertEqual(dialogue.received.first?.envelope.recipients, ["\(long)@x", "c@x", "c@x"])
        }
    }

    func testABrowserLuredHereIsTurnedAway() {
        var dialogue = Dialogue()
        _ = dialogue.say("POST / HTTP/1.1\r\nHost: localhost:1025\r\n\r\nEHLO c\r\nMAIL FROM:<a@x>\r\n")
        XCTAssertEqual(dialogue.codes, ["421"])
        XCTAssertTrue(dialogue.session.isOver)
    }
}
