import Mailroom
import XCTest

@testable import MailroomSMTP

final class BodyTests: XCTestCase {
    /// The body as it leaves in blocks of this size.
    private func stuffed(_ bytes: [UInt8], block: Int = .max) throws -> [UInt8] {
        let body = try SMTPBody(bytes)
        var sent: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let range = start..<(block < bytes.count - start ? start + block : bytes.count)
            body.withStuffed(range) { sent.append(contentsOf: $0) }
            start = range.upperBound
        }
        return sent
    }

    func testDoublesDotsAtTheStartOfLinesOnly() throws {
        for (text, expected) in [
            ("", ""), (".", ".."), (".\r\n", "..\r\n"), ("a\r\n.\r\n", "a\r\n..\r\n"), ("..", "..."),
            ("a.b\r\n. c\r\n.\r\n.\r\n", "a.b\r\n.. c\r\n..\r\n..\r\n"), ("a\r\n", "a\r\n"), ("a.\r\nb", "a.\r\nb"),
        ] {
            for block in [1, 2, 3, 5, Int.max] {
                XCTAssertEqual(String(decoding: try stuffed(Array(text.utf8), block: block), as: UTF8.self), expected)
            }
        }
    }

    func testNothingIsLostOrAddedWhereverTheDotsFall() throws {
        for length in 0..<40 {
            for dot in 0..<max(length, 1) {
                var bytes: [UInt8] = []
                while bytes.count < length { bytes += bytes.count == dot ? [46] : [120, 13, 10] }
                let sent = try stuffed(bytes, block: 7)
                XCTAssertEqual(sent, try stuffed(bytes))
                // What a server takes away again (RFC 5321 §4.5.2).
                var plain: [UInt8] = []
                var atStart = true
                for byte in sent {
                    if !(atStart && byte == 46) { plain.append(byte) }
                    atStart = byte == 10
                }
                XCTAssertEqual(plain.filter { $0 != 46 }, bytes.filter { $0 != 46 })
                XCTAssertFalse(String(decoding: [13, 10] + sent, as: UTF8.self).contains("\r\n.\r\n"))
            }
        }
    }

    func testRefusesEveryLoneCRAndLF() {
        for text in ["a\nb", "a\rb", "\n", "\r", "a\r\n\n", "a\r\r\n", "a\r\n\r", "a\n\r", "a\r\n.\n", "a\n.\r\n"] {
            XCTAssertThrowsError(try SMTPBody(Array(text.utf8)), text.debugDescription) {
                XCTAssertEqual(($0 as? TransportError)?.isTransient, false)
            }
        }
    }

    func testKnowsWhetherItIsEightBitAndEndsItsLine() throws {
        XCTAssertFalse(try SMTPBody(Array("a\r\n".utf8)).isEightBit)
        XCTAssertTrue(try SMTPBody(Array("ä\r\n".utf8)).isEightBit)
        XCTAssertTrue(try SMTPBody([]).endsLine)
        XCTAssertTrue(try SMTPBody(Array("a\r\n".utf8)).endsLine)
        XCTAssertFalse(try SMTPBody(Array("a".utf8)).endsLine)
    }
}
