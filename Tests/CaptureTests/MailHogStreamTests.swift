import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture
@testable import MailroomHTTP

/// The event stream and the WebSocket, line by line of MailHog's API.
final class MailHogStreamTests: XCTestCase {
    private static let routes = MailHogRoutes(
        store: MessageStore(), prefix: "", hostname: "h",
        release: Release(hostname: "h", outgoing: OutgoingServers(), makeTransport: nil))

    // MARK: Events

    func testEventsAreAChunkedEventStreamThatIsNotCached() throws {
        let api = try APIServer()
        let events = try api.open("/api/v1/events")
        let head = try events.read(until: "\r\n\r\n")
        XCTAssertTrue(head.hasPrefix("HTTP/1.1 200 OK\r\n"), head)
        for field in ["Content-Type: text/event-stream", "Cache-Control: no-cache", "Transfer-Encoding: chunked"] {
            XCTAssertTrue(head.contains("\r\n\(field)\r\n"), head)
        }
    }

    func testEachMailIsOneEventOfIndentedJSONInDataLines() throws {
        let api = try APIServer()
        let events = try api.open("/api/v1/events")
        _ = try events.read(until: "\r\n\r\n")
        let id = try api.capture("Subject: <one>\r\n\r\nbody")
        let event = try events.chunk()
        XCTAssertTrue(
            event.hasPrefix("data: {\ndata:   \"ID\": \"\(id)\",\ndata:   \"From\": {\ndata:     \"Relays\": null,\n"))
        XCTAssertTrue(event.hasSuffix("\ndata:   }\ndata: }\n\n"))
        let lines = event.split(separator: "\n")
        XCTAssertTrue(lines.allSatisfy { $0.hasPrefix("data: ") })
        let json = lines.map { $0.dropFirst(6) }.joined(separator: "\n")
        let object = try XCTUnwrap(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        XCTAssertEqual(object as NSDictionary, try api.message(id) as NSDictionary)
    }

    func testTheStreamIsKeptAliveEach60Seconds() throws {
        let response = Self.routes.events()
        guard case .events(let events) = response.body else { return XCTFail("no event stream") }
        XCTAssertEqual(events.keepAlive, .seconds(60))
        XCTAssertEqual(events.keepAliveLine, "keepalive: ")
    }

    func testMailsThatArriveAtTheSameInstantDoNotBreakTheStream() throws {
        let api = try APIServer()
        let events = try (0..<3).map { _ in try api.open("/api/v1/events") }
        for listening in events { _ = try listening.read(until: "\r\n\r\n") }
        let threads = 8
        let mails = 50
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            for number in 0..<mails { XCTAssertNotNil(try? api.capture("Subject: \(thread) \(number)\r\n\r\nx")) }
        }
        for listening in events {
            var subjects: Set<String> = []
            for _ in 0..<threads * mails {
                let event = try listening.chunk()
                let json = event.split(separator: "\n").map { $0.dropFirst(6) }.joined(separator: "\n")
                let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
                let headers = (object?["Content"] as? [String: Any])?["Headers"] as? [String: [String]]
                subjects.insert(headers?["Subject"]?.first ?? "")
            }
            XCTAssertEqual(subjects.count, threads * mails)
        }
    }

    // MARK: WebSocket

