import MailroomSockets
import XCTest

@testable import MailroomHTTP

final class WebSocketTests: XCTestCase {
    private typealias Client = WebSocketClient

    private func open(_ socket: HTTPWebSocket, early: [UInt8] = []) -> PureConnection {
        var routes = HTTPRoutes()
        routes.on("GET", "/socket") { _ in HTTPResponse(webSocket: socket) }
        let connection = PureConnection(routes)
        connection.give(Array(Client.handshake().utf8) + early)
        return connection
    }

    private func echo(maximum: Int = 1 << 20) -> HTTPWebSocket {
        var socket = HTTPWebSocket(
            onMessage: { stream, message in
                switch message {
                case .text(let bytes): stream.send(text: bytes)
                case .binary(let bytes): stream.send(binary: bytes)
                }
            }, begin: { _ in })
        socket.maximumMessageBytes = maximum
        return socket
    }

    private func closing(_ code: Int) -> [UInt8] { [UInt8(code >> 8), UInt8(code & 255)] }

    func testComputesTheDigestOfTheHandshake() {
        XCTAssertEqual(WebSocketHandshake.acceptance(of: Client.key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    func testAnswersAHandshake() {
        let peer = open(echo())
        XCTAssertEqual(
            peer.written,
            "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n\n")
        XCTAssertFalse(peer.isClosed)
    }

    func testRefusesWhatIsNoHandshakeAndKeepsTheConnection() {
        var routes = HTTPRoutes()
        routes.on("GET", "/socket") { _ in HTTPResponse(webSocket: HTTPWebSocket { _ in XCTFail("It was opened.") }) }
        for request in [
            "GET /socket HTTP/1.1\r\nHost: x\r\n\r\n", Client.handshake(["Connection": "keep-alive"]),
            Client.handshake(["Upgrade": "h2c"]), Client.handshake(["Sec-WebSocket-Version": "8"]),
            Client.handshake(["Sec-WebSocket-Version": ""]), Client.handshake(["Sec-WebSocket-Key": ""]),
            Client.handshake(["Sec-WebSocket-Key": "c2hvcnQ="]), Client.handshake(["Sec-WebSocket-Key": "?"]),
            Client.handshake(method: "HEAD"),
        ] {
            let connection = PureConnection(routes)
            connection.give(request)
            XCTAssertTrue(connection.written.hasPrefix("HTTP/1.1 400 Bad Request\n"), request)
            XCTAssertTrue(connection.written.contains("\nSec-Websocket-Version: 13\n"), request)
            XCTAssertFalse(connection.isClosed, request)
        }
        let old = PureConnection(routes)
        old.give(Client.handshake(version: "1.0"))
        XCTAssertTrue(old.written.hasPrefix("HTTP/1.1 400 "))
    }

    func testEchoesMessagesHoweverTheyAreSplitAndFramed() {
        let long = String(repeating: "ä", count: 100)
        let longer = [UInt8](repeating: 7, count: 70_000)
        let given =
            Client.text("") + Client.text("Grüße") + Client.text(long) + Client.frame(0x82, longer)
            + Client.frame(0x01, Array("fra".utf8)) + Client.frame(0x89, [1]) + Client.frame(0x00, Array("gmen".utf8))
            + Client.frame(0x80, Array("ted".utf8)) + Client.frame(0x8A, [9]) + Client.frame(0x02, [0xC3])
            + Client.frame(0x80, [0xA4])
        let expected =
            [0x81, 0] + ([0x81, 7] + Array("Grüße".utf8)) + ([0x81, 126, 0, 200] + Array(long.utf8))
            + ([0x82, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70] + longer)
        let last =
            ([0x81, 10] + Array("fragmented".utf8)) + [0x82, 2, 0xC3, 0xA4]
        for size in [1, 2, 5, 1024, Int.max] {
            let peer = open(echo())
            peer.give(given, every: size)
            // The pong goes when what has arrived is read.
            let pong: [UInt8] = [0x8A, 1, 1]
            XCTAssertEqual(
                peer.sent, size < 1024 ? expected + pong + last : expected + last + pong, "in pieces of \(size)")
            XCTAssertFalse(peer.isClosed)
        }
        XCTAssertEqual(open(echo(), early: Client.text("early")).sent, [0x81, 5] + Array("early".utf8))
    }

    func testFailsTheConnectionWithTheRightCode() {
        let cases: [(String, [UInt8], Int)] = [
            ("unmasked", Client.frame(0x81, [65], masked: false), 1002),
            ("first reserved bit", Client.frame(0xC1, [65]), 1002),
            ("second reserved bit", Client.frame(0xA1, [65]), 1002),
            ("third reserved bit", Client.frame(0x91, [65]), 1002),
            ("reserved data opcode", Client.frame(0x83), 1002),
            ("reserved control opcode", Client.frame(0x8B), 1002),
            ("fragmented ping", Client.frame(0x09), 1002),
            ("long ping", Client.frame(0x89, [UInt8](repeating: 0, count: 126)), 1002),
            ("continuation of nothing", Client.frame(0x80, [65]), 1002),
            ("text within a message", Client.frame(0x01, [65]) + Client.text("b"), 1002),
            ("binary within a message", Client.frame(0x01, [65]) + Client.frame(0x82), 1002),
            ("two octets for a short length", [0x81, 0xFE, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5], 1002),
            ("eight octets for a short length", [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0], 1002),
            ("length beyond 63 bits", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1002),
            ("huge length", [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 1009),
            ("too long at once", Client.frame(0x81, [UInt8](repeating: 65, count: 301)), 1009),
            (
                "too long in parts",
                Client.frame(0x01, [UInt8](repeating: 65, count: 299)) + Client.frame(0x80, [65, 65]), 1009
            ),
            ("overlong UTF-8", Client.frame(0x81, [0xC0, 0xAF]), 1007),
            ("surrogate", Client.frame(0x81, [0xED, 0xA0, 0x80]), 1007),
            ("cut UTF-8", Client.frame(0x01, [0xE2, 0x82]) + Client.frame(0x80, []), 1007),
            ("close of one octet", Client.frame(0x88, [3]), 1002),
            ("close reason not UTF-8", Client.frame(0x88, [3, 0xE8, 0xFF]), 1007),
        ]
        for (name, bytes, code) in cases {
            let peer = open(echo(maximum: 300))
            peer.give(bytes + Client.text("after"))
            XCTAssertEqual(peer.sent.first, 0x88, name)
            XCTAssertEqual(Array(peer.sent.dropFirst(2).prefix(2)), closing(code), name)
            XCTAssertEqual(peer.sent.count, 2 + Int(peer.sent.dropFirst().first ?? 0), "\(name): only a close is sent")
            XCTAssertTrue(peer.isClosed, name)
        }
    }

    func testAnswersACloseWithItsCode() {
        for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
            let peer = open(echo())
            peer.give(Client.close(code, "Grund"))
            XCTAssertEqual(peer.sent, [0x88, 2] + closing(code), "\(code)")
            XCTAssertTrue(peer.isClosed, "\(code)")
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
            let peer = open(echo())
            peer.give(Client.close(code))
            XCTAssertEqual(Array(peer.sent.dropFirst(2).prefix(2)), closing(1002), "\(code)")
            XCTAssertTrue(peer.isClosed, "\(code)")
        }
        let silent = open(echo())
        silent.give(Client.frame(0x88))
        XCTAssertEqual(silent.sent, [0x88, 0])
        XCTAssertTrue(silent.isClosed)
    }

    func testClosesFromThisSideAndWaitsForTheAnswer() throws {
        let streams = Shared<[HTTPWebSocketStream]>([])
        let socket = HTTPWebSocket(
            onMessage: { _, _ in XCTFail("The connection closes.") },
            begin: { stream in streams.change { $0.append(stream) } })
        let peer = open(socket)
        let stream = try XCTUnwrap(streams.current.first)
        let reason = String(repeating: "ü", count: 100)
        stream.close(code: 4000, reason: reason)
        stream.close()
        stream.send(text: Array("late".utf8))
        peer.answerWakes()
        let shortened = Array(reason.utf8.prefix(122))
        XCTAssertEqual(peer.sent, [0x88, 124] + closing(4000) + shortened)
        peer.give(Client.text("crossing") + Client.frame(0x89, [1]))
        XCTAssertFalse(peer.isClosed)
        peer.give(Client.close(4000))
        XCTAssertTrue(peer.isClosed)
        XCTAssertEqual(peer.sent.count, 126)
    }

    func testDoesNotWaitForTheAnswerToACloseForEver() throws {
        let streams = Shared<[HTTPWebSocketStream]>([])
        let peer = open(HTTPWebSocket { stream in streams.change { $0.append(stream) } })
        try XCTUnwrap(streams.current.first).close()
        peer.answerWakes()
        XCTAssertFalse(peer.isClosed)
        peer.connection.expire(&peer.output)
        XCTAssertTrue(peer.isClosed)
    }

    func testPingsAndGivesUpAClientThatDoesNotAnswer() {
        let peer = open(echo())
        peer.connection.expire(&peer.output)
        XCTAssertEqual(peer.sent, [0x89, 0])
        peer.give(Client.frame(0x8A))
        peer.connection.expire(&peer.output)
        XCTAssertEqual(peer.sent, [0x89, 0, 0x89, 0])
        XCTAssertFalse(peer.isClosed)
        peer.give(Client.text("talking is no pong"))
        peer.connection.expire(&peer.output)
        XCTAssertTrue(peer.isClosed)
    }

    func testAnswersOnlyTheLastPingOfARead() {
        let peer = open(echo())
        peer.give((0..<5000).flatMap { Client.frame(0x89, [UInt8($0 & 255), UInt8($0 >> 8)]) })
        XCTAssertEqual(peer.sent, [0x8A, 2, UInt8(4999 & 255), UInt8(4999 >> 8)])
        peer.give(Client.frame(0x89, [7]))
        XCTAssertEqual(peer.sent.suffix(3), [0x8A, 1, 7])
    }

    func testAPongNeverStandsWithinAFrame() throws {
        let streams = Shared<[HTTPWebSocketStream]>([])
        let peer = open(HTTPWebSocket { stream in streams.change { $0.append(stream) } })
        let stream = try XCTUnwrap(streams.current.first)
        let large = [UInt8](repeating: 65, count: 300_000)
        stream.send(text: large)
        peer.answerWakes()
        XCTAssertGreaterThan(stream.pendingBytes, 0)
        peer.give(Client.frame(0x89, [1]))
        peer.give(Client.frame(0x89, [2]))
        XCTAssertFalse(peer.output.bytes.suffix(3) == [0x8A, 1, 2])
        let first = Array(peer.sent)
        peer.output = ConnectionOutput()
        peer.connection.receive(UnsafeRawBufferPointer(start: nil, count: 0), &peer.output)
        let frame = [0x81, 127, 0, 0, 0, 0, 0, 4, 0x93, 0xE0] + large
        XCTAssertEqual(first + peer.output.bytes, frame + [0x8A, 1, 2])
        XCTAssertEqual(stream.pendingBytes, 0)
    }

    func testGivesUpAClientThatIsTooSlow() throws {
        let streams = Shared<[HTTPWebSocketStream]>([])
        let ends = Shared(0)
        var socket = HTTPWebSocket { stream in
            stream.onEnd { ends.change { $0 += 1 } }
            streams.change { $0.append(stream) }
        }
        socket.maximumPendingBytes = 1000
        let peer = open(socket)
        let stream = try XCTUnwrap(streams.current.first)
        // One message may be as long as it likes.
        stream.send(text: [UInt8](repeating: 65, count: 400_000))
        peer.answerWakes()
        XCTAssertFalse(peer.isClosed)
        stream.send(binary: [1])
        peer.answerWakes()
        XCTAssertTrue(peer.isClosed)
        XCTAssertEqual(ends.current, 1)
        XCTAssertEqual(stream.pendingBytes, 0)
        stream.send(text: [65])
        XCTAssertEqual(stream.pendingBytes, 0)
    }

    func testAClientThatIsSlowIsNotAskedForAPong() throws {
        let streams = Shared<[HTTPWebSocketStream]>([])
        let peer = open(HTTPWebSocket { stream in streams.change { $0.append(stream) } })
        try XCTUnwrap(streams.current.first).send(text: [UInt8](repeating: 65, count: 400_000))
        peer.answerWakes()
        for _ in 0..<3 { peer.connection.expire(&peer.output) }
        XCTAssertFalse(peer.isClosed)
        peer.output = ConnectionOutput()
        peer.connection.receive(UnsafeRawBufferPointer(start: nil, count: 0), &peer.output)
        peer.connection.expire(&peer.output)
        XCTAssertEqual(peer.output.bytes.suffix(2), [0x89, 0])
    }

    func testSaysGoodByeWhenTheServerStops() throws {
        let streams = Shared<[HTTPWebSocketStream]>([])
        let ends = Shared(0)
        let peer = open(
            HTTPWebSocket { stream in
                stream.onEnd { ends.change { $0 += 1 } }
                streams.change { $0.append(stream) }
            })
        peer.connection.stop(&peer.output)
        XCTAssertEqual(Array(peer.output.bytes.suffix(4)), [0x88, 2] + closing(1001))
        XCTAssertTrue(peer.output.closes)
        try XCTUnwrap(streams.current.first).send(text: [65])
        XCTAssertEqual(peer.sent, [0x88, 2] + closing(1001))
        peer.connection.end()
        XCTAssertEqual(ends.current, 1)
        try XCTUnwrap(streams.current.first).onEnd { ends.change { $0 += 1 } }
        XCTAssertEqual(ends.current, 2)
    }
}
