import MailroomSockets
import Synchronization
import XCTest

@testable import MailroomHTTP

final class HTTPConnectionTests: XCTestCase {
    private static let routes: HTTPRoutes = {
        var routes = HTTPRoutes()
        routes.on("GET", "/mail/{id}/part/{n}") { request in
            HTTPResponse(200, text: "\(request.pathParameters["id"] ?? "-"),\(request.pathParameters["n"] ?? "-")")
        }
        routes.on("POST", "/echo") { HTTPResponse(body: $0.body) }
        routes.on("GET", "/query") { request in
            HTTPResponse(200, text: request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "|"))
        }
        return routes
    }()

    private func connection(limits: HTTPLimits = HTTPLimits()) -> HTTPConnection {
        HTTPConnection(routes: Self.routes, limits: limits)
    }

    /// The answers without their Date fields.
    private func answers(
        to text: String, every size: Int = .max, limits: HTTPLimits = HTTPLimits()
    ) -> (text: String, closes: Bool) {
        let connection = connection(limits: limits)
        var output = ConnectionOutput()
        connection.begin(&output)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            Array(rest.prefix(size)).withUnsafeBytes { connection.receive($0, &output) }
            rest = rest.dropFirst(size)
        }
        let lines = String(decoding: output.bytes, as: UTF8.self).components(separatedBy: "\r\n")
        return (lines.filter { !$0.hasPrefix("Date: ") }.joined(separator: "\n"), output.closes)
    }

    func testPipelinedRequestsAreAnsweredInOrderHoweverTheyAreSplit() {
        let requests =
            "\r\nGET /mail/a%2Fb%3D%40host/part/2 HTTP/1.1\r\nHost: x\r\n\r\n"
            + "POST /echo HTTP/1.1\r\nhost: x\r\nContent-Length: 5\r\n\r\nhello"
            + "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: v\r\n\r\n"
            + "HEAD /query?a=1+2&b=%C3%A4&c HTTP/1.1\r\nHost: x\r\n\r\n"
            + "GET http://x/query?a=1+2&b=%C3%A4&c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /never HTTP/1.1\r\n\r\n"
        let text = "Content-Type: text/plain; charset=utf-8\n"
        let expected =
            "HTTP/1.1 200 OK\n\(text)Content-Length: 11\n\na/b=@host,2"
            + "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"
            + "HTTP/1.1 200 OK\nContent-Length: 13\n\nabc0123456789"
            + "HTTP/1.1 200 OK\n\(text)Content-Length: 13\n\n"
            + "HTTP/1.1 200 OK\n\(text)Content-Length: 13\nConnection: close\n\na=1 2|b=ä|c="
        for size in [1, 2, 3, 7, 64, Int.max] {
            let result = answers(to: requests, every: size)
            XCTAssertEqual(result.text, expected, "in pieces of \(size)")
            XCTAssertTrue(result.closes)
        }
    }

    func testWhatCouldBeReadInTwoWaysIsRefused() {
        let cases: [(String, Int)] = [
            ("GET / HTTP/1.1\nHost: x\n\n", 400),
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\u{0}\r\n\r\n", 400),
            ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("GET /%4 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
            ("\u{16}\u{3}\u{1}\n", 400),
            ("EHLO x\r\nHost: x\r\n\r\n", 400),
            ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
            ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n", 400),
            ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
            ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
            ("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
            ("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400),
            ("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n", 417),
        ]
        for (request, status) in cases {
            let result = answers(to: request)
            XCTAssertTrue(result.text.hasPrefix("HTTP/1.1 \(status) "), "\(request.debugDescription): \(result.text)")
            XCTAssertTrue(result.closes, request.debugDescription)
        }
    }

    func testLimitsAreKept() {
        var limits = HTTPLimits()
        limits.headerBytes = 100
        limits.bodyBytes = 10
        limits.fieldCount = 3
        let long = String(repeating: "a", count: 200)
        let cases: [(String, Int)] = [
            ("GET /\(long)", 414),
            ("GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n", 414),
            ("GET / HTTP/1.1\r\nHost: \(long)", 431),
            ("GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", 431),
            ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n", 413),
            ("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n5\r\n", 413),
        ]
        for (request, status) in cases {
            let result = answers(to: request, limits: limits)
            XCTAssertTrue(result.text.hasPrefix("HTTP/1.1 \(status) "), "\(request.debugDescription): \(result.text)")
        }
    }

    func testUnknownPathsAndMethodsAreToldApart() {
        XCTAssertTrue(
            answers(to: "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n").text.hasPrefix("HTTP/1.1 404 Not Found\n"))
        let wrong = answers(to: "DELETE /echo HTTP/1.1\r\nHost: x\r\n\r\n")
        XCTAssertTrue(wrong.text.hasPrefix("HTTP/1.1 405 Method Not Allowed\n"))
        XCTAssertTrue(wrong.text.contains("\nAllow: POST\n"))
        XCTAssertFalse(wrong.closes)
    }

    func testAClientThatWaitsForItIsToldToContinue() {
        let head = "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        let connection = connection()
        var output = ConnectionOutput()
        Array(head.utf8).withUnsafeBytes { connection.receive($0, &output) }
        XCTAssertEqual(String(decoding: output.bytes, as: UTF8.self), "HTTP/1.1 100 Continue\r\n\r\n")
        Array("ok".utf8).withUnsafeBytes { connection.receive($0, &output) }
        XCTAssertTrue(String(decoding: output.bytes, as: UTF8.self).hasSuffix("\r\n\r\nok"))
    }

    func testAnOldClientIsClosedAfterItsAnswerUnlessItAsksOtherwise() {
        XCTAssertTrue(answers(to: "GET /query HTTP/1.0\r\n\r\n").closes)
        XCTAssertFalse(answers(to: "GET /query HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").closes)
    }

    func testARequestThatNeverEndsIsGivenUp() {
        let connection = connection()
        var output = ConnectionOutput()
        Array("GET / HT".utf8).withUnsafeBytes { connection.receive($0, &output) }
        connection.expire(&output)
        XCTAssertTrue(String(decoding: output.bytes, as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
        XCTAssertTrue(output.closes)
    }

    func testEventsAreChunkedAndKeptAlive() {
        let ends = Mutex(0)
        var routes = HTTPRoutes()
        routes.on("GET", "/events") { _ in
            HTTPResponse(
                events: HTTPEvents(keepAliveLine: "keepalive: ") { stream in
                    stream.onEnd { ends.withLock { $0 += 1 } }
                    stream.send(event: "mail", lines: Array("one\ntwo".utf8))
                })
        }
        let connection = HTTPConnection(routes: routes, limits: HTTPLimits())
        var output = ConnectionOutput()
        Array("GET /events HTTP/1.1\r\nHost: x\r\n\r\n".utf8).withUnsafeBytes { connection.receive($0, &output) }
        let head = String(decoding: output.bytes, as: UTF8.self)
        XCTAssertTrue(head.contains("Content-Type: text/event-stream\r\n"))
        let event = "21\r\nevent: mail\ndata: one\ndata: two\n\n\r\n"
        XCTAssertTrue(head.hasSuffix("Transfer-Encoding: chunked\r\n\r\n" + event), head)
        connection.expire(&output)
        let kept = event + "d\r\nkeepalive: \n\n\r\n"
        XCTAssertTrue(String(decoding: output.bytes, as: UTF8.self).hasSuffix(kept))
        connection.stop(&output)
        XCTAssertTrue(String(decoding: output.bytes, as: UTF8.self).hasSuffix(kept + "0\r\n\r\n"))
        connection.end()
        connection.end()
        XCTAssertEqual(ends.withLock { $0 }, 1)
    }

    func testHeaderValuesCannotForgeFields() {
        var headers: HTTPHeaders = ["A": "x\r\nSet-Cookie: y"]
        headers.append("B", "ä\tz")
        XCTAssertEqual(headers["a"], "x  Set-Cookie: y")
        XCTAssertEqual(headers["b"], "ä\tz")
    }

    func testDatesAreWrittenAsTheProtocolWants() {
        XCTAssertEqual(httpDate(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
