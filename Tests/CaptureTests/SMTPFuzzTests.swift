import TestSupport
import XCTest

@testable import MailroomCapture

/// Random octets and mangled dialogues in random pieces.
final class SMTPFuzzTests: XCTestCase {
    private static let fragments: [String] = [
        "EHLO c.example\r\n", "HELO c\r\n", "MAIL FROM:<a@x.example>\r\n", "MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\n",
        "RCPT TO:<b@y.example>\r\n", "RCPT TO:<c@y.example> NOTIFY=NEVER ORCPT=rfc822;x@y\r\n", "DATA\r\n", ".\r\n",
        "Subject: x\r\n\r\nbody\r\n.\r\n", "..stuffed\r\n", "BDAT 4\r\nabcd", "BDAT 3 LAST\r\n.\r\n", "BDAT 0 LAST\r\n",
        "BDAT 70000 LAST\r\n", "BDAT x\r\n", "RSET\r\n", "NOOP\r\n", "VRFY a\r\n", "AUTH LOGIN\r\n", "AUTH PLAIN =\r\n",
        "am9l\r\n", "*\r\n", "STARTTLS\r\n", "\r\n", "\n", "\r", "\0", ".", "\r\n.\r\n", "\n.\n", "\u{16}", "ü",
        "MAIL FROM:<ü@x> SMTPUTF8\r\n", "X\r\n",
    ]

    private func input(_ generator: inout SeededGenerator) -> [UInt8] {
        var input: [UInt8] = []
        for _ in 0..<Int.random(in: 1...40, using: &generator) {
            switch Int.random(in: 0..<12, using: &generator) {
            case 0:
                input += (0..<Int.random(in: 1...50, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
            case 1: input += [UInt8](repeating: UInt8(ascii: "x"), count: Int.random(in: 1...3000, using: &generator))
            default: input += Array((Self.fragments.randomElement(using: &generator) ?? "").utf8)
            }
        }
        // Some octets are changed, left out or doubled.
        for _ in 0..<Int.random(in: 0...3, using: &generator) where !input.isEmpty {
            let place = Int.random(in: 0..<input.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: input[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: input.remove(at: place)
            default: input.insert(input[place], at: place)
            }
        }
        return input
    }

    private struct Result: Equatable {
        let replies: String
        let mails: [Mailbag.Mail]
        let isOver: Bool
    }

    private func result(
        of input: [UInt8], _ limits: SMTPLimits, rules: [CaptureRule] = [], piece: () -> Int
    ) -> Result {
        var dialogue = Dialogue(limits, rules: rules)
        dialogue.feed(input, by: piece)
        return Result(replies: dialogue.text, mails: dialogue.received, isOver: dialogue.session.isOver)
    }

    func testWhateverComesInWhateverPiecesTheRepliesAreTheSame() throws {
        var generator = SeededGenerator(2026)
        var limits = SMTPLimits()
        limits.commandBytes = 600
        limits.messageBytes = 2000
        limits.recipients = 3
        limits.errors = 8
        let pausing = try ["mail delay=1s", "rcpt drip", "bdat delay=1ms drip=1ms", "noop delay=0.5"].map {
            try CaptureRule(parsing: $0)
        }
        var mails = 0
        for round in 0..<600 {
            var input = input(&generator)
            if round % 2 == 0 { input = Array("EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n".utf8) + input }
            let whole = result(of: input, limits) { .max }
            XCTAssertEqual(result(of: input, limits) { 1 }, whole, "round \(round) octet by octet")
            XCTAssertEqual(
                result(of: input, limits) { Int.random(in: 1...20, using: &generator) }, whole, "round \(round)")
            XCTAssertEqual(result(of: input, limits, rules: pausing) { .max }, whole, "round \(round) with pauses")
            XCTAssertEqual(
                result(of: input, limits, rules: pausing) { Int.random(in: 1...20, using: &generator) }, whole,
                "round \(round) with pauses, in pieces")
            for mail in whole.mails { XCTAssertLessThanOrEqual(mail.bytes.count, limits.messageBytes) }
            for line in whole.replies.components(separatedBy: "\r\n").dropLast() {
                XCTAssertNotNil(line.range(of: "^[2-5][0-9][0-9][ -]", options: .regularExpression), line)
                XCTAssertLessThanOrEqual(line.utf8.count, 512)
            }
            mails += whole.mails.count
        }
        XCTAssertGreaterThan(mails, 40)
    }

    func testALineWithoutEndNeedsNoMemory() {
        var dialogue = Dialogue()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<64 { dialogue.say(piece) }
        var held = 0
        for child in Mirror(reflecting: dialogue.session).children {
            if let bytes = child.value as? [UInt8] { held += bytes.capacity }
        }
        XCTAssertLessThan(held, 64 * 1024)
        dialogue.say("\r\nNOOP\r\n")
        XCTAssertEqual(dialogue.codes, ["500", "250"])
    }

    func testAFloodOfCommandsIsAnsweredNoFasterThanTheRepliesLeave() throws {
        let flood = String(repeating: "HELP\r\n", count: 5000)
        var dialogue = Dialogue()
        dialogue.push(flood)
        XCTAssertTrue(dialogue.isWaiting)
        XCTAssertLessThan(dialogue.text.utf8.count, 300 * 1024)
        while dialogue.isWaiting { dialogue.goOn() }
        XCTAssertEqual(dialogue.codes.count, 5000)
        var dripping = Dialogue(rules: [try CaptureRule(parsing: "help drip")])
        dripping.push(flood)
        XCTAssertEqual(dripping.codes, ["214"])
        while dripping.isWaiting { dripping.goOn() }
        dripping.goOn()
        XCTAssertEqual(dripping.codes.count, 5000)
        XCTAssertEqual(dripping.waits, 4999)
    }
}
