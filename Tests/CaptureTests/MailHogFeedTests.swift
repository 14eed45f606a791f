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
    private func hear(_ text: String, on connection: PureConnection) {
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
            hear("mail 50.", on: connection)
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
        for socket in sockets { hear("shared.", on: socket) }
        XCTAssertEqual(Set(sockets.map(\.sent)).count, 1)
    }

    func testOneThatDoesNotReadIsGivenUpAndTheOthersHearEverything() throws {
        let (silent, reader) = (listen("/api/v2/websocket"), listen("/api/v2/websocket"))
        let large = String(repeating: "x", count: 200_000)
        var heard = 0
        for number in 0..<60 {
            try add("\(large)\(number).")
            let marker = Array("x\(number).".utf8)
            // Each mail's subject occurs twice, as a field and in the octets.
            var times = 0
            var rest: [UInt8] = []
            while times < 2 {
                sched_yield()
                reader.answerWakes()
                reader.connection.receive(UnsafeRawBufferPointer(start: nil, count: 0), &reader.output)
                rest += reader.output.bytes
                heard += reader.output.count
                reader.output = ConnectionOutput()
                while let found = rest[...].firstRange(of: marker) {
                    times += 1
                    rest.removeFirst(found.upperBound)
                }
                rest = rest.suffix(marker.count)
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
        hear("heard.", on: next)
        XCTAssertFalse(next.written.contains("unheard"))
        XCTAssertFalse(socket.written.contains("heard"))
    }
}
