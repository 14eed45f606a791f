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

    private struct State {
        var isClosing = false
        var hasEnded = false
        var onEnd: [@Sendable () -> Void] = []
    }

    private let post: @Sendable ([UInt8]) -> Void
    private let wake: @Sendable () -> Void
    private let state = Mutex(State())

    init(post: @escaping @Sendable ([UInt8]) -> Void, wake: @escaping @Sendable () -> Void) {
        self.post = post
        self.wake = wake
    }

    /// Sends a text, which must be UTF-8, in one frame. Without effect once the connection closes.
    public func send(text: [UInt8]) { send(WebSocketFrame.encoded(.text, text)) }

    /// Sends octets in one frame. Without effect once the connection closes.
    public func send(binary: [UInt8]) { send(WebSocketFrame.encoded(.binary, binary)) }

    /// Begins the closing handshake; the connection ends when the client has answered, or soon after if it does not.
    /// Codes are those of RFC 6455, 7.4; of the reason no more than 123 octets are sent.
    public func close(code: UInt16 = 1000, reason: String = "") {
        if beginClosing(WebSocketFrame.close(code, reason: reason)) { wake() }
    }

    /// Calls `body` once when the connection is gone or the server stops, at once if that has happened.
    public func onEnd(_ body: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if !state.hasEnded { state.onEnd.append(body) }
            return state.hasEnded
        }
        if isLate { body() }
    }

    var isClosing: Bool { state.withLock { $0.isClosing } }

    /// Posts under the lock, so that no frame follows the close frame.
    func send(_ frame: [UInt8]) {
        state.withLock { state in
            if !state.isClosing { post(frame) }
        }
    }

    /// Sends a close frame unless one was sent.
    /// - Returns: whether it was the first.
    func beginClosing(_ frame: [UInt8]) -> Bool {
        state.withLock { state in
            if state.isClosing { return false }
            state.isClosing = true
            post(frame)
            return true
        }
    }

    func end() {
        let bodies = state.withLock { state in
            state.isClosing = true
            state.hasEnded = true
            defer { state.onEnd = [] }
            return state.onEnd
        }
        for body in bodies { body() }
    }
}
