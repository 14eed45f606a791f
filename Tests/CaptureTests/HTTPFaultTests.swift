import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomHTTP

final class HTTPFaultTests: XCTestCase {
    private static let routes: HTTPRoutes = {
        var routes = HTTPRoutes()
        routes.on("GET", "/") { _ in HTTPResponse(200, text: "root") }
        routes.on("GET", "/item/{id}") { HTTPResponse(200, text: "item \($0.pathParameters["id"] ?? "")") }
        routes.on("GET", "/host") { HTTPResponse(200, text: $0.headers.values("Host").joined(separator: "|")) }
        routes.on("GET", "/query") { request in
            HTTPResponse(200, text: request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "|"))
        }
        routes.on("GET", "/empty") { _ in HTTPResponse(204, body: [65]) }
        routes.on("POST", "/echo") { HTTPResponse(body: $0.body) }
        return routes
    }()

    private func answer(_ request: String) -> String {
        let connection = PureConnection(Self.routes)
        connection.give(request)
        return connection.written
    }

    func testPathsLeadNowhereElse() {
        for (path, status) in [
            ("/../etc/passwd", 404), ("/item/..", 200), ("/item/../..", 404), ("/item/%2e%2e", 200),
            ("/item/%2e%2e%2f%2e%2e%2fetc", 200), ("/item/..%5c..", 200), ("//item/1", 404), ("/item//1", 404),
            ("/item/a%00b", 400), ("/item/%", 400), ("/item/%g0", 400), ("/item/%ff", 200), ("/ITEM/1", 404),
            ("/item/1/", 404), ("/./item/1", 404), ("*", 400), ("item/1", 400), ("/item/a#b", 200),
        ] {
            let text = answer("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            XCTAssertTrue(text.hasPrefix("HTTP/1.1 \(status) "), "\(path): \(text)")
        }
        XCTAssertTrue(answer("GET /item/%2e%2e%2fx HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("item ../x"))
        XCTAssertTrue(answer("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 404 "))
    }

    func testTheTargetsAuthorityCountsMoreThanTheHostField() {
        for (target, host) in [
            ("/host", "x"), ("http://other.example/host", "other.example"), ("HTTP://o:81/host", "o:81"),
        ] {
            XCTAssertTrue(answer("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("\n\n\(host)"), target)
        }
        XCTAssertTrue(answer("GET http://o HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("\n\nroot"))
        for target in ["http://", "http:///host", "http://user@o/host", "ftp://o/host", "o:443"] {
            XCTAssertTrue(answer("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 400 "), target)
        }
    }

    func testABrokenPairOfTheQueryIsLeftOut() {
        XCTAssertTrue(answer("GET /query?a=%zz&b=%41&%=c&d HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("\n\nb=A|d="))
    }

    func testAmbiguousBodiesAreRefused() {
        let post = "POST /echo HTTP/1.1\r\nHost: x\r\n"
        for (fields, status) in [
            ("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400),
            ("Transfer-Encoding: chunked, chunked\r\n\r\n", 501), ("Transfer-Encoding: identity\r\n\r\n", 501),
            ("Transfer-Encoding: xchunked\r\n\r\n", 501),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 501),
            ("Transfer-Encoding:\u{B}chunked\r\n\r\n", 400), ("Transfer-Encoding : chunked\r\n\r\n", 400),
            ("X: y\rTransfer-Encoding: chunked\r\n\r\n", 400), ("Content-Length: 1, 1\r\n\r\nx", 400),
            ("Content-Length: -1\r\n\r\n", 400), ("Content-Length: 0x1\r\n\r\nx", 400),
            ("Content-Length: \r\n\r\n", 400), ("Content-Length: 1 1\r\n\r\n", 400),
            ("Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\nx\r\n0\r\n\r\n", 400),
            ("Transfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n", 400),
            ("Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400), ("Transfer-Encoding: chunked\r\n\r\n0x1\r\n", 400),
            ("Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n", 400),
            ("Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", 413),
        ] {
            let text = answer(post + fields)
            XCTAssertTrue(text.hasPrefix("HTTP/1.1 \(status) "), "\(fields.debugDescription): \(text)")
            XCTAssertTrue(text.contains("\nConnection: close\n"), fields.debugDescription)
        }
        let old = answer("POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        XCTAssertTrue(old.hasPrefix("HTTP/1.1 400 "))
    }

    func testAnAnswerWithoutContentHasNone() {
        XCTAssertEqual(answer("GET /empty HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 204 No Content\n\n")
    }

    func testARequestIsGivenUpHoweverItTrickles() throws {
        var limits = HTTPLimits()
        limits.requestTime = .milliseconds(300)
        let server = try HTTPServer(SocketServer.Configuration(), routes: Self.routes, limits: limits)
        defer { server.stop() }
        let stream = try TCPStream.connect(host: "127.0.0.1", port: server.port, timeout: .seconds(10))
        var bytes: [UInt8] = []
        try stream.write(
            Array("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nX: ".utf8), deadline: .now + .seconds(10))
        let start = ContinuousClock.now
        // Reading with a short limit is what spaces the octets out.
        while bytes.isEmpty, .now < start + .seconds(10) {
            try? stream.write([120], deadline: .now + .seconds(1))
            _ = try? stream.read(appendingTo: &bytes, deadline: .now + .milliseconds(20))
        }
        XCTAssertTrue(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    }

    func testAClientThatSendsTooMuchSeesWhy() throws {
        let server = try HTTPServer(SocketServer.Configuration(), routes: Self.routes)
        defer { server.stop() }
        let url = "http://127.0.0.1:\(server.port)/echo"
        let body = [UInt8](repeating: 65, count: 8 << 20)
        for fields in [["-H", "Expect:"], ["-H", "Expect:", "-H", "Transfer-Encoding: chunked"], []] {
            let result = try Programs.run("curl", ["-sS", "-i", "--data-binary", "@-", url] + fields, input: body)
            XCTAssertTrue(result.output.contains("HTTP/1.1 413 Content Too Large\r\n"), "\(fields): \(result.errors)")
        }
        let long = String(repeating: "a", count: 40_000)
        let line = try Programs.run("curl", ["-sS", "-i", url + "?" + long])
        XCTAssertTrue(line.output.hasPrefix("HTTP/1.1 414 "), line.errors)
        let field = try Programs.run("curl", ["-sS", "-i", url, "-H", "X: " + long])
        XCTAssertTrue(field.output.hasPrefix("HTTP/1.1 431 "), field.errors)
    }
}
