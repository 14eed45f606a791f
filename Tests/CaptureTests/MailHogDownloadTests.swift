import TestSupport
import XCTest

@testable import MailroomCapture

/// What is downloaded of mails and their parts, line by line of MailHog's API.
final class MailHogDownloadTests: XCTestCase {
    private let mail = "From: Ann <ann@x.example>\r\nTo: b@y.example\r\nSubject: Hello\r\n\r\nThe body."
    private let multipart =
        "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\none\r\n"
        + "--B\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: BASE64\r\n"
        + "Content-Disposition: attachment; filename=\"a.pdf\"\r\nX-Part: 1\r\n\r\nJVBE\r\nRi0=\r\n"
        + "--B\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n--B--\r\n"

    // MARK: Download

    func testADownloadIsAnAttachmentOfTypeRFC822NamedAfterTheID() throws {
        let api = try APIServer()
        let id = try api.capture(mail)
        let answer = try api.ask("GET", "/api/v1/messages/\(id)/download")
        XCTAssertEqual(answer.status, 200)
        XCTAssertEqual(answer.field("Content-Type"), "message/rfc822")
        XCTAssertEqual(answer.field("Content-Disposition"), "attachment; filename=\"\(id).eml\"")
    }

    func testADownloadHasTheHeaderTheFieldsAddedAndTheBody() throws {
        let api = try APIServer()
        let id = try api.capture(mail)
        let text = try api.ask("GET", "/api/v1/messages/\(id)/download").text
        let sides = text.components(separatedBy: "\r\n\r\n")
        XCTAssertEqual(sides.count, 2)
        XCTAssertEqual(sides.last, "The body.")
        let header = try api.headers(id)
        for name in ["From", "To", "Subject", "Message-ID", "Received", "Return-Path"] {
            for value in header[name] ?? ["missing"] { XCTAssertTrue(text.contains("\(name): \(value)\r\n"), name) }
        }
        XCTAssertEqual(
            try api.ask("GET", "/api/v1/messages/\(try api.capture("no header"))/download").text.components(
                separatedBy: "\r\n\r\n"
            ).last, "no header")
    }

    func testADownloadKeepsRepeatedAndFoldedFieldsAndThoseWithoutABlank() throws {
        let api = try APIServer()
        let mail = "X: 1\r\nX: 2\r\nY:z\r\nReceived: one\r\nReceived: two\r\nLong: a\r\n b\r\n\r\nb"
        let id = try api.capture(mail)
        XCTAssertTrue(try api.ask("GET", "/api/v1/messages/\(id)/download").text.hasSuffix(mail))
    }

    func testADownloadsHeaderEndsWhereItEndedInTheMail() throws {
        let api = try APIServer()
        for (mail, header, body) in [
            ("\r\n\r\nbody", [], "body"), (" folded\r\n\tmore\r\nA: b\r\n\r\nbody", ["A: b"], "body"),
            (" folded\r\n\r\nbody", [], "body"), ("A: b\r\n\r\n", ["A: b"], ""), ("A: b", [], "A: b"),
        ] {
            let id = try api.capture(mail)
            let text = try api.ask("GET", "/api/v1/messages/\(id)/download").text
            let sides = text.components(separatedBy: "\r\n\r\n")
            XCTAssertEqual(sides.last, body, mail)
            let lines = sides[0].components(separatedBy: "\r\n").filter { $0.hasPrefix("A") || $0.contains("folded") }
            XCTAssertEqual(lines, header, mail)
        }
    }

    func testADownloadOfAnUnknownMessageIs404() throws {
        XCTAssertEqual(try APIServer().ask("GET", "/api/v1/messages/unknown/download").status, 404)
    }

    // MARK: Part download

    func testAPartIsDownloadedByItsIndexWithItsFieldsAndBase64Undone() throws {
        let api = try APIServer()
        let path = "/api/v1/messages/\(try api.capture(multipart))/mime/part"
        let answer = try api.ask("GET", "\(path)/1/download")
        XCTAssertEqual(answer.status, 200)
        XCTAssertEqual(answer.text, "%PDF-")
        XCTAssertEqual(answer.field("Content-Type"), "application/pdf; name=a.pdf")
        XCTAssertEqual(answer.field("Content-Transfer-Encoding"), "BASE64")
        XCTAssertEqual(answer.field("X-Part"), "1")
    }

    func testAPartsOwnDispositionWinsOverTheDefaultName() throws {
        let api = try APIServer()
        let id = try api.capture(multipart)
        let path = "/api/v1/messages/\(id)/mime/part"
        XCTAssertEqual(
            try api.ask("GET", "\(path)/0/download").field("Content-Disposition"),
            "attachment; filename=\"\(id)-part-0\"")
        let own = try api.ask("GET", "\(path)/1/download")
        XCTAssertEqual(own.field("Content-Disposition"), "attachment; filename=\"a.pdf\"")
        XCTAssertEqual(own.head.components(separatedBy: "Content-Disposition").count, 2)
    }

