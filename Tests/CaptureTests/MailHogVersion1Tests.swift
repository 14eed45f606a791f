import TestSupport
import XCTest

@testable import MailroomCapture

/// The routes of version 1, line by line of MailHog's API.
final class MailHogVersion1Tests: XCTestCase {
    private let mail = "From: Ann <ann@x.example>\r\nTo: b@y.example\r\nSubject: Hello\r\n\r\nThe body."

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
