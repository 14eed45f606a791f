/// Finds messages in the octets of a WebSocket's client, however they are split (RFC 6455, 5).
///
/// Give it octets, then ask for events until there is none. After a failure it is of no further use.
struct WebSocketReader {
    enum Event: Equatable {
        case text([UInt8])
        case binary([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        case close(UInt16?)
    }

    /// Why the connection fails, as a code of section 7.4.1.
    struct Failure: Error, Equatable {
        let code: UInt16
        let reason: String
    }

    private struct Head {
        let isLast: Bool
        let opcode: WebSocketFrame.Opcode
        let length: Int
        let mask: (UInt8, UInt8, UInt8, UInt8)
        let size: Int
    }

    private let maximumMessageBytes: Int
    private var buffer: [UInt8] = []
    private var start = 0
    /// The message whose fragments are arriving.
    private var message: (opcode: WebSocketFrame.Opcode, bytes: [UInt8])?

    init(maximumMessageBytes: Int) { self.maximumMessageBytes = maximumMessageBytes }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 64 * 1024)
            start = 0
        } else if start > 64 * 1024 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    mutating func next() throws(Failure) -> Event? {
        while true {
            guard let head = try readHead(), buffer.count - start - head.size >= head.length else { return nil }
            let payload = unmasked(head)
            start += head.size + head.length
            if let event = try event(of: head, payload) { return event }
        }
    }

    private func readHead() throws(Failure) -> Head? {
        let available = buffer.count - start
        guard available >= 2 else { return nil }
        let (first, second) = (buffer[start], buffer[start + 1])
        guard first & 0x70 == 0 else { throw Failure(code: 1002, reason: "A reserved bit is set.") }
        guard let opcode = WebSocketFrame.Opcode(rawValue: first & 15) else {
            throw Failure(code: 1002, reason: "The opcode is unknown.")
        }
        guard second & 0x80 != 0 else { throw Failure(code: 1002, reason: "A client masks its frames.") }
        let isLast = first & 0x80 != 0
        if opcode.isControl, !isLast || second & 127 > 125 {
            throw Failure(code: 1002, reason: "A control frame is too long or in fragments.")
        }
        switch opcode {
        case .continuation where message == nil: throw Failure(code: 1002, reason: "There is nothing to continue.")
        case .text where message != nil, .binary where message != nil:
            throw Failure(code: 1002, reason: "The last message is not complete.")
        default: break
        }
        let extra = second & 127 == 126 ? 2 : second & 127 == 127 ? 8 : 0
        guard available >= 2 + extra else { return nil }
        var length = UInt64(second & 127)
        if extra > 0 {
            length = buffer[start + 2..<start + 2 + extra].reduce(0) { $0 << 8 | UInt64($1) }
            guard length >= (extra == 2 ? 126 : 65536), length < 1 << 63 else {
                throw Failure(code: 1002, reason: "The length is malformed.")
            }
        }
        if !opcode.isControl, length > UInt64(max(0, maximumMessageBytes - (message?.bytes.count ?? 0))) {
            throw Failure(code: 1009, reason: "A message may have \(maximumMessageBytes) octets at most.")
        }
        guard available >= 6 + extra else { return nil }
        let mask = start + 2 + extra
        return Head(
            isLast: isLast, opcode: opcode, length: Int(length),
            mask: (buffer[mask], buffer[mask + 1], buffer[mask + 2], buffer[mask + 3]), size: 6 + extra)
    }

    private func unmasked(_ head: Head) -> [UInt8] {
        let (a, b, c, d) = head.mask
        let mask = [a, b, c, d]
        let begin = start + head.size
        return [UInt8](unsafeUninitializedCapacity: head.length) { room, count in
            for index in 0..<head.length { room[index] = buffer[begin + index] ^ mask[index & 3] }
            count = head.length
        }
    }

    private mutating func event(of head: Head, _ payload: [UInt8]) throws(Failure) -> Event? {
        switch head.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close: return .close(try closeCode(payload))
        case .continuation: message?.bytes.append(contentsOf: payload)
        case .text, .binary: message = (head.opcode, payload)
        }
        guard head.isLast, let whole = message else { return nil }
        message = nil
        if whole.opcode == .binary { return .binary(whole.bytes) }
        guard isUTF8(whole.bytes) else { throw Failure(code: 1007, reason: "A text is not UTF-8.") }
        return .text(whole.bytes)
    }

    private func closeCode(_ payload: [UInt8]) throws(Failure) -> UInt16? {
        if payload.isEmpty { return nil }
        guard payload.count >= 2 else { throw Failure(code: 1002, reason: "A close code has two octets.") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard WebSocketFrame.mayBeSent(code) else {
            throw Failure(code: 1002, reason: "The close code is not allowed.")
        }
        guard isUTF8(Array(payload[2...])) else { throw Failure(code: 1007, reason: "The reason is not UTF-8.") }
        return code
    }
}