    func testQuotedPrintableIsNotUndone() throws {
        let api = try APIServer()
        let id = try api.capture(multipart)
        XCTAssertEqual(try api.ask("GET", "/api/v1/messages/\(id)/mime/part/2/download").text, "a=3Db")
    }

    func testAnIndexThatIsNoNumberIs0() throws {
        let api = try APIServer()
        let id = try api.capture(multipart)
        let answer = try api.ask("GET", "/api/v1/messages/\(id)/mime/part/x/download")
        XCTAssertEqual(answer.text, "one")
        XCTAssertEqual(answer.field("Content-Disposition"), "attachment; filename=\"\(id)-part-x\"")
    }

    func testAPartOutOfRangeOrOfAMailWithoutPartsIs404() throws {
        let api = try APIServer()
        let (parted, plain) = (try api.capture(multipart), try api.capture(mail))
        for target in ["\(parted)/mime/part/9", "\(parted)/mime/part/-1", "\(plain)/mime/part/0", "none/mime/part/0"] {
            XCTAssertEqual(try api.ask("GET", "/api/v1/messages/\(target)/download").status, 404, target)
        }
    }

    func testAPartCannotActInABrowserNorFrameTheAnswer() throws {
        let api = try APIServer()
        let id = try api.capture(
            "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/html\r\nSet-Cookie: a=b\r\n"
                + "Content-Length: 99\r\nTransfer-Encoding: chunked\r\nAccess-Control-Allow-Origin: *\r\n"
                + "Location: //evil.example\r\nContent-Security-Policy: none\r\nContent-Disposition: inline\r\n\r\n"
                + "<script>alert(1)</script>\r\n--B--\r\n")
        let answer = try api.ask("GET", "/api/v1/messages/\(id)/mime/part/0/download")
        XCTAssertEqual(answer.text, "<script>alert(1)</script>")
        for name in ["Set-Cookie", "Transfer-Encoding", "Access-Control-Allow-Origin", "Location"] {
            XCTAssertNil(answer.field(name), name)
        }
        XCTAssertEqual(answer.field("Content-Length"), "25")
        XCTAssertEqual(answer.field("Content-Security-Policy"), "default-src 'none'; sandbox")
        XCTAssertEqual(answer.field("X-Content-Type-Options"), "nosniff")
    }

    func testOnlyFieldsThatNobodyActsOnAreCopied() throws {
        let api = try APIServer()
        let copied = [
            "Content-ID", "Content-Description", "Content-Language", "X-Attachment-Id", "MIME-Version",
        ]
        let dropped = [
            "Speculation-Rules", "Content-Encoding", "Content-Range", "Set-Cookie2", "Refresh", "Link",
            "Clear-Site-Data", "Strict-Transport-Security", "Access-Control-Allow-Origin", "Service-Worker-Allowed",
            "X-Accel-Redirect", "X-Sendfile", "X-Frame-Options", "X_Under_Score", "Content_Type", "Cache-Control",
            "ETag", "Age", "Vary", "Via", "Server", "Status", "Allow", "Retry-After", "Content-Location",
            "Content-Unheard-Of",
            "Sec-WebSocket-Accept", "No-Vary-Search",
        ]
        let fields = (copied + dropped).map { "\($0): 1\r\n" }.joined()
        let id = try api.capture("Content-Type: multipart/x; boundary=B\r\n\r\n--B\r\n\(fields)\r\nx\r\n--B--")
        let answer = try api.ask("GET", "/api/v1/messages/\(id)/mime/part/0/download")
        XCTAssertEqual(answer.status, 200)
        for name in copied { XCTAssertEqual(answer.field(name), "1", name) }
        for name in dropped { XCTAssertNil(answer.field(name), name) }
    }

    func testAPartWithoutATypeIsTextUnlessItHasOtherOctets() throws {
        let api = try APIServer()
        let id = try api.capture(
            Array("Content-Type: multipart/x; boundary=B\r\n\r\n--B\r\n\r\n<html>\r\n--B\r\n\r\n".utf8) + [0x89, 1]
                + Array("\r\n--B--".utf8))
        for (part, type) in [(0, "text/plain; charset=utf-8"), (1, "application/octet-stream")] {
            let answer = try api.ask("GET", "/api/v1/messages/\(id)/mime/part/\(part)/download")
            XCTAssertEqual(answer.field("Content-Type"), type)
        }
    }
}
