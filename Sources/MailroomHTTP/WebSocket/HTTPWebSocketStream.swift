import MailroomSockets
import Synchronization

/// A WebSocket's client; any thread may send to it.
public final class HTTPWebSocketStream: Sendable {
    /// What a client sent.
    public enum Message: Sendable, Hashable {
        /// Well-formed UTF-8.
        case text([UInt8])
        /// Any octets.
        case binary([UInt8])
    }

    let outbox: HTTPOutbox
    private let wake: @Sendable () -> Void
    private let closing = Mutex(false)
    private let actions = EndActions()

    init(limit: Int, wake: @escaping @Sendable () -> Void) {
        outbox = HTTPOutbox(limit: limit, wake: wake)
        self.wake = wake
    }

    /// How many octets wait because the client is slow, beside some that are on their way.
    public var pendingBytes: Int { outbox.count }

    /// Sends a text, which must be UTF-8, in one frame. Without effect once the connection closes; a client that is too
    /// slow (``HTTPWebSocket/maximumPendingBytes``) is given up. Streams that are sent the same array share it.
    public func send(text: [UInt8]) { send(.text, text) }

    /// Sends octets in one frame, as ``send(text:)`` does.
    public func send(binary: [UInt8]) { send(.binary, binary) }

    /// Begins the closing handshake; the connection ends when the client has answered, or soon after if it does not.
    /// Codes are those of RFC 6455, 7.4; of the reason no more than 123 octets are sent.
    public func close(code: UInt16 = 1000, reason: String = "") {
        if beginClosing(WebSocketFrame.close(code, reason: reason)) { wake() }
    }

    /// Breaks the connection off; what waits is dropped.
    public func giveUp() { outbox.giveUp() }

    /// Calls `body` once when the connection is gone or the server stops, at once if that has happened.
    public func onEnd(_ body: @escaping @Sendable () -> Void) {
        actions.add(body)
    }

    var isClosing: Bool { closing.withLock { $0 } }

    /// Posts under the lock, so that no frame follows the close frame.
    func send(_ opcode: WebSocketFrame.Opcode, _ payload: [UInt8]) {
        closing.withLock { isClosing in
            if !isClosing { outbox.post([WebSocketFrame.head(opcode, payload.count), payload]) }
        }
    }

    /// Sends a close frame unless one was sent.
    /// - Returns: whether it was the first.
    func beginClosing(_ frame: [UInt8]) -> Bool {
        closing.withLock { isClosing in
            if isClosing { return false }
            isClosing = true
            outbox.post([frame])
            return true
        }
    }

    func end() {
        outbox.close()
        closing.withLock { $0 = true }
        actions.end()
    }
}
