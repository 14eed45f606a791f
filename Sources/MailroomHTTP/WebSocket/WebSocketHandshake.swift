import Foundation
import MailroomLibraries

/// The opening of a WebSocket (RFC 6455, 4.2).
enum WebSocketHandshake {
    /// What is answered to a client's key.
    static func acceptance(of key: String) -> String {
        Data(SHA1Digest.octets(of: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))).base64EncodedString()
    }

    /// The key of a request that asks for a WebSocket; nil for one that does not, or not properly.
    static func key(of request: HTTPRequest) -> String? {
        guard request.method == "GET", request.speaksVersion11, request.body.isEmpty,
            request.headers.values("Connection").contains(where: { lists("upgrade", in: $0) }),
            request.headers.values("Upgrade").contains(where: { lists("websocket", in: $0) }),
            request.headers.values("Sec-WebSocket-Version") == ["13"]
        else { return nil }
        let keys = request.headers.values("Sec-WebSocket-Key")
        guard keys.count == 1, Data(base64Encoded: keys[0])?.count == 16 else { return nil }
        return keys[0]
    }

    /// What a request that is none gets.
    static let refusal = HTTPResponse(
        400, type: "text/plain; charset=utf-8",
        headers: ["Sec-Websocket-Version": "13", "X-Content-Type-Options": "nosniff"],
        body: Array("Bad Request\n".utf8))

    private static func lists(_ word: String, in value: String) -> Bool {
        value.split(separator: ",").contains { item in
            equalsIgnoringCase(String(item.filter { $0 != " " && $0 != "\t" }), word)
        }
    }
}
