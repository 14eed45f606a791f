import TestSupport
import XCTest

@testable import MailroomCapture

/// The routes of version 1, line by line of MailHog's API.
final class MailHogVersion1Tests: XCTestCase {
    private let mail = "From: Ann <ann@x.example>\r\nTo: b@y.example\r\nSubject: Hello\r\n\r\nThe body."
    private let multipart =
        "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\none\r\n"
        + "--B\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: BASE64\r\n"
        + "Content-Disposition: attachment; filename=\"a.pdf\"\r\nX-Part: 1\r\n\r\nJVBE\r\nRi0=\r\n"
        + "--B\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n--B--\r\n"

    // MARK: GET messages

    func testMessagesAreAnArrayOfFullMessagesNewestFirstAsTextJSON() throws {
        let api = try APIServer()
        let ids = try (1...3).map { try api.capture("Subject: \($0)\r\n\r\n\($0)") }
        let answer = try api.ask("GET", "/api/v1/messages")
        XCTAssertEqual(answer.status, 200)
        XCTAssertEqual(answer.field("Content-Type"), "text/json")
        let all = try XCTUnwrap(api.json("/api/v1/messages") as? [[String: Any]])
        XCTAssertEqual(all.compactMap { $0["ID"] as? String }, ids.reversed())
        XCTAssertEqual(Set(all[0].keys), ["ID", "From", "To", "Content", "Created", "MIME", "Raw"])
    }

    func testMessagesAreAtMost1000AndNotPaged() throws {
        let api = try APIServer()
        for number in 1...1003 { try api.capture("Subject: \(number)\r\n\r\n") }
        let all = try XCTUnwrap(api.json("/api/v1/messages?start=5&limit=2") as? [[String: Any]])
        XCTAssertEqual(all.count, 1000)
        let subjects = all.compactMap {
            (($0["Content"] as? [String: Any])?["Headers"] as? [String: [String]])?["Subject"]?.first
        }
        XCTAssertEqual([subjects.first, subjects.last], ["1003", "4"])
    }

    func testNoMessagesAreAnEmptyArray() throws {
        XCTAssertEqual(try APIServer().ask("GET", "/api/v1/messages").text, "[]")
    }

    func testMessagesOfAMaildirAreAnsweredLikeOthers() throws {
        let api = try APIServer()
        let folder = TestFolder()
        try api.store.open(Maildir(path: folder.path + "/mail", hostname: "h"))
        let id = try api.capture(mail)
        XCTAssertTrue(try api.ask("GET", "/api/v1/messages").text.hasPrefix("[{\"ID\":\"\(id)\","))
        XCTAssertTrue(try api.ask("GET", "/api/v1/messages/\(id)/download").text.hasSuffix(mail))
        XCTAssertEqual(try api.ask("DELETE", "/api/v1/messages/\(id)").status, 200)
        XCTAssertEqual(try api.ask("GET", "/api/v1/messages/\(id)").text, "null")
    }

    func testAnswersOfManyLargeMailsEndWhereTheNextRequestGoesOn() throws {
        let entries = [30, 30, 30, 70].enumerated().map { number, size in
            MessageStore.Entry(
                number: number,
                message: CapturedMessage(
                    id: "\(number)", receivedAt: .zero,
                    envelope: .init(helo: "", remoteAddress: "", reversePath: nil, recipients: []),
                    content: MailContent([UInt8](repeating: 65, count: size << 20))))
        }
        XCTAssertEqual(MailHogRoutes.fitting(entries).count, 2)
        XCTAssertEqual(MailHogRoutes.fitting(Array(entries[2...])).count, 1)
        XCTAssertEqual(MailHogRoutes.fitting(Array(entries[3...])).count, 1)
    }

    func testTheListWithATrailingSlashIsRedirected() throws {
        let api = try APIServer(prefix: "/mail")
        let answer = try api.ask("GET", "/api/v1/messages/?a=b&c")
        XCTAssertEqual(answer.status, 301)
        XCTAssertEqual(answer.field("Location"), "/mail/api/v1/messages?a=b&c")
        XCTAssertEqual(answer.text, "<a href=\"/mail/api/v1/messages?a=b&amp;c\">Moved Permanently</a>.\n\n")
        for path in ["/api/v1/messages/x/", "/api/v2/messages/", "/api/v2/search/", "/api/v2/jim/"] {
            XCTAssertEqual(try api.ask("GET", path).field("Location"), "/mail" + path.dropLast())
        }
    }

