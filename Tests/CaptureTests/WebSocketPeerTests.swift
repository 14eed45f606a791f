import MailroomHTTP
import MailroomSockets
import TestSupport
import XCTest

/// The WebSocket, as other people's clients see it.
final class WebSocketPeerTests: XCTestCase {
    private func serve() throws -> HTTPServer {
        var routes = HTTPRoutes()
        routes.on("GET", "/echo") { _ in
            HTTPResponse(
                webSocket: HTTPWebSocket(
                    onMessage: { stream, message in
                        switch message {
                        case .text(let bytes) where bytes == Array("close".utf8):
                            stream.close(code: 4001, reason: "asked")
                        case .text(let bytes): stream.send(text: bytes)
                        case .binary(let bytes): stream.send(binary: bytes)
                        }
                    },
                    begin: { stream in
                        // From another thread, as mails come.
                        Thread.detachNewThread { for number in 1...100 { stream.send(text: Array("\(number)".utf8)) } }
                    }))
        }
        return try HTTPServer(SocketServer.Configuration(), routes: routes)
    }

    func testWebsocketsOfPythonIsUnderstood() throws {
        let python = try Programs.python(with: "websockets")
        let server = try serve()
        defer { server.stop() }
        let script = """
            import asyncio, websockets
            async def main():
                soon = lambda it: asyncio.wait_for(it, 20)
                async with websockets.connect("ws://127.0.0.1:\(server.port)/echo", max_size=None) as ws:
                    for n in range(1, 101):
                        assert await soon(ws.recv()) == str(n)
                    for text in ["", "ä€😀", "x" * 125, "x" * 126, "x" * 65535, "x" * 65536, "y" * 1000000]:
                        await ws.send(text)
                        assert await soon(ws.recv()) == text
                    await ws.send(bytes(range(256)))
                    assert await soon(ws.recv()) == bytes(range(256))
                    await ws.send(["in ", "three ", "parts"])
                    assert await soon(ws.recv()) == "in three parts"
                    await soon(await ws.ping())
                    await ws.send("close")
                    try:
                        await soon(ws.recv())
                        raise SystemExit("open")
                    except websockets.exceptions.ConnectionClosed as e:
                        assert e.rcvd.code == 4001 and e.rcvd.reason == "asked", e
                async with websockets.connect("ws://127.0.0.1:\(server.port)/echo") as ws:
                    for n in range(1, 101):
                        await soon(ws.recv())
                    await ws.close(1001)
                    assert ws.close_code == 1001
            asyncio.run(main())
            """
        let result = try Programs.run(python, ["-c", script])
        XCTAssertEqual(result.status, 0, result.errors)
    }

    func testWebsocketClientOfPythonIsUnderstood() throws {
        let python = try Programs.python(with: "websocket")
        let server = try serve()
        defer { server.stop() }
        let script = """
            import websocket
            ws = websocket.create_connection("ws://127.0.0.1:\(server.port)/echo", timeout=20)
            for n in range(1, 101):
                assert ws.recv() == str(n)
            ws.send("ä" * 70000)
            assert ws.recv() == "ä" * 70000
            ws.ping("p")
            frame = ws.recv_frame()
            assert frame.opcode == 10 and frame.data == b"p", frame
            ws.send_close(1000)
            frame = ws.recv_frame()
            assert frame.opcode == 8 and frame.data == b"\\x03\\xe8", frame
            try:
                ws.recv_frame()
                raise SystemExit("open")
            except websocket.WebSocketConnectionClosedException:
                pass
            """
        let result = try Programs.run(python, ["-c", script])
        XCTAssertEqual(result.status, 0, result.errors)
    }
}
