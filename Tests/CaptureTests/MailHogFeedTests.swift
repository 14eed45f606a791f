import MailroomSockets
import XCTest

@testable import MailroomCapture
@testable import MailroomHTTP

/// The feed of mails to those who listen.
final class MailHogFeedTests: XCTestCase {
    private let store = MessageStore()
    private lazy var routes: HTTPRoutes = {
        var routes = HTTPRoutes()
        MailHogRoutes(
            store: store, prefix: "", hostname: "h",
            release: Release(hostname: "h", outgoing: OutgoingServers(), makeTransport: nil)
        ).add(to: &routes)
        return routes
    }()

    private func add(_ text: String) throws {
        try store.add(Samples.captured(MailContent(Array("Subject: \(text)\r\n\r\nx\r\n".utf8))))
    }

    private func listen(_ path: String) -> PureConnection {
        let connection = PureConnection(routes)
        let upgrade = WebSocketClient.handshake().replacingOccurrences(of: "/socket", with: path)
        connection.give(path.hasSuffix("events") ? "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n" : upgrade)
        return connection
    }

    /// Waits for a text.
    private func await(_ text: String, on connection: PureConnection) {
        while !connection.written.contains(text) {
            sched_yield()
            connection.answerWakes()
        }
    }

    func testAClientHearsOfTheMailsThatComeAfterItInTheirOrder() throws {
        try add("before")
        let (events, socket) = (listen("/api/v1/events"), listen("/api/v2/websocket"))
        for number in 1...50 { try add("mail \(number).") }
        for connection in [events, socket] {
            await("mail 50.", on: connection)
            let text = connection.written
            XCTAssertFalse(text.contains("before"))
            var rest = text[...]
            for number in 1...50 {
                let place = try XCTUnwrap(rest.range(of: "mail \(number)."), "\(number)")
                rest = rest[place.upperBound...]
            }
        }
    }

    func testClientsShareTheOctets() throws {
        let sockets = (0..<3).map { _ in listen("/api/v2/websocket") }
        try add("shared.")
        for socket in sockets { await("shared.", on: socket) }
        XCTAssertEqual(Set(sockets.map(\.sent)).count, 1)
    }

    func testOneThatDoesNotReadIsGivenUpAndTheOthersHearEverything() throws {
        let (silent, reader) = (listen("/api/v2/websocket"), listen("/api/v2/websocket"))
        let large = String(repeating: "x", count: 200_000)
        var heard = 0
        for number in 0..<60 {
            try add("\(large)\(number).")
            while !String(decoding: reader.output.bytes.suffix(700_000), as: UTF8.self).contains("x\(number).") {
                sched_yield()
                reader.answerWakes()
                if reader.output.isFull {
                    heard += reader.output.count
                    reader.output = ConnectionOutput()
                    reader.connection.receive(UnsafeRawBufferPointer(start: nil, count: 0), &reader.output)
                }
            }
        }
        silent.answerWakes()
        XCTAssertTrue(silent.isClosed)
        XCTAssertFalse(reader.isClosed)
        XCTAssertGreaterThan(heard, 20_000_000)
    }

    func testNothingIsListenedToOnceAllHaveLeft() throws {
        let socket = listen("/api/v2/websocket")
        socket.connection.end()
        try add("unheard.")
        let next = listen("/api/v2/websocket")
        try add("heard.")
        await("heard.", on: next)
        XCTAssertFalse(next.written.contains("unheard"))
        XCTAssertFalse(socket.written.contains("heard"))
    }
}
