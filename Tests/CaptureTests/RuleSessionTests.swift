import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

/// What rules do to a dialogue, without sockets.
final class RuleSessionTests: XCTestCase {
    private let envelope = "EHLO c.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
    private var mail: String { envelope + "DATA\r\nSubject: s\r\n\r\n.\r\n" }

    private func dialogue(_ rules: String..., begins: Bool = false) throws -> Dialogue {
        try Dialogue(rules, begins: begins)
    }

    func testAnyCommandIsRefusedWithAnyCode() throws {
        let cases: [(rule: String, commands: String, codes: [String])] = [
            ("helo reply='504 5.5.2 No'", "EHLO c\r\nMAIL FROM:<a@x>\r\n", ["504", "503"]),
            (
                "auth reply='535 5.7.8 Wrong'", "EHLO c\r\nAUTH LOGIN\r\nAA==\r\nAA==\r\nAUTH PLAIN =\r\n",
                ["250", "334", "334", "535", "535"]
            ),
            ("mail reply='451 4.3.0 Later'", "EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n", ["250", "451", "503"]),
            ("rcpt reply='550 5.1.1 Nobody'", envelope + "DATA\r\n", ["250", "250", "550", "503"]),
            ("data reply='554 5.7.1 Spam'", mail, ["250", "250", "250", "554", "500", "500", "500"]),
            ("content reply='552 5.2.2 Full'", mail, ["250", "250", "250", "354", "552"]),
            ("rset reply=500", "RSET\r\n", ["500"]), ("noop reply='599 Odd'", "NOOP\r\nNOOP\r\n", ["599", "599"]),
            ("quit reply='500 Stay'", "QUIT\r\nNOOP\r\n", ["500", "250"]),
            ("vrfy reply='550 5.1.1 Nobody'", "VRFY a\r\n", ["550"]), ("help reply=502", "HELP\r\n", ["502"]),
            (
                "bdat reply='452 4.3.1 Full'", envelope + "BDAT 1\r\nxBDAT 1 LAST\r\ny",
                ["250", "250", "250", "452", "503"]
            ),
            (
                "content reply='554 5.6.0 No'", envelope + "BDAT 1\r\nxBDAT 1 LAST\r\ny",
                ["250", "250", "250", "250", "554"]
            ),
            ("any reply='421 4.3.2 Closing'", "NOOP\r\nNOOP\r\n", ["421"]),
            ("rcpt reply='251 Will forward'", mail, ["250", "250", "251", "354", "250"]),
            ("data reply='250 Odd'", envelope + "DATA\r\nNOOP\r\n", ["250", "250", "250", "250", "250"]),
        ]
        for (rule, commands, codes) in cases {
            for size in [1, 5, Int.max] {
                var dialogue = try dialogue(rule)
                dialogue.say(commands, every: size)
                XCTAssertEqual(dialogue.codes, codes, "\(rule) by \(size)")
                XCTAssertEqual(dialogue.received.count, rule.contains("251") ? 1 : 0, rule)
            }
        }
    }

    func testRefusalsOfRulesDoNotCountAsTheClientsErrors() throws {
        var dialogue = try dialogue("rcpt reply='550 5.1.1 Nobody'")
        dialogue.say("EHLO c\r\nMAIL FROM:<a@x>\r\n" + String(repeating: "RCPT TO:<b@x>\r\n", count: 50))
        XCTAssertEqual(dialogue.codes.count, 52)
        XCTAssertFalse(dialogue.session.isOver)
    }

    func testACommandThatIsWrongByItselfAsksNoRule() throws {
        var dialogue = try dialogue("rcpt limit=1 reply='450 4.2.0 Greylisted'")
        dialogue.say("RCPT TO:<b@x>\r\nEHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:b\r\nRCPT TO:<b@x>\r\nRCPT TO:<b@x>\r\n")
        XCTAssertEqual(dialogue.codes, ["503", "250", "250", "501", "450", "250"])
    }

    func testTheGreetingMayRefuseComeLateOrNotAtAll() throws {
        var refused = try dialogue("connect reply='554 5.3.2 No mail here'", begins: true)
        refused.say("EHLO c\r\nBDAT 5\r\nQUIT\nQUIT\r\nNOOP\r\n")
        XCTAssertEqual(refused.codes, ["554", "503", "503", "221"])
        let busy = try dialogue("connect reply='421 4.3.2 Busy'", begins: true)
        XCTAssertEqual(busy.text, "421 4.3.2 Busy\r\n")
        XCTAssertTrue(busy.session.isOver)
        var silent = try dialogue("connect delay=3s hangup=before", begins: true)
        silent.goOn()
        XCTAssertEqual(silent.text, "")
        XCTAssertEqual(silent.pauses, .seconds(3))
        XCTAssertTrue(silent.session.isOver)
        var usual = try dialogue("connect reply='220 other.example\nhello'", begins: true)
        usual.say("EHLO c\r\n")
        XCTAssertTrue(usual.text.hasPrefix("220-other.example\r\n220 hello\r\n250-"))
    }

