import Foundation
import XCTest

@testable import MailroomMIME

final class GeneratedMessageTests: XCTestCase {
    func testEveryMessageIsSevenBitAndReadsBackAsItWas() throws {
        var generator = MessageGenerator(seed: 7)
        for index in 0..<600 {
            let message = generator.message()
            XCTAssertEqual(message.problems(), [], "\(index)")
            let bytes = message.encoded()
            assertSevenBitLines(bytes)
            XCTAssertEqual(bytes, message.encoded())
            var appended: [UInt8] = [1, 2]
            message.write(into: &appended)
            XCTAssertEqual(Array(appended.dropFirst(2)), bytes)
            // A blank at a line's end may be lost on the way, and with it a signature (RFC 6376 §3.4).
            for line in string(bytes).components(separatedBy: "\r\n") {
                XCTAssertFalse(line.hasSuffix(" ") || line.hasSuffix("\t"), line.debugDescription)
            }
            XCTAssertGreaterThanOrEqual(MessageLayout(message).estimatedSize, bytes.count, "\(index)")
            for line in string(bytes).components(separatedBy: "\r\n") where line.utf8.count > 78 {
                // Only what has no blank to fold at may be longer, and no encoded word is.
                let value =
                    line.hasPrefix(" ") ? line.drop { $0 == " " || $0 == "\t" } : line.drop { $0 != " " }.dropFirst()
                XCTAssertFalse(value.contains(" ") || line.contains("=?utf-8?"), line)
            }

            let read = Entity(parsing: bytes)
            XCTAssertEqual(read.first("Subject"), MessageGenerator.trimmed(message.subject), "\(index)")
            XCTAssertEqual(read.mailboxes("From"), message.from.map(MessageGenerator.asRead), "\(index)")
            XCTAssertEqual(read.mailboxes("To"), message.to.map(MessageGenerator.asRead), "\(index)")
            XCTAssertEqual(read.mailboxes("Cc"), message.cc.map(MessageGenerator.asRead), "\(index)")
            XCTAssertEqual(read.mailboxes("Reply-To"), message.replyTo.map(MessageGenerator.asRead), "\(index)")
            XCTAssertEqual(
                read.mailboxes("Sender"), message.sender.map { [MessageGenerator.asRead($0)] } ?? [], "\(index)")
            XCTAssertEqual(read.first("Date"), message.date.description)
            XCTAssertEqual(read.first("Message-ID"), "<\(message.messageID)>")
            for (name, ids) in [("In-Reply-To", message.inReplyTo), ("References", message.references)] {
                XCTAssertEqual(
                    read.first(name), ids.isEmpty ? nil : ids.map { "<\($0)>" }.joined(separator: " "), "\(index)")
            }
            XCTAssertEqual(
                read.first("List-Unsubscribe"),
                message.unsubscribe.map { $0.links.map { "<\($0)>" }.joined(separator: ", ") }, "\(index)")
            XCTAssertEqual(
                read.first("List-Unsubscribe-Post"),
                message.unsubscribe?.isOneClick == true ? "List-Unsubscribe=One-Click" : nil, "\(index)")
            for field in message.fields {
                XCTAssertEqual(read.first(field.name), MessageGenerator.trimmed(field.value), "\(index)")
            }
            let isLone = MessageGenerator.endsItsLastLine(read)
            XCTAssertEqual(read.plainText, MessageGenerator.normalised(message.text, isLone), "\(index)")
            XCTAssertEqual(read.html, MessageGenerator.normalised(message.html, isLone), "\(index)")
            let parts = message.inline + message.attachments
            XCTAssertEqual(read.attachments.map(\.body), parts.map(\.bytes), "\(index)")
            XCTAssertEqual(read.attachments.map(\.fileName), parts.map(\.fileName), "\(index)")
            XCTAssertEqual(read.attachments.map(\.contentType), parts.map(\.mediaType), "\(index)")
        }
    }
}
