/// The frames of a WebSocket (RFC 6455, 5.2) as a server writes them: whole and unmasked.
enum WebSocketFrame {
    enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { rawValue >= 8 }
    }

    /// What stands before a payload of so many octets.
    static func head(_ opcode: Opcode, _ count: Int) -> [UInt8] {
        var head = [0x80 | opcode.rawValue]
        switch count {
        case ..<126: head.append(UInt8(count))
        case ..<65536: head += [126, UInt8(count >> 8), UInt8(count & 255)]
        default:
            head.append(127)
            for shift in stride(from: 56, through: 0, by: -8) { head.append(UInt8(truncatingIfNeeded: count >> shift)) }
        }
        return head
    }

    static func encoded(_ opcode: Opcode, _ payload: [UInt8]) -> [UInt8] { head(opcode, payload.count) + payload }

    /// A close frame; without code it has no payload.
    static func close(_ code: UInt16?, reason: String = "") -> [UInt8] {
        guard let code else { return encoded(.close, []) }
        var text = Array(reason.utf8.prefix(123))
        while !isUTF8(text) { text.removeLast() }
        return encoded(.close, [UInt8(code >> 8), UInt8(code & 255)] + text)
    }

    /// Whether a peer may give that code (RFC 6455, 7.4, and the registry).
    static func mayBeSent(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// Whether octets are well-formed UTF-8.
func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