    func testHangingUpBeforeTheFinalReplyLeavesTheClientInDoubt() throws {
        for (rule, kept, text) in [
            ("content hangup=before", 1, "354"), ("content hangup=before drop", 0, "354"),
            ("content hangup=after", 1, "250"), ("content hangup=after drop", 0, "250"),
            ("content reset", 1, "354"), ("content reply='451 4.3.0 Later' store", 1, "451"),
            ("content reply='451 4.3.0 Later'", 0, "451"), ("content drop", 0, "250"),
        ] {
            var dialogue = try dialogue(rule)
            dialogue.say(mail)
            XCTAssertEqual(dialogue.received.count, kept, rule)
            XCTAssertEqual(dialogue.codes.last, text, rule)
            XCTAssertEqual(dialogue.session.isOver, rule.contains("hangup") || rule.contains("reset"), rule)
            XCTAssertEqual(dialogue.session.ending == .reset, rule.contains("reset"), rule)
        }
    }

    func testAnAnswerMayBeLateAndRefusedAndDripping() throws {
        var dialogue = try dialogue("rcpt delay=2s reply='450 4.2.0 Later' drip=10ms", "data delay=1s")
        dialogue.say(envelope)
        dialogue.goOn()
        XCTAssertEqual(dialogue.pauses, .seconds(2) + .milliseconds(10) * "450 4.2.0 Later\r\n".utf8.count)
        XCTAssertTrue(dialogue.text.hasSuffix("\r\n450 4.2.0 Later\r\n"))
        XCTAssertNil(dialogue.session.ending)
    }

    func testNothingIsObeyedBeforeTheRepliesToWhatCameBeforeHaveLeft() throws {
        for rule in ["mail delay=4s", "mail drip", "rcpt drip=1ms"] {
            var dialogue = try dialogue(rule)
            dialogue.push(envelope + "BDAT 4 LAST\r\nmailQUIT\r\n")
            XCTAssertEqual(dialogue.codes, rule.hasPrefix("mail") ? ["250", "250"] : ["250", "250", "250"], rule)
            XCTAssertEqual(dialogue.received.count, 0, rule)
            XCTAssertFalse(dialogue.session.isOver, rule)
            dialogue.goOn()
            XCTAssertEqual(dialogue.codes, ["250", "250", "250", "250", "221"], rule)
            XCTAssertEqual(dialogue.received.map(\.text), ["mail"], rule)
            XCTAssertTrue(dialogue.session.isOver, rule)
        }
    }

    func testWhatComesAfterALateSTARTTLSIsForgotten() throws {
        let encryption = SMTPEncryption(selfSignedFor: "mx.example")
        guard encryption.context != nil else { throw lacking("OpenSSL is not installed") }
        for rule in ["starttls delay=1s", "starttls drip", "helo drip"] {
            var dialogue = Dialogue(rules: [try CaptureRule(parsing: rule)]) { $0.encryption = encryption }
            dialogue.say("EHLO c\r\nSTARTTLS\r\nMAIL FROM:<evil@x>\r\n")
            XCTAssertEqual(dialogue.codes, ["250", "220"], rule)
            XCTAssertFalse(dialogue.isWaiting, rule)
            XCTAssertTrue(dialogue.session.awaitsTLS, rule)
            dialogue.session.secured()
            dialogue.goOn()
            dialogue.say("NOOP\r\n")
            XCTAssertEqual(dialogue.codes, ["250", "220", "250"], rule)
        }
    }

    func testConditionsOnTheEnvelope() throws {
        let cases: [(rule: String, from: String, to: [String], codes: [String])] = [
            (
                "rcpt to=*@full.example reply=452", "a@x", ["b@full.example", "c@ok.example"],
                ["250", "452", "250", "354", "250"]
            ),
            (
                "rcpt domain=*.full.example reply=452", "a@s.full.example", ["b@s.Full.Example", "c@x"],
                ["250", "452", "250", "354", "250"]
            ),
            ("mail domain=bad.example reply=550", "a@bad.example", ["b@x"], ["550", "503", "503"]),
            ("mail from=*@bad.example reply=550", "a@good.example", ["b@x"], ["250", "250", "354", "250"]),
            ("rcpt from=*@bad.example reply=550", "a@bad.example", ["b@x"], ["250", "550", "503"]),
            ("content to=c@x reply=554", "a@x", ["b@x", "c@x", "d@x"], ["250", "250", "250", "250", "354", "554"]),
            ("content domain=y reply=554", "a@y", ["b@x"], ["250", "250", "354", "554"]),
            ("mail from='' reply=550", "", ["b@x"], ["550", "503", "503"]),
            ("any to=b@x reply=450", "a@x", ["b@x"], ["250", "450", "503"]),
        ]
        for (rule, from, to, codes) in cases {
            var dialogue = try dialogue(rule)
            dialogue.say(
                "EHLO c\r\nMAIL FROM:<\(from)>\r\n" + to.map { "RCPT TO:<\($0)>\r\n" }.joined() + "DATA\r\n")
            if dialogue.codes.last == "354" { dialogue.say(".\r\n") }
            XCTAssertEqual(dialogue.codes.dropFirst(), codes[...], rule)
        }
    }

