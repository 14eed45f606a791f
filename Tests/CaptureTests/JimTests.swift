import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

/// MailHog's monkey.
final class JimTests: XCTestCase {
    private let envelope = "EHLO c.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"

    func testJimRefusesAsMailHogDoes() throws {
        var jim = Jim(
            disconnectChance: 0, acceptChance: 1, linkSpeedAffect: 1, linkSpeedMin: 1, linkSpeedMax: 1,
            rejectSenderChance: 1, rejectRecipientChance: 0, rejectAuthChance: 1)
        func dialogue(_ text: String) -> Dialogue {
            var dialogue = Dialogue { $0.rules = RuleBook(seed: 1, jim: jim) }
            dialogue.session.begin(&dialogue.output)
            dialogue.say(text)
            return dialogue
        }
        let first = dialogue("EHLO c\r\nAUTH PLAIN =\r\nMAIL FROM:<a@x>\r\n").text
        XCTAssertTrue(first.hasSuffix("\r\n500 Unrecognised command\r\n550 Invalid sender a@x\r\n"), first)
        jim.rejectSenderChance = 0
        jim.rejectRecipientChance = 1
        let second = dialogue(envelope).text
        XCTAssertTrue(second.hasSuffix("\r\n550 Invalid recipient b@y.example\r\n"), second)
        jim.acceptChance = 0
        XCTAssertEqual(dialogue("EHLO c\r\n").text, "")
        XCTAssertTrue(dialogue("").session.isOver)
        jim.acceptChance = 1
        jim.disconnectChance = 1
        XCTAssertEqual(dialogue("EHLO c\r\n").codes, ["220"])
    }

    func testWhatASeedGivesDoesNotDependOnHowOftenJimSeesASocketRead() throws {
        var jim = Jim.defaults
        jim.disconnectChance = 0.000_001
        jim.rejectSenderChance = 0.5
        func codes(every size: Int) throws -> [String] {
            let rules = RuleBook([try CaptureRule(parsing: "noop chance=0.5 reply=450")], seed: 7, jim: jim)
            var dialogue = Dialogue { $0.rules = rules }
            dialogue.say(
                "EHLO c\r\n" + String(repeating: "NOOP\r\nMAIL FROM:<a@x>\r\nRSET\r\n", count: 100), every: size)
            return dialogue.codes
        }
        let whole = try codes(every: .max)
        XCTAssertTrue(whole.contains("450") && whole.contains("550"))
        XCTAssertEqual(try codes(every: 1), whole)
        XCTAssertEqual(try codes(every: 100), whole)
    }

    func testJimsDefaultsLetMostThrough() {
        let book = RuleBook(seed: 4, jim: .defaults)
        var refused = 0
        for _ in 0..<2000 where book.decision(for: RuleEvent(stage: .rcpt, recipients: ["b@x"])) != nil { refused += 1 }
        XCTAssertTrue((60...140).contains(refused), "\(refused)")
        XCTAssertNil(book.decision(for: RuleEvent(stage: .content)))
        let before = (0..<2000).filter { _ in book.disconnects() }.count
        XCTAssertTrue((1...30).contains(before), "\(before)")
        book.jim = nil
        XCTAssertFalse((0..<2000).contains { _ in book.disconnects() })
    }
}
