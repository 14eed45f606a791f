import MailroomHTTP
import XCTest

@testable import MailroomCapture

/// What other origins are told, and the rules beside MailHog's routes.
final class MailHogAccessTests: XCTestCase {
    private let origin = "http://app.example:3000"

    // MARK: CORS

    func testNoCORSFieldsAreSentUnlessAnOriginIsConfigured() throws {
        let api = try APIServer()
        for path in ["/api/v1/messages", "/api/v2/messages", "/api/v2/search?kind=to&query=x"] {
            for method in ["GET", "OPTIONS"] {
                let answer = try api.ask(method, path, fields: ["Origin: \(origin)"])
                XCTAssertFalse(answer.head.lowercased().contains("access-control"), answer.head)
            }
        }
    }

    func testCORSFieldsNameTheOriginContentTypeAndTheVersionsMethods() throws {
        let api = try APIServer(corsOrigin: origin)
        let id = try api.capture("Content-Type: multipart/x; boundary=B\r\n\r\n--B\r\n\r\nx\r\n--B--")
        let first = "OPTIONS,GET,POST,DELETE"
        let second = "OPTIONS,GET,PUT,POST,DELETE"
        for (method, path, methods) in [
            ("GET", "/api/v1/messages", first), ("OPTIONS", "/api/v1/messages", first),
            ("GET", "/api/v1/messages/\(id)", first), ("GET", "/api/v1/messages/unknown", first),
            ("GET", "/api/v1/messages/\(id)/download", first),
            ("GET", "/api/v1/messages/\(id)/mime/part/0/download", first),
            ("OPTIONS", "/api/v1/messages/\(id)/release", first), ("OPTIONS", "/api/v1/events", first),
            ("POST", "/api/v1/messages/\(id)/release", first), ("DELETE", "/api/v1/messages/\(id)", first),
            ("DELETE", "/api/v1/messages/\(id)", first), ("DELETE", "/api/v1/messages", first),
            ("GET", "/api/v2/messages", second), ("GET", "/api/v2/search?kind=to&query=x", second),
            ("GET", "/api/v2/search", second), ("OPTIONS", "/api/v2/search", second), ("GET", "/api/v2/jim", second),
            ("POST", "/api/v2/jim", second), ("PUT", "/api/v2/jim", second), ("DELETE", "/api/v2/jim", second),
            ("OPTIONS", "/api/v2/jim", second), ("GET", "/api/v2/outgoing-smtp", second),
        ] {
            let answer = try api.ask(method, path, fields: ["Origin: \(origin)"])
            XCTAssertEqual(answer.field("Access-Control-Allow-Origin"), origin, "\(method) \(path)")
            XCTAssertEqual(answer.field("Access-Control-Allow-Methods"), methods, "\(method) \(path)")
            XCTAssertEqual(answer.field("Access-Control-Allow-Headers"), "Content-Type", "\(method) \(path)")
        }
        let page = try api.ask("GET", "/")
        XCTAssertNil(page.field("Access-Control-Allow-Origin"))
    }

    func testTheRulesHaveTheSameFieldsAsTheRestOfTheAPI() throws {
        let server = try TestServer { $0.corsOrigin = "http://app.example:3000" }
        for (method, path, status) in [
            ("GET", "/api/rules", 200), ("OPTIONS", "/api/rules", 200), ("OPTIONS", "/api/rules/1", 200),
            ("DELETE", "/api/rules/1", 404), ("POST", "/api/rules", 400), ("DELETE", "/api/rules", 200),
        ] {
            let answer = try server.ask(method, path, fields: ["Origin: \(origin)", "Content-Length: 0"])
            XCTAssertEqual(answer.status, status, "\(method) \(path)")
            XCTAssertEqual(answer.field("Access-Control-Allow-Origin"), origin)
            XCTAssertEqual(answer.field("Access-Control-Allow-Methods"), "GET,POST,PUT,DELETE,OPTIONS")
            XCTAssertEqual(answer.field("X-Content-Type-Options"), "nosniff")
        }
        let plain = try TestServer().ask("OPTIONS", "/api/rules")
        XCTAssertEqual(plain.status, 200)
        XCTAssertNil(plain.field("Access-Control-Allow-Origin"))
    }

    func testNoMoreThanAThousandRulesAreTakenOverHTTP() throws {
        let book = RuleBook()
        var routes = HTTPRoutes()
        RuleRoutes(book: book, prefix: "").add(to: &routes)
        func status(_ method: String, _ count: Int) throws -> (Int, String) {
            let body = String(repeating: "content drop\n", count: count)
            let request = try XCTUnwrap(HTTPRequest(method: method, target: "/api/rules", body: Array(body.utf8)))
            let response = routes.answer(to: request)
            guard case .bytes(let bytes) = response.body else { return (response.status, "") }
            return (response.status, String(decoding: bytes, as: UTF8.self))
        }
        let refused = try status("PUT", 1001)
        XCTAssertEqual(refused.0, 400)
        XCTAssertTrue(refused.1.contains("1000"), refused.1)
        XCTAssertEqual(try status("PUT", 999).0, 200)
        XCTAssertEqual(try status("POST", 2).0, 400)
        XCTAssertEqual(try status("POST", 1).0, 201)
        XCTAssertEqual(try status("POST", 1).0, 400)
        XCTAssertEqual(book.rules.count, 1000)
    }

    func testAReleaseThatIsAnsweredLaterHasTheCORSFieldsToo() throws {
        let api = try APIServer(
            corsOrigin: origin, release: { _ in throw CaptureError(code: .misconfigured, description: "no") })
        let id = try api.capture("x")
        let answer = try api.ask(
            "POST", "/api/v1/messages/\(id)/release", "{\"Host\":\"h\",\"Port\":\"1\",\"Email\":\"a@b.example\"}")
        XCTAssertEqual(answer.status, 500)
        XCTAssertEqual(answer.field("Access-Control-Allow-Origin"), origin)
    }
}