    func testCountsSayWhichOccurrencesAreTaken() throws {
        for (words, taken) in [
            ("limit=2", [1, 2]), ("skip=2", [3, 4, 5, 6, 7, 8]), ("every=3", [1, 4, 7]), ("skip=1 every=3", [2, 5, 8]),
            ("skip=1 every=2 limit=2", [2, 4]), ("limit=0", []), ("chance=0", []),
            ("chance=1", [1, 2, 3, 4, 5, 6, 7, 8]),
        ] {
            var dialogue = try dialogue("noop \(words) reply=450")
            dialogue.say(String(repeating: "NOOP\r\n", count: 8))
            XCTAssertEqual(
                dialogue.codes.enumerated().filter { $0.element == "450" }.map { $0.offset + 1 }, taken, words)
        }
    }

    func testTheFirstRuleThatAppliesDecides() throws {
        var dialogue = try dialogue(
            "rcpt to=good@* pass", "rcpt limit=1 reply=450", "rcpt reply=550", "any reply=500")
        dialogue.say("EHLO c\r\n")
        XCTAssertEqual(dialogue.codes, ["500"])
        dialogue.session.settings.rules.replace(
            try ["rcpt to=good@* pass", "rcpt limit=1 reply=450", "rcpt reply=550"].map {
                try CaptureRule(parsing: $0)
            },
            seed: nil)
        dialogue.say("EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<bad@x>\r\nRCPT TO:<good@x>\r\nRCPT TO:<bad@x>\r\n")
        XCTAssertEqual(dialogue.codes.suffix(3), ["450", "250", "550"])
        XCTAssertEqual(dialogue.session.settings.rules.entries.map(\.hits), [1, 1, 1])
    }

    func testTheSameSeedGivesTheSameDecisions() throws {
        func codes(seed: UInt64) throws -> [String] {
            var dialogue = Dialogue { settings in
                settings.rules = RuleBook([try! CaptureRule(parsing: "noop chance=0.3 reply=450")], seed: seed)
            }
            dialogue.say(String(repeating: "NOOP\r\n", count: 400))
            return dialogue.codes
        }
        let first = try codes(seed: 42)
        XCTAssertEqual(try codes(seed: 42), first)
        XCTAssertNotEqual(try codes(seed: 43), first)
        let refused = first.filter { $0 == "450" }.count
        XCTAssertTrue((70...170).contains(refused), "\(refused)")
    }

    func testExtensionsThatAreHiddenAreNotThere() throws {
        var dialogue = try dialogue("helo limit=1 hide=CHUNKING,SIZE,AUTH,8BITMIME,DSN", "helo limit=1 hide=*")
        let text = dialogue.say("EHLO c\r\n")
        for word in ["CHUNKING", "SIZE", "AUTH", "8BITMIME", "DSN"] { XCTAssertFalse(text.contains(word), word) }
        XCTAssertTrue(text.contains("PIPELINING"))
        dialogue.say(
            "AUTH PLAIN =\r\nMAIL FROM:<a@x> SIZE=1\r\nMAIL FROM:<a@x> BODY=8BITMIME\r\nMAIL FROM:<a@x> RET=FULL\r\n"
                + "MAIL FROM:<a@x> SMTPUTF8\r\nBDAT 1\r\nx")
        XCTAssertEqual(dialogue.codes, ["250", "502", "555", "555", "555", "250", "503"])
        var bare = dialogue
        bare.output = .init()
        XCTAssertEqual(bare.say("EHLO c\r\n"), "250 mx.example Hello c\r\n")
        XCTAssertTrue(bare.say("EHLO c\r\n").contains("250-CHUNKING\r\n"))
    }

    func testSTARTTLSMayBeRefusedHiddenOrBrokenOff() throws {
        let encryption = SMTPEncryption(selfSignedFor: "mx.example")
        guard encryption.context != nil else { throw lacking("OpenSSL is not installed") }
        func dialogue(_ rule: String) throws -> Dialogue {
            Dialogue(rules: [try CaptureRule(parsing: rule)]) { $0.encryption = encryption }
        }
        var refused = try dialogue("starttls reply='454 4.7.0 TLS not available'")
        refused.say("EHLO c\r\nSTARTTLS\r\nNOOP\r\n")
        XCTAssertEqual(refused.codes, ["250", "454", "250"])
        var hidden = try dialogue("helo hide=STARTTLS")
        XCTAssertFalse(hidden.say("EHLO c\r\nSTARTTLS\r\n").contains("250-STARTTLS"))
        XCTAssertEqual(hidden.codes, ["250", "502"])
        for (rule, ending) in [
            ("starttls hangup=after", SMTPSession.Ending.close), ("starttls hangup=after reset", .reset),
        ] {
            var broken = try dialogue(rule)
            broken.say("EHLO c\r\nSTARTTLS\r\n")
            XCTAssertEqual(broken.codes, ["250", "220"])
            XCTAssertFalse(broken.session.awaitsTLS)
            XCTAssertNil(broken.session.ending)
            broken.say([22, 3, 1])
            XCTAssertEqual(broken.session.ending, ending)
        }
    }

    // MARK: Jim
}
