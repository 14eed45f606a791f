import XCTest

@testable import MailroomMIME

final class LongHeaderTests: XCTestCase {
    func testFoldsTwoHundredReferences() throws {
        var message = try Samples.message()
        message.references = (0..<200).map { "\($0)." + String(repeating: "r", count: $0 * 4) + "@example.org" }
        XCTAssertEqual(message.problems(), [])
        let bytes = message.encoded()
        assertSevenBitLines(bytes)
        XCTAssertEqual(
            Entity(parsing: bytes).first("References"), message.references.map { "<\($0)>" }.joined(separator: " "))
    }

    func testKeepsToTheLimitOfALineWithAnyField() throws {
        for count in [70, 77, 78, 79, 799, 800, 801, 900, 997, 998, 999, 5000] {
            for unit in ["x", "é", "🎾", "\"", "\\", "=?", " ", "a "] {
                let long = String(repeating: unit, count: count)
                var message = try Samples.message(subject: long)
                message.from[0].name = long
                message.sender = Mailbox(name: "x" + long, address: message.from[0].address)
                message.fields = [
                    try HeaderField("X-A", long), try HeaderField(String(repeating: "X", count: 76), "x" + long + "y"),
                ]
                message.attachments = [
                    MIMEPart(fileName: "f" + long + ".x", mediaType: try .pdf.with("name", long), bytes: [1])
                ]
                let bytes = message.encoded()
                assertSevenBitLines(bytes)
                for line in headerLines(bytes) {
                    XCTAssertFalse(line.hasSuffix(" "), "a blank at the end of \(line.debugDescription)")
                    XCTAssertTrue(line.contains { $0 != " " && $0 != "\t" })
                    if line.contains("=?utf-8?") { XCTAssertLessThanOrEqual(line.utf8.count, 78, line) }
                }
                let read = Entity(parsing: bytes)
                XCTAssertEqual(read.first("Subject"), MessageGenerator.trimmed(long))
                XCTAssertEqual(read.mailboxes("Sender").first?.name, "x" + long)
                XCTAssertEqual(read.first(String(repeating: "X", count: 76)), "x" + long + "y")
                if count < 1000 { XCTAssertEqual(read.attachments.first?.contentType["name"], long) }
                XCTAssertGreaterThanOrEqual(MessageLayout(message).estimatedSize, bytes.count)
            }
        }
    }

    func testAnEmptyValueLeavesNoBlankAtTheEndOfItsLine() throws {
        var message = try Samples.message(subject: "")
        message.fields = [try HeaderField("X-Empty", " \t")]
        XCTAssertEqual(written("Subject", message.encoded()), "Subject:")
        XCTAssertEqual(written("X-Empty", message.encoded()), "X-Empty:")
        XCTAssertEqual(Entity(parsing: message.encoded()).first("Subject"), "")
    }

    func testUnsubscribesByOneClick() throws {
        var message = try Samples.message()
        message.unsubscribe = try .oneClick(
            "https://example.org/u?t=1", mail: EmailAddress("\"leave, now\"@münchen.de"))
        XCTAssertEqual(
            written("List-Unsubscribe", message.encoded()),
            "List-Unsubscribe: <https://example.org/u?t=1>,\r\n <mailto:%22leave%2C%20now%22@xn--mnchen-3ya.de>")
        XCTAssertEqual(
            written("List-Unsubscribe-Post", message.encoded()), "List-Unsubscribe-Post: List-Unsubscribe=One-Click")
        message.fields = [try HeaderField("list-unsubscribe-post", "x"), try HeaderField("X-Other", "y")]
        XCTAssertEqual(message.problems().map(\.field), ["list-unsubscribe-post"])
        XCTAssertEqual(
            Entity(parsing: message.encoded()).fields.filter { $0.name.lowercased() == "list-unsubscribe-post" }.count,
            1)
        message.unsubscribe = nil
        XCTAssertEqual(message.problems(), [])
        message.unsubscribe = try ListUnsubscribe(["mailto:a@example.org"])
        XCTAssertEqual(written("List-Unsubscribe-Post", message.encoded()), "")
    }

    func testALinkToUnsubscribeIsNeverBrokenOverLines() throws {
        var message = try Samples.message()
        let link = "https://example.org/" + String(repeating: "x", count: 880)
        message.unsubscribe = try .oneClick(link, mail: EmailAddress("leave@example.org"))
        assertSevenBitLines(message.encoded())
        XCTAssertTrue(string(message.encoded()).contains("<\(link)>"))
    }

    func testRefusesLinksThatNobodyCouldFollow() {
        for links in [
            [], [""], ["https:"], ["example.org/u"], ["ftp://example.org"], ["javascript:x"], ["https://e.org/é"],
            ["https://e.org/a b"], ["https://e.org/>"], ["https://e.org/" + String(repeating: "x", count: 900)],
        ] {
            XCTAssertThrowsError(try ListUnsubscribe(links), "\(links)")
        }
        for links in [
            ["mailto:a@example.org"], ["http://example.org/u"], ["https://a.org/", "https://b.org/"],
            ["https://a.org/", "http://b.org/"],
        ] {
            XCTAssertNoThrow(try ListUnsubscribe(links))
            XCTAssertThrowsError(try ListUnsubscribe(links, oneClick: true), "\(links)")
        }
    }
}
