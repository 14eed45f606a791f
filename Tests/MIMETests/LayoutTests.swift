import MailroomMIME
import XCTest

final class LayoutTests: XCTestCase {
    /// Which parts stand in which, for every combination of contents.
    func testNestsPartsForEveryCombination() throws {
        let image = MIMEPart(fileName: "i.png", mediaType: .png, bytes: [1], contentID: "i@x")
        let file = MIMEPart(fileName: "f.pdf", mediaType: .pdf, bytes: [2])
        let combinations: [(text: Bool, html: Bool, inline: Bool, attached: Bool, tree: String)] = [
            (false, false, false, false, "text/plain"),
            (true, false, false, false, "text/plain"),
            (false, true, false, false, "text/html"),
            (true, true, false, false, "multipart/alternative(text/plain,text/html)"),
            (false, false, true, false, "multipart/mixed(image/png)"),
            (true, false, true, false, "multipart/mixed(text/plain,image/png)"),
            (false, true, true, false, "multipart/related(text/html,image/png)"),
            (true, true, true, false, "multipart/alternative(text/plain,multipart/related(text/html,image/png))"),
            (false, false, false, true, "multipart/mixed(application/pdf)"),
            (true, false, false, true, "multipart/mixed(text/plain,application/pdf)"),
            (false, true, false, true, "multipart/mixed(text/html,application/pdf)"),
            (true, true, false, true, "multipart/mixed(multipart/alternative(text/plain,text/html),application/pdf)"),
            (false, false, true, true, "multipart/mixed(image/png,application/pdf)"),
            (true, false, true, true, "multipart/mixed(text/plain,image/png,application/pdf)"),
            (false, true, true, true, "multipart/mixed(multipart/related(text/html,image/png),application/pdf)"),
            (
                true, true, true, true,
                "multipart/mixed(multipart/alternative(text/plain,multipart/related(text/html,image/png)),application/pdf)"
            ),
        ]
        for (text, html, inline, attached, tree) in combinations {
            var message = try Samples.message(text: text ? "T" : nil, html: html ? "<p>" : nil)
            message.inline = inline ? [image] : []
            message.attachments = attached ? [file] : []
            let read = Entity(parsing: message.encoded())
            XCTAssertEqual(ReadingCases.tree(read), tree)
            XCTAssertEqual(read.plainText != nil, text || tree == "text/plain", tree)
            XCTAssertEqual(read.html != nil, html, tree)
            XCTAssertEqual(read.attachments.map(\.body), (inline ? [[1]] : []) + (attached ? [[2]] : []), tree)
            if inline { XCTAssertEqual(read.attachments[0].disposition, "inline", tree) }
        }
    }

    func testNeverEncodesAMessageWithinTheMessage() throws {
        var outer = try Samples.message()
        outer.attachments = [
            MIMEPart(mediaType: .message, bytes: Array("Subject: a\n\n.\nFrom b\r\n \nc".utf8)),
            MIMEPart(mediaType: .message, bytes: Array("Subject: a\r\rb".utf8)),
            MIMEPart(mediaType: .message, bytes: Array(("Subject: " + String(repeating: "x", count: 998)).utf8)),
            MIMEPart(mediaType: .message, bytes: []),
        ]
        let bytes = outer.encoded()
        assertSevenBitLines(bytes)
        let read = Entity(parsing: bytes).attachments
        XCTAssertEqual(
            read.map(\.contentType.essence),
            ["message/rfc822", "application/octet-stream", "application/octet-stream", "message/rfc822"])
        XCTAssertEqual(read[0].fields.map(\.value).prefix(2), ["message/rfc822", "7bit"])
        XCTAssertEqual(string(read[0].body), "Subject: a\r\n\r\n.\r\nFrom b\r\n \r\nc")
        XCTAssertEqual(read[1].body, outer.attachments[1].bytes)
    }

    func testSaysTheCharacterSetOfATextFile() throws {
        var message = try Samples.message()
        message.attachments = [
            MIMEPart(fileName: "a.csv", mediaType: .csv, bytes: Array("Zoé;ü\n".utf8)),
            MIMEPart(fileName: "b.csv", mediaType: .csv, bytes: Array("plain".utf8)),
            MIMEPart(fileName: "c.csv", mediaType: try .csv.with("charset", "iso-8859-1"), bytes: [0x5A, 0xE9]),
            MIMEPart(fileName: "d.csv", mediaType: .csv, bytes: [0x5A, 0xE9]),
        ]
        let read = Entity(parsing: message.encoded()).attachments
        XCTAssertEqual(read.map { $0.contentType["charset"] }, ["utf-8", nil, "iso-8859-1", nil])
        XCTAssertEqual(read.map(\.text), ["Zoé;ü\n", "plain", "Zé", "Zé"])
        XCTAssertEqual(read.map(\.body), message.attachments.map(\.bytes))
    }
}
