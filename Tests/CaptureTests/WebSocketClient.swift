import MailroomSockets
import Synchronization

@testable import MailroomHTTP

/// What a WebSocket's client sends.
enum WebSocketClient {
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    static func handshake(_ changes: [String: String] = [:], method: String = "GET", version: String = "1.1") -> String
    {
        var fields = [
            "Host": "x", "Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
        ]
        for (name, value) in changes { fields[name] = value.isEmpty ? nil : value }
        return "\(method) /socket HTTP/\(version)\r\n"
            + fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n"
    }

    /// A masked frame; `head` is its first octet.
    static func frame(_ head: UInt8, _ payload: [UInt8] = [], masked: Bool = true) -> [UInt8] {
        let mask: [UInt8] = masked ? [0xA1, 0x02, 0xFF, 0x40] : [0, 0, 0, 0]
        var frame = [head]
        let bit: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ..<126: frame.append(bit | UInt8(payload.count))
        case ..<65536: frame += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: frame += [bit | 127] + (0..<8).reversed().map { UInt8(payload.count >> (8 * $0) & 255) }
        }
        if masked { frame += mask }
        return frame + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    static func text(_ text: String) -> [UInt8] { frame(0x81, Array(text.utf8)) }
    static func close(_ code: Int, _ reason: String = "") -> [UInt8] {
        frame(0x88, [UInt8(code >> 8), UInt8(code & 255)] + reason.utf8)
    }
}

/// A value that closures share.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }

    var current: Value { value.withLock { $0 } }
    func change(_ body: (inout Value) -> Void) { value.withLock { body(&$0) } }
}

/// A connection without a network: what is given to it, and what leaves it in its order.
final class PureConnection {
    let connection: HTTPConnection
    var output = ConnectionOutput()
    private let wakes = Shared(0)

    init(_ routes: HTTPRoutes, limits: HTTPLimits = HTTPLimits()) {
        let wakes = wakes
        connection = HTTPConnection(routes: routes, limits: limits, wake: { wakes.change { $0 += 1 } })
        connection.begin(&output)
    }

    func give(_ bytes: [UInt8], every size: Int = .max) {
        var rest = bytes[...]
        while !rest.isEmpty {
            Array(rest.prefix(size)).withUnsafeBytes { connection.receive($0, &output) }
            rest = rest.dropFirst(size)
        }
    }

    func give(_ text: String) { give(Array(text.utf8)) }

    /// Does what the server's thread does after ``ServerConnection/wake()``.
    func answerWakes() {
        while wakes.current > 0 {
            wakes.change { $0 -= 1 }
            connection.receive(UnsafeRawBufferPointer(start: nil, count: 0), &output)
        }
    }

    /// What was written on the server's thread, its Date fields left out.
    var written: String {
        String(decoding: output.bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("Date: ") }.joined(separator: "\n")
    }
    /// What has left behind the last header, with what other threads sent.
    var sent: [UInt8] {
        answerWakes()
        let bytes = Array(output.bytes)
        for start in stride(from: bytes.count, through: 4, by: -1) where bytes[start - 4..<start] == [13, 10, 13, 10] {
            return Array(bytes[start...])
        }
        return bytes
    }
    var isClosed: Bool { output.closes }
}
