import MailroomSockets
import XCTest

@testable import MailroomHTTP

final class HTTPPendingAnswerTests: XCTestCase {
    private let answers = Shared<[HTTPPendingAnswer]>([])

    private var routes: HTTPRoutes {
        var routes = HTTPRoutes()
        let answers = answers
        routes.on("GET", "/later") { _ in HTTPResponse { answer in answers.change { $0.append(answer) } } }
        routes.on("GET", "/now") { _ in HTTPResponse(200, text: "now") }
        routes.on("GET", "/at-once") { _ in
            HTTPResponse { answer in answer.complete { HTTPResponse(200, text: "at once") } }
        }
        return routes
    }

    private func request(_ path: String, method: String = "GET") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\r\n"
    }

    private func ok(_ text: String) -> String {
        "HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\nContent-Length: \(text.utf8.count)\n\n\(text)"
    }

    func testLaterRequestsWaitForTheAnswer() throws {
        let connection = PureConnection(routes)
        connection.give(request("/now") + request("/later") + request("/now"))
        XCTAssertEqual(connection.written, ok("now"))
        XCTAssertTrue(connection.output.pausesReading)
        connection.give(request("/now"))
        connection.connection.expire(&connection.output)
        XCTAssertEqual(connection.written, ok("now"))
        let answer = try XCTUnwrap(answers.current.first)
        answer.complete { HTTPResponse(200, text: "later") }
        answer.complete { HTTPResponse(500, text: "twice") }
        XCTAssertEqual(connection.written, ok("now"))
        connection.answerWakes()
        XCTAssertEqual(connection.written, ok("now") + ok("later") + ok("now") + ok("now"))
        XCTAssertFalse(connection.output.pausesReading)
        XCTAssertFalse(connection.isClosed)
    }

    func testAnAnswerMayComeAtOnceAndMayBeAnyOther() throws {
        let connection = PureConnection(routes)
        connection.give(request("/at-once") + request("/later") + request("/now"))
        let first = try XCTUnwrap(answers.current.first)
        first.complete {
            HTTPResponse { answer in answer.complete { HTTPResponse(events: HTTPEvents { $0.send(lines: [65]) }) } }
        }
        connection.answerWakes()
        XCTAssertTrue(
            connection.written.hasPrefix(ok("at once") + "HTTP/1.1 200 OK\nContent-Type: text/event-stream\n"))
        XCTAssertEqual(String(decoding: connection.sent, as: UTF8.self), "9\r\ndata: A\n\n\r\n")
        XCTAssertFalse(connection.written.contains("now"))
    }

    func testHeadAndConnectionCloseHoldForLaterAnswers() throws {
        let connection = PureConnection(routes)
        connection.give("HEAD /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + request("/now"))
        try XCTUnwrap(answers.current.first).complete { HTTPResponse(200, text: "later") }
        connection.answerWakes()
        XCTAssertTrue(connection.written.hasSuffix("\nContent-Length: 5\nConnection: close\n\n"), connection.written)
        XCTAssertTrue(connection.isClosed)
    }

    func testTheAnswerIsDroppedWhenTheClientIsGone() throws {
        let connection = PureConnection(routes)
        connection.give(request("/later"))
        let answer = try XCTUnwrap(answers.current.first)
        let ends = Shared(0)
        answer.onEnd { ends.change { $0 += 1 } }
        connection.connection.end()
        XCTAssertEqual(ends.current, 1)
        answer.complete {
            XCTFail("Nobody is there.")
            return HTTPResponse()
        }
        connection.answerWakes()
        answer.onEnd { ends.change { $0 += 1 } }
        XCTAssertEqual(ends.current, 2)
        XCTAssertEqual(connection.written, "")
    }

    func testAServerThatStopsDoesNotWait() throws {
        let server = try HTTPServer(SocketServer.Configuration(), routes: routes)
        let stream = try TCPStream.connect(host: "127.0.0.1", port: server.port, timeout: .seconds(10))
        try stream.write(Array(request("/later").utf8), deadline: .now + .seconds(10))
        while answers.current.isEmpty { sched_yield() }
        let ends = Shared(0)
        answers.current[0].onEnd { ends.change { $0 += 1 } }
        server.stop()
        XCTAssertEqual(ends.current, 1)
        var bytes: [UInt8] = []
        while try stream.read(appendingTo: &bytes, deadline: .now + .seconds(10)) > 0 {}
        XCTAssertTrue(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 503 "))
        answers.current[0].complete { HTTPResponse() }
    }

    func testAnswersComeFromOtherThreads() throws {
        let server = try HTTPServer(SocketServer.Configuration(), routes: routes)
        defer { server.stop() }
        let stream = try TCPStream.connect(host: "127.0.0.1", port: server.port, timeout: .seconds(10))
        try stream.write(Array((request("/later") + request("/now")).utf8), deadline: .now + .seconds(10))
        while answers.current.isEmpty { sched_yield() }
        let answers = answers
        Thread.detachNewThread { answers.current[0].complete { HTTPResponse(200, text: "later") } }
        var bytes: [UInt8] = []
        while !String(decoding: bytes, as: UTF8.self).hasSuffix("\r\n\r\nnow") {
            guard try stream.read(appendingTo: &bytes, deadline: .now + .seconds(10)) > 0 else {
                return XCTFail("The connection ended.")
            }
        }
        XCTAssertTrue(String(decoding: bytes, as: UTF8.self).contains("\r\n\r\nlaterHTTP/1.1 200 OK\r\n"))
    }

    func testAClientThatHasFinishedSendingGetsItsAnswer() throws {
        let server = try HTTPServer(SocketServer.Configuration(), routes: routes)
        defer { server.stop() }
        let client = try connected(to: server.port)
        defer { close(client) }
        XCTAssertGreaterThan(send(client, request("/later"), request("/later").utf8.count, 0), 0)
        shutdown(client, Int32(SHUT_WR))
        while answers.current.isEmpty { sched_yield() }
        answers.current[0].complete { HTTPResponse(200, text: "later") }
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 1000)
        while case let count = recv(client, &buffer, buffer.count, 0), count > 0 {
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        XCTAssertTrue(text.hasSuffix("\r\n\r\nlater"), text)
    }

    func testAClientThatResetsTheConnectionEndsTheWaiting() throws {
        let server = try HTTPServer(SocketServer.Configuration(), routes: routes)
        defer { server.stop() }
        let client = try connected(to: server.port)
        XCTAssertGreaterThan(send(client, request("/later"), request("/later").utf8.count, 0), 0)
        while answers.current.isEmpty { sched_yield() }
        let ended = DispatchSemaphore(value: 0)
        answers.current[0].onEnd { ended.signal() }
        var lingering = linger(l_onoff: 1, l_linger: 0)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
        close(client)
        XCTAssertEqual(ended.wait(timeout: .now() + 10), .success)
    }

    private func connected(to port: Int) throws -> Int32 {
        #if canImport(Glibc)
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let client = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, size) }
        }
        XCTAssertEqual(status, 0)
        return client
    }
}
