import Mailroom
import XCTest

@testable import MailroomSMTP

final class ReplyParserTests: XCTestCase {
    private func replies(_ text: [UInt8], piece: Int) throws -> [Reply] {
        var parser = SMTPReplyParser()
        var found: [Reply] = []
        var rest = text[...]
        while !rest.isEmpty {
            Array(rest.prefix(piece)).withUnsafeBytes { parser.append($0) }
            rest = rest.dropFirst(piece)
            while let reply = try parser.next() { found.append(parser.reply(reply)) }
        }
        return found
    }

    private func violation(_ text: String) -> String? {
        do {
            _ = try replies(Array(text.utf8), piece: 4096)
            return nil
        } catch {
            return (error as? SMTPViolation)?.reason
        }
    }

    func testReadsTheSameRepliesHoweverTheyAreCut() throws {
        let text = Array(
            "220 hi\r\n250-2.1.0 one\r\n250-2.1.0 two\r\n250 2.1.0 three\r\n\r\n354\r\n550 5.1.1 no\n250\r\n".utf8)
        let expected = [
            Reply(code: 220, text: "hi"), Reply(code: 250, enhancedStatus: "2.1.0", text: "one\ntwo\nthree"),
            Reply(code: 354, text: ""), Reply(code: 550, enhancedStatus: "5.1.1", text: "no"),
            Reply(code: 250, text: ""),
        ]
        for piece in 1...text.count { XCTAssertEqual(try replies(text, piece: piece), expected, "pieces of \(piece)") }
    }

    func testAnEnhancedStatusMustBeOneOfTheReplysClass() throws {
        for (text, status) in [
            ("550 5.1.1 no", "5.1.1"), ("550 5.1.1", "5.1.1"), ("550 4.1.1 no", nil), ("550 5.1 no", nil),
            ("550 5.1.1.1 no", nil), ("550 5.1.1234 no", nil), ("550 5..1 no", nil), ("550 5.1.x no", nil),
            ("550 5.123.999 no", "5.123.999"), ("354 3.0.0 go", "3.0.0"),
        ] as [(String, String?)] {
            XCTAssertEqual(try replies(Array("\(text)\r\n".utf8), piece: 99)[0].enhancedStatus, status, text)
        }
    }

    func testMarksInvalidUTF8AndReplacesControls() throws {
        let reply = try replies([0x32, 0x35, 0x30, 0x20, 0xFF, 0x41, 0x00, 0x1B, 0x42, 13, 10], piece: 3)
        XCTAssertEqual(reply, [Reply(code: 250, text: "\u{FFFD}A  B")])
        XCTAssertEqual(try replies(Array("250 Grüße\r\n".utf8), piece: 1)[0].text, "Grüße")
    }

    func testRefusesWhatIsNoReply() {
        for text in [
            "hello\r\n", "25 x\r\n", "2500\r\n", "650 x\r\n", "150 x\r\n", "250_x\r\n", "25a x\r\n", " 250 x\r\n",
            "HTTP/1.1 400 Bad Request\r\n", "\0\0\0\r\n",
        ] {
            XCTAssertNotNil(violation(text), text)
        }
        XCTAssertNotNil(violation("250-a\r\n251 b\r\n"), "codes must agree")
        XCTAssertNotNil(violation("250-a\r\n\r\n250 b\r\n"), "an empty line within a reply")
    }

    func testALineMayHave2048OctetsAndNoMore() {
        XCTAssertNil(violation("250 \(String(repeating: "x", count: 2043))\r\n"))
        XCTAssertNotNil(violation("250 \(String(repeating: "x", count: 2046))\r\n"))
        XCTAssertNotNil(violation(String(repeating: "x", count: 2049)), "without an end")
    }

    func testAReplyMayHave128LinesAndNoMore() {
        XCTAssertNil(violation(String(repeating: "250-x\r\n", count: 127) + "250 x\r\n"))
        XCTAssertNotNil(violation(String(repeating: "250-x\r\n", count: 129)))
        XCTAssertNotNil(violation(String(repeating: "\r\n", count: 17)), "nothing but empty lines")
    }
}