    func testTheWebSocketSendsEachMailAsOneTextFrameOfCompactJSONAndALineBreak() throws {
        let api = try APIServer(prefix: "/p")
        let socket = try api.openWebSocket()
        XCTAssertTrue(socket.head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"), socket.head)
        let ids = try ["Subject: one\r\n\r\nx", String(repeating: "long ", count: 20_000)].map { try api.capture($0) }
        for id in ids {
            let frame = try socket.frame()
            XCTAssertEqual(frame.head, 0x81)
            XCTAssertEqual(
                String(decoding: frame.payload, as: UTF8.self), try api.ask("GET", "/api/v1/messages/\(id)").text + "\n"
            )
        }
    }

    func testTheWebSocketPingsEach54SecondsAndWaits60ForThePong() throws {
        let response = Self.routes.webSocket()
        guard case .webSocket(let socket) = response.body else { return XCTFail("no WebSocket") }
        XCTAssertEqual(socket.pingInterval, .seconds(54))
        XCTAssertEqual(socket.pongWait, .seconds(60))
    }

    func testAClientMaySendOneOctetAndNoMore() throws {
        let api = try APIServer()
        let socket = try api.openWebSocket()
        let deadline = ContinuousClock.now + .seconds(10)
        try socket.stream.write(WebSocketClient.text("a") + WebSocketClient.text(""), deadline: deadline)
        try api.capture("x")
        XCTAssertEqual(try socket.frame().head, 0x81)
        try socket.stream.write(WebSocketClient.text("ab"), deadline: deadline)
        let frame = try socket.frame()
        XCTAssertEqual(frame.head, 0x88)
        XCTAssertEqual(Array(frame.payload.prefix(2)), [0x03, 0xF1])
        XCTAssertTrue(try socket.ends())
    }

    func testAPlainGetOfTheWebSocketIs400BadRequest() throws {
        let answer = try APIServer().ask("GET", "/api/v2/websocket")
        XCTAssertEqual(answer.status, 400)
        XCTAssertEqual(answer.text, "Bad Request\n")
        XCTAssertEqual(answer.field("Sec-Websocket-Version"), "13")
    }

    func testListenersThatLeaveAreForgotten() throws {
        let api = try APIServer()
        do {
            let events = try api.open("/api/v1/events")
            _ = try events.read(until: "\r\n\r\n")
            _ = try api.openWebSocket()
        }
        try api.capture("x")
        XCTAssertEqual(try api.ask("GET", "/api/v2/messages").status, 200)
    }

    func testStoppingTheServerEndsBothStreams() throws {
        let api = try APIServer()
        let events = try api.open("/api/v1/events")
        _ = try events.read(until: "\r\n\r\n")
        let socket = try api.openWebSocket()
        api.stop()
        XCTAssertTrue(try events.ends())
        let frame = try socket.frame()
        XCTAssertEqual(frame.head, 0x88)
        XCTAssertEqual(frame.payload, [0x03, 0xE9])
        XCTAssertTrue(try socket.ends())
    }

    // MARK: Other people's clients

    func testPythonsWebsocketsSeesMails() throws {
        let python = try Programs.python(with: "websockets")
        let server = try TestServer()
        let script = """
            import asyncio, json, smtplib, websockets
            async def main():
                async with websockets.connect("ws://localhost:\(server.ports.web)/api/v2/websocket") as ws:
                    with smtplib.SMTP("127.0.0.1", \(server.ports.smtp)) as s:
                        for n in range(5):
                            s.sendmail("a@x.example", ["b@y.example"], f"Subject: {n}\\r\\n\\r\\nb")
                    for n in range(5):
                        text = await asyncio.wait_for(ws.recv(), 20)
                        assert text.endswith("}\\n")
                        assert json.loads(text)["Content"]["Headers"]["Subject"] == [str(n)]
            asyncio.run(main())
            """
        let result = try Programs.run(python, ["-c", script])
        XCTAssertEqual(result.status, 0, result.errors)
    }

    func testTheMailhogPackageOfPythonNoticesNoDifference() throws {
        let python = try Programs.python(with: "mailhog", optional: true)
        let server = try TestServer()
        try server.send([
            "Subject: first\r\n\r\none",
            "Subject: second\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\npre\r\n--B\r\n\r\ntwo\r\n--B--\r\n",
        ])
        let script = """
            from mailhog import Mailhog
            m = Mailhog("127.0.0.1", \(server.ports.web))
            all = m.messages()
            assert (all.total, all.count, all.start) == (2, 2, 0)
            assert [x.get_subject() for x in all.items] == ["second", "first"], all
            assert all.items[0].get_sender() == "a@x.example"
            assert all.items[0].get_recipients() == ["b@y.example"]
            assert [p.body for p in all.items[0].mime.parts] == ["pre", "two", "--"], all
            assert all.items[1].mime is None
            assert m.messages(start=1, limit=1).items[0].get_subject() == "first"
            assert m.search("ONE").count == 1
            assert m.search("b@Y", kind="to").total == 2
            assert m.search("nothing").items == []
            m.delete(all.items[0])
            try:
                m.delete(all.items[0])
                raise SystemExit("deleted twice")
            except Exception as e:
                assert e.response.status_code == 500, e
            assert m.messages().total == 1
            m.delete_all()
            assert m.messages().items == []
            """
        let result = try Programs.run(python, ["-c", script])
        XCTAssertEqual(result.status, 0, result.errors)
    }
}
