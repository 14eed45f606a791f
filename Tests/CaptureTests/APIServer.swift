import MailroomHTTP
import MailroomSockets
import XCTest

@testable import MailroomCapture

/// MailHog's API on a port of its own, with the parts that it is made of within reach.
final class APIServer: Sendable {
    typealias Answer = TestServer.Answer

    let store = MessageStore()
    let rules = RuleBook()
    let outgoing: OutgoingServers
    let hostname = "mail.x.example"
    let prefix: String
    private let server: HTTPServer
    var port: Int { server.port }

    init(
        prefix: String = "", corsOrigin: String = "", logins: Logins? = nil, outgoing: [String: OutgoingServer] = [:],
        listeningOn host: String = "127.0.0.1", answerBytes: Int = MailHogList.maximumBytes,
        release: ReleaseTransportMaker? = nil
    ) throws {
        self.outgoing = OutgoingServers(outgoing)
        self.prefix = prefix
        let releases = Release(hostname: hostname, outgoing: self.outgoing, makeTransport: release)
        let api = MailHogRoutes(
            store: store, prefix: prefix, hostname: hostname, rules: rules, release: releases, corsOrigin: corsOrigin,
            answerBytes: answerBytes)
        let shown = Page(store: store, prefix: prefix, smtpAddress: "127.0.0.1:1025", release: releases)
        let page = PageRoutes(
            page: shown, rules: RulePageRoutes(page: shown, book: rules, invitedJim: .defaults))
        let entrance = WebEntrance(corsOrigin: corsOrigin, logins: logins, prefix: prefix)
        let routes = entrance.routes(on: host, [{ api.add(to: &$0) }, { page.add(to: &$0) }])
        server = try HTTPServer(SocketServer.Configuration(), routes: routes)
    }

    deinit { server.stop() }

    func stop() { server.stop() }

    /// Captures a mail as if it had come by SMTP, with the line break before the final dot.
    @discardableResult
    func capture(
        _ text: String, from: String? = "a@x.example", to: [String] = ["b@y.example"], helo: String = "client.example"
    ) throws -> String {
        try capture(Array(text.utf8), from: from, to: to, helo: helo)
    }

    @discardableResult
    func capture(
        _ bytes: [UInt8], from: String? = "a@x.example", to: [String] = ["b@y.example"], helo: String = "client.example"
    ) throws -> String {
        let message = CapturedMessage(
            id: MessageID.random(hostname: hostname), receivedAt: WallClock.now,
            envelope: .init(helo: helo, remoteAddress: "127.0.0.1:1", reversePath: from, recipients: to),
            content: MailContent(bytes + [13, 10]))
        try store.add(message)
        return message.id
    }

    /// One request on a connection of its own; a connection that ends without an answer fails the test.
    func ask(
        _ method: String, _ target: String, _ body: String? = nil, fields: [String] = [], host: String? = nil
    ) throws -> Answer {
        let stream = try TCPStream.connect(host: "127.0.0.1", port: port, timeout: .seconds(10))
        var lines = [
            "\(method) \(prefix)\(target) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")", "Connection: close",
        ]
        lines += fields
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        let request = lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
        try stream.write(Array(request.utf8), deadline: .now + .seconds(10))
        var bytes: [UInt8] = []
        while try stream.read(appendingTo: &bytes, deadline: .now + .seconds(20)) > 0 {}
        let end = try XCTUnwrap(bytes.firstRange(of: Array("\r\n\r\n".utf8)), "no answer to \(method) \(target)")
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        return Answer(
            status: try XCTUnwrap(Int(head.dropFirst(9).prefix(3))), head: head, body: Array(bytes[end.upperBound...]))
    }

    /// The JSON answer to a GET.
    func json(_ target: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(try ask("GET", target).body), options: .fragmentsAllowed)
    }

    /// A mail's JSON.
    func message(_ id: String) throws -> [String: Any] {
        try XCTUnwrap(try json("/api/v1/messages/\(id)") as? [String: Any])
    }

    /// The fields of a mail's header as JSON has them.
    func headers(_ id: String) throws -> [String: [String]] {
        let content = try XCTUnwrap(try message(id)["Content"] as? [String: Any])
        return try XCTUnwrap(content["Headers"] as? [String: [String]])
    }

    /// A connection that has asked and goes on listening, and what it has read so far.
    func open(_ target: String, fields: [String] = []) throws -> Listening {
        let stream = try TCPStream.connect(host: "127.0.0.1", port: port, timeout: .seconds(10))
        let lines = ["GET \(prefix)\(target) HTTP/1.1", "Host: 127.0.0.1:\(port)"] + fields
        try stream.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8), deadline: .now + .seconds(10))
        return Listening(stream)
    }

    /// A WebSocket, opened.
    func openWebSocket(fields: [String] = []) throws -> Listening {
        let upgrade = [
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: \(WebSocketClient.key)",
        ]
        let listening = try open("/api/v2/websocket", fields: upgrade + fields)
        listening.head = try listening.read(until: "\r\n\r\n")
        return listening
    }

    final class Listening {
        let stream: TCPStream
        private(set) var bytes: [UInt8] = []
        var head = ""

        init(_ stream: TCPStream) { self.stream = stream }

        private func more() throws {
            guard try stream.read(appendingTo: &bytes, deadline: .now + .seconds(10)) > 0 else {
                throw Failure.ended
            }
        }

        enum Failure: Error { case ended }

        /// Takes everything up to and with a text.
        func read(until text: String) throws -> String {
            while true {
                if let end = bytes[...].firstRange(of: Array(text.utf8)) {
                    defer { bytes.removeFirst(end.upperBound) }
                    return String(decoding: bytes[..<end.upperBound], as: UTF8.self)
                }
                try more()
            }
        }

        func read(_ count: Int) throws -> [UInt8] {
            while bytes.count < count { try more() }
            defer { bytes.removeFirst(count) }
            return Array(bytes[..<count])
        }

        /// A chunk of a chunked body.
        func chunk() throws -> String {
            let line = try read(until: "\r\n")
            let size = try XCTUnwrap(Int(String(line.unicodeScalars.dropLast(2)), radix: 16))
            let chunk = try read(size)
            XCTAssertEqual(try read(2), [13, 10])
            return String(decoding: chunk, as: UTF8.self)
        }

        /// A server's frame.
        func frame() throws -> (head: UInt8, payload: [UInt8]) {
            let start = try read(2)
            XCTAssertEqual(start[1] & 0x80, 0, "A server masks nothing.")
            var length = Int(start[1])
            if length > 125 { length = try read(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) } }
            return (start[0], try read(length))
        }

        /// Whether the server ends the connection.
        func ends() throws -> Bool {
            do {
                while true { try more() }
            } catch Failure.ended { return true }
        }
    }
}
