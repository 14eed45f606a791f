import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomHTTP

final class BasicAuthTests: XCTestCase {
    private let asked = Shared<[HTTPBasicAuthentication.Credentials]>([])

    private func routes(challenge: String = "Basic") -> HTTPRoutes {
        var routes = HTTPRoutes()
        routes.on("GET", "/") { _ in HTTPResponse(200, text: "in") }
        let asked = asked
        routes.authentication = HTTPBasicAuthentication(challenge: challenge) { credentials, decide in
            asked.change { $0.append(credentials) }
            Thread.detachNewThread { decide(credentials.user == "ann" && credentials.password == "pä:ss") }
        }
        return routes
    }

    func testCredentialsAreReadAsTheyTravel() throws {
        func credentials(_ value: String?) throws -> HTTPBasicAuthentication.Credentials? {
            var headers: HTTPHeaders = [:]
            if let value { headers["authorization"] = value }
            return HTTPBasicAuthentication.credentials(
                of: try XCTUnwrap(HTTPRequest(method: "GET", target: "/", headers: headers)))
        }
        let expected = HTTPBasicAuthentication.Credentials(user: "Aladdin", password: "open sesame")
        XCTAssertEqual(try credentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), expected)
        XCTAssertEqual(try credentials("bASIC   QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), expected)
        XCTAssertEqual(try credentials("Basic Og==")?.user, "")
        for bad in [nil, "", "Basic", "Basic ", "Basic QQ==", "Bearer QTpi", "Basic QTpi!", "Basic /zpi"] {
            XCTAssertNil(try credentials(bad), bad ?? "none")
        }
        var twice: HTTPHeaders = ["Authorization": "Basic Og=="]
        twice.append("Authorization", "Basic Og==")
        let request = try XCTUnwrap(HTTPRequest(method: "GET", target: "/", headers: twice))
        XCTAssertNil(HTTPBasicAuthentication.credentials(of: request))
    }

    func testNothingIsAnsweredWithoutTheRightPassword() throws {
        let server = try HTTPServer(SocketServer.Configuration(), routes: routes())
        defer { server.stop() }
        func curl(_ arguments: String...) throws -> String {
            try Programs.run("curl", ["-sSi"] + arguments + ["http://127.0.0.1:\(server.port)/"]).output
        }
        for refused in [try curl(), try curl("-u", "ann:wrong"), try curl("-u", "bob:pä:ss"), try curl("-X", "BREW")] {
            XCTAssertTrue(refused.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"), refused)
            XCTAssertTrue(refused.contains("\r\nWWW-Authenticate: Basic\r\n"), refused)
            XCTAssertTrue(refused.contains("\r\nContent-Length: 0\r\n"), refused)
        }
        XCTAssertTrue(try curl("-u", "ann:pä:ss").hasSuffix("\r\n\r\nin"))
    }

    func testTheGuardianComesFirst() throws {
        var routes = routes()
        routes.guardian = { _ in HTTPResponse(421) }
        let connection = PureConnection(routes)
        connection.give("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic Og==\r\n\r\n")
        XCTAssertTrue(connection.written.hasPrefix("HTTP/1.1 421 "))
        XCTAssertEqual(asked.current, [])
    }
}
