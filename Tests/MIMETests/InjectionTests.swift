import MailroomMIME
import XCTest

final class InjectionTests: XCTestCase {
    private let evil = "x\r\nBcc: victim@example.org\r\n\r\nbody\0\u{1}"

    func testProblemsNameEveryFieldThatCannotBeWritten() throws {
        var message = try Samples.message(from: ["zoé@example.org"], subject: evil)
        message.from.append(Mailbox(name: evil, address: try EmailAddress("b@example.org")))
        message.messageID = "a b"
        message.references = [evil]
        message.fields = [try HeaderField("Bcc", "a@b.org"), try HeaderField("content-type", "x/y")]
        message.date = MessageDate(secondsSince1970: .max)
        message.attachments = [MIMEPart(fileName: evil, mediaType: try MediaType("multipart/mixed"), bytes: [])]
        message.inline = [MIMEPart(bytes: [], contentID: "")]
        let fields = Set(message.problems().map(\.field))
        XCTAssertEqual(
            fields,
            [
                "From", "Sender", "Subject", "Date", "Message-ID", "References", "Bcc", "content-type", "file name",
                "Content-ID", "Content-Type",
            ])
        for problem in message.problems() { XCTAssertFalse("\(problem)".contains("victim"), "\(problem)") }
        XCTAssertEqual(try Samples.message(to: ["zoé@example.org"]).problems(), [])
        var empty = try Samples.message()
        empty.from = []
        XCTAssertEqual(empty.problems().map(\.field), ["From"])
    }

    func testControlsAnywhereMakeNoFieldAndNoLine() throws {
        var message = try Samples.message(subject: evil)
        message.from = [Mailbox(name: evil, address: try EmailAddress("a@example.org"))]
        message.to = [Mailbox(name: "é" + evil, address: try EmailAddress("zoé@example.org"))]
        message.messageID = evil
        message.inReplyTo = [evil]
        message.references = [evil, "ok@example.org"]
        message.fields = [try HeaderField("Bcc", "a@b.org"), try HeaderField("To", "a@b.org")]
        message.html = "<p>"
        message.inline = [MIMEPart(fileName: evil, bytes: [1], contentID: evil)]
        message.attachments = [MIMEPart(fileName: "é" + evil, mediaType: .pdf, bytes: [1])]
        let bytes = message.encoded()
        assertSevenBitLines(bytes)
        let read = Entity(parsing: bytes)
        XCTAssertEqual(
            read.fields.map(\.name),
            [
                "Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "MIME-Version",
                "Content-Type",
            ])
        XCTAssertNil(read.first("Bcc"))
        XCTAssertEqual(read.plainText, "T\r\n")
        XCTAssertEqual(read.attachments.count, 2)
        XCTAssertFalse(string(bytes).components(separatedBy: "\r\n").contains { $0.hasPrefix("Bcc") })
    }

    func testAnAddressWithoutASCIIFormBecomesAnEmptyGroup() throws {
        let bytes = try Samples.message(to: ["zoé@example.org", "b@example.org"]).encoded()
        XCTAssertEqual(written("To", bytes), "To: =?utf-8?Q?zo=C3=A9=40example=2Eorg?= :;, b@example.org")
    }
}

func assertSevenBitLines(_ bytes: [UInt8], limit: Int = 998, file: StaticString = #filePath, line: UInt = #line) {
    var column = 0
    var previous: UInt8 = 0
    for (index, byte) in bytes.enumerated() {
        if byte >= 128 || byte == 0 { return XCTFail("octet \(byte) at \(index)", file: file, line: line) }
        if (byte == 10) != (previous == 13) { return XCTFail("lone line ending at \(index)", file: file, line: line) }
        column = byte == 10 ? 0 : column + 1
        if column > limit + 1 || column > limit && byte != 13 {
            return XCTFail("long line at \(index)", file: file, line: line)
        }
        previous = byte
    }
    XCTAssertEqual(previous, 10, "the last line is not ended", file: file, line: line)
}