    func testPathsWithDoubledSlashesOrDotsAreRedirectedToTheCleanOnes() throws {
        let api = try APIServer()
        for (path, clean) in [
            ("//api/v1/messages", "/api/v1/messages"), ("/api//v2/messages?a=/../b", "/api/v2/messages?a=/../b"),
            ("/api/../api/v1/messages", "/api/v1/messages"), ("/./api/v1//messages/", "/api/v1/messages/"),
            ("//evil.example/", "/evil.example/"), ("/../..", "/"),
        ] {
            let answer = try api.ask("GET", path)
            XCTAssertEqual(answer.status, 301, path)
            XCTAssertEqual(answer.field("Location"), clean, path)
        }
        XCTAssertEqual(try api.ask("GET", "//\\evil.example").status, 404)
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

    // MARK: DELETE messages

    func testDeletingAllMessagesIs200EmptyTextJSON() throws {
        let api = try APIServer()
        try api.capture(mail)
        let answer = try api.ask("DELETE", "/api/v1/messages")
        XCTAssertEqual(answer.status, 200)
        XCTAssertEqual(answer.body, [])
        XCTAssertEqual(answer.field("Content-Type"), "text/json")
        XCTAssertEqual(api.store.count, 0)
    }

    // MARK: GET and DELETE one

    func testAMessageIsFoundByItsIDRawOrPercentEncoded() throws {
        let api = try APIServer()
        let id = try api.capture(mail)
        let encoded = id.replacingOccurrences(of: "=", with: "%3D").replacingOccurrences(of: "@", with: "%40")
        XCTAssertNotEqual(id, encoded)
        for path in [id, encoded] {
            let answer = try api.ask("GET", "/api/v1/messages/\(path)")
            XCTAssertEqual(answer.status, 200)
            XCTAssertEqual(answer.field("Content-Type"), "text/json")
            XCTAssertTrue(answer.text.hasPrefix("{\"ID\":\"\(id)\",\"From\":{"), answer.text)
        }
    }

    func testAnUnknownMessageIs200AndTheWordNull() throws {
        let answer = try APIServer().ask("GET", "/api/v1/messages/unknown@x")
        XCTAssertEqual(answer.status, 200)
        XCTAssertEqual(answer.text, "null")
        XCTAssertEqual(answer.field("Content-Type"), "text/json")
    }

    func testDeletingAMessageIs200EmptyTextJSONAndAgain500Empty() throws {
        let api = try APIServer()
        let id = try api.capture(mail)
        try api.capture(mail)
        for (status, target) in [(200, id), (500, id), (500, "unknown")] {
            let answer = try api.ask("DELETE", "/api/v1/messages/\(target)")
            XCTAssertEqual(answer.status, status)
            XCTAssertEqual(answer.body, [])
            XCTAssertEqual(answer.field("Content-Type"), "text/json")
        }
        XCTAssertEqual(api.store.count, 1)
    }

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

    // MARK: Everything else

    func testOptionsOnEachRouteIs200Empty() throws {
        let api = try APIServer()
        for path in [
            "messages", "messages/x", "messages/x/download", "messages/x/mime/part/1/download", "messages/x/release",
            "events",
        ] {
            let answer = try api.ask("OPTIONS", "/api/v1/\(path)")
            XCTAssertEqual(answer.status, 200, path)
            XCTAssertEqual(answer.body, [], path)
        }
    }

    func testAnythingElseAndTheWrongMethodAre404PageNotFound() throws {
        let api = try APIServer()
        for (method, path) in [
            ("GET", "/nothing"), ("GET", "/api"), ("GET", "/api/v1"), ("GET", "/api/v3/messages"),
            ("PUT", "/api/v1/messages"), ("POST", "/api/v1/messages"), ("POST", "/api/v1/messages/x"),
            ("GET", "/api/v1/messages/x/release"), ("DELETE", "/api/v2/messages"), ("POST", "/api/v2/search"),
            ("GET", "/api/v1/messages/x/y"), ("OPTIONS", "/nothing"), ("OPTIONS", "/api/v2/websocket"),
        ] {
            let answer = try api.ask(method, path)
            XCTAssertEqual(answer.status, 404, "\(method) \(path)")
            XCTAssertEqual(answer.field("Content-Type"), "text/plain; charset=utf-8")
            XCTAssertEqual(answer.text, "404 page not found\n")
        }
    }

    func testTheUIIsAtTheRootAndAMissingAssetIs404Empty() throws {
        let api = try APIServer(prefix: "/hog")
        let page = try api.ask("GET", "/")
        XCTAssertEqual(page.status, 200)
        XCTAssertEqual(page.field("Content-Type"), "text/html; charset=utf-8")
        for asset in ["/images/x.png", "/css/x.css", "/js/x.js", "/fonts/x"] {
            let answer = try api.ask("GET", asset)
            XCTAssertEqual(answer.status, 404, asset)
            XCTAssertEqual(answer.body, [], asset)
        }
    }

    func testEveryRouteIsUnderTheWebPath() throws {
        let api = try APIServer(prefix: "/a/b")
        let id = try api.capture(mail)
        XCTAssertEqual(try api.ask("GET", "/api/v1/messages/\(id)").status, 200)
        XCTAssertEqual(try api.ask("GET", "/api/v2/messages").status, 200)
        let bare = try api.ask("GET", "/../../api/v1/messages")
        XCTAssertEqual(bare.status, 301)
        XCTAssertEqual(bare.field("Location"), "/api/v1/messages")
    }
}
