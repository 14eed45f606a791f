import MailroomSockets
import XCTest

@testable import MailroomHTTP

final class HTTPEventStreamTests: XCTestCase {
    private func text(_ event: HTTPEvent) -> String { String(decoding: event.bytes, as: UTF8.self) }

    func testWhateverEndsALineBeginsADataLine() {
        for (lines, expected) in [
            ("", "data: \n\n"), ("a", "data: a\n\n"), ("a\nb", "data: a\ndata: b\n\n"),
            ("a\r\nb\rc\n", "data: a\ndata: b\ndata: c\ndata: \n\n"), ("a\r", "data: a\ndata: \n\n"),
            ("x\r\revent: forged\r\r", "data: x\ndata: \ndata: event: forged\ndata: \ndata: \n\n"),
        ] {
            XCTAssertEqual(text(HTTPEvent(lines: Array(lines.utf8))), expected, lines.debugDescription)
        }
        XCTAssertEqual(text(HTTPEvent("a\nb\r\nc", lines: [65])), "event: a b  c\ndata: A\n\n")
    }

    /// A connection whose client listens, and its stream.
    private func listening(_ limit: Int, onEnd: @escaping @Sendable () -> Void = {}) throws -> (
        PureConnection, HTTPEventStream
    ) {
        let streams = Shared<[HTTPEventStream]>([])
        var routes = HTTPRoutes()
        routes.on("GET", "/events") { _ in
            var events = HTTPEvents { stream in
                stream.onEnd(onEnd)
                streams.change { $0.append(stream) }
            }
            events.maximumPendingBytes = limit
            return HTTPResponse(events: events)
        }
        let connection = PureConnection(routes)
        connection.give("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
        return (connection, try XCTUnwrap(streams.current.first))
    }

    func testASlowClientIsSentWhatItHasRoomForAndGivenUpBeyondTheLimit() throws {
        let ends = Shared(0)
        let (connection, stream) = try listening(500_000) { ends.change { $0 += 1 } }
        let event = HTTPEvent(lines: [UInt8](repeating: 65, count: 200_000))
        for _ in 0..<4 {
            stream.send(event)
            connection.answerWakes()
        }
        XCTAssertEqual(connection.output.count, 256 * 1024)
        XCTAssertFalse(connection.isClosed)
        // More than the limit waits, which the next one finds out.
        XCTAssertGreaterThan(stream.pendingBytes, 500_000)
        stream.send(event)
        XCTAssertEqual(stream.pendingBytes, 0)
        connection.answerWakes()
        XCTAssertTrue(connection.isClosed)
        XCTAssertEqual(ends.current, 1)
    }

    func testAllThatWasSentLeavesInOrderHoweverSlowTheClientIs() throws {
        let (connection, stream) = try listening(10 << 20)
        var expected = ""
        for number in 0..<3000 {
            let line = String(repeating: "\(number) ", count: 100)
            stream.send(lines: Array(line.utf8))
            let event = "data: \(line)\n\n"
            expected += "\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n"
        }
        connection.answerWakes()
        var received: [UInt8] = []
        while connection.output.count > 0 {
            received += connection.output.bytes
            connection.output = ConnectionOutput()
            connection.connection.receive(UnsafeRawBufferPointer(start: nil, count: 0), &connection.output)
        }
        let body = String(decoding: received, as: UTF8.self).components(separatedBy: "\r\n\r\n").dropFirst()
        XCTAssertEqual(body.joined(separator: "\r\n\r\n"), expected)
    }

    func testAServerThatStopsEndsTheAnswerBehindWhatWaits() throws {
        let (connection, stream) = try listening(10 << 20)
        stream.send(lines: [UInt8](repeating: 65, count: 400_000))
        connection.connection.stop(&connection.output)
        XCTAssertTrue(connection.output.bytes.suffix(13).elementsEqual("AAAA\n\n\r\n0\r\n\r\n".utf8))
        XCTAssertGreaterThan(connection.output.count, 400_000)
    }
}
