import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture
@testable import MailroomHTTP

final class BasicAuthTests: XCTestCase {
    private let asked = Shared<[HTTPBasicAuthentication.Credentials]>([])

    private func routes(challenge: String = "Basic") -> HTTPRoutes {
        var routes = HTTPRoutes()
        routes.on("GET", "/") { _ in HTTPResponse(200, text: "in") }
        let asked = asked
        routes.authentication = HTTPBasicAuthentication(challenge: challenge) { attempt in
            let credentials = attempt.credentials
            asked.change { $0.append(credentials) }
            Thread.detachNewThread {
                attempt.decide(credentials.user == "ann" && credentials.password == "pä:ss" ? .right : .wrong)
            }
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

    func testPasswordsAreNotPrinted() {
        let login = ReleaseTarget.Login(user: "anna", password: "s3cret", mechanism: .plain)
        let target = ReleaseTarget(
            host: "h", port: 25, login: login, sender: "a@x", recipient: "b@x", helloName: "localhost")
        let credentials = HTTPBasicAuthentication.Credentials(user: "anna", password: "s3cret")
        for value in [login, target, credentials] as [Any] {
            var dumped = ""
            dump(value, to: &dumped)
            XCTAssertFalse("\(value) \(String(reflecting: value)) \(dumped)".contains("s3cret"), "\(type(of: value))")
        }
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

    func testABusyServerSaysWhenToTryAgain() {
        var routes = routes()
        routes.authentication = HTTPBasicAuthentication { $0.decide(.busy(retryAfter: 3)) }
        let connection = PureConnection(routes)
        connection.give("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic Og==\r\n\r\n")
        XCTAssertTrue(connection.written.hasPrefix("HTTP/1.1 503 "), connection.written)
        XCTAssertTrue(connection.written.contains("\nRetry-After: 3\n"), connection.written)
    }

    func testAnAttemptEndsWithItsClient() {
        let attempts = Shared<[HTTPBasicAuthentication.Attempt]>([])
        var routes = routes()
        routes.authentication = HTTPBasicAuthentication { attempt in attempts.change { $0.append(attempt) } }
        let connection = PureConnection(routes)
        connection.give("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic Og==\r\n\r\n")
        let ends = Shared(0)
        attempts.current[0].onEnd { ends.change { $0 += 1 } }
        connection.connection.end()
        XCTAssertEqual(ends.current, 1)
        attempts.current[0].decide(.right)
        connection.answerWakes()
        XCTAssertEqual(connection.written, "")
    }

    // MARK: Bodies

    private let post = "POST /in HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"

    func testNobodyIsToldToSendABodyThatWillBeRefused() {
        var guarded = routes()
        guarded.guardian = { _ in HTTPResponse(403) }
        let foreign = PureConnection(guarded)
        foreign.give(post + "\r\n")
        XCTAssertTrue(foreign.written.hasPrefix("HTTP/1.1 403 "), foreign.written)
        XCTAssertTrue(foreign.isClosed)

        let unknown = PureConnection(routes())
        unknown.give(post + "\r\n")
        XCTAssertTrue(unknown.written.hasPrefix("HTTP/1.1 401 "), unknown.written)
        XCTAssertTrue(unknown.isClosed)

        var routes = HTTPRoutes()
        routes.authentication = HTTPBasicAuthentication { $0.decide(.wrong) }
        let wrong = PureConnection(routes)
        wrong.give(post + "Authorization: Basic Og==\r\n\r\n")
        XCTAssertTrue(wrong.written.hasPrefix("HTTP/1.1 401 "), wrong.written)
        XCTAssertTrue(wrong.isClosed)
    }

    func testABodyIsAskedForOnceTheLoginIsFoundRight() {
        let attempts = Shared<[HTTPBasicAuthentication.Attempt]>([])
        var routes = HTTPRoutes()
        routes.on("POST", "/in") { HTTPResponse(body: $0.body) }
        routes.authentication = HTTPBasicAuthentication { attempt in attempts.change { $0.append(attempt) } }
        let connection = PureConnection(routes)
        connection.give(post + "Authorization: Basic Og==\r\n\r\n")
        XCTAssertEqual(connection.written, "")
        attempts.current[0].decide(.right)
        connection.answerWakes()
        XCTAssertEqual(connection.written, "HTTP/1.1 100 Continue\n\n")
        connection.give("ok")
        attempts.current[1].decide(.right)
        connection.answerWakes()
        XCTAssertEqual(
            connection.written, "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok")
        XCTAssertFalse(connection.isClosed)
    }
}
