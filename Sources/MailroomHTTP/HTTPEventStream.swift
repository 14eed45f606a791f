import Synchronization

/// An answer that goes on: who begins to send events, and what keeps the connection alive in between.
public struct HTTPEvents: Sendable {
    /// After so long without an event ``keepAliveLine`` is sent.
    public var keepAlive: Duration
    /// A line that clients overlook; a comment unless set otherwise.
    public var keepAliveLine: String
    /// Called on the server's thread when the client listens: keep the stream and send to it.
    public var begin: @Sendable (HTTPEventStream) -> Void

    /// Events that `begin` arranges for.
    public init(
        keepAlive: Duration = .seconds(30), keepAliveLine: String = ":",
        begin: @escaping @Sendable (HTTPEventStream) -> Void
    ) {
        self.keepAlive = keepAlive
        self.keepAliveLine = keepAliveLine
        self.begin = begin
    }
}

/// A client that listens for server-sent events; any thread may send.
public final class HTTPEventStream: Sendable {
    private struct State {
        var hasEnded = false
        var onEnd: [@Sendable () -> Void] = []
    }

    private let chunked: Bool
    private let send: @Sendable ([UInt8]) -> Void
    private let finish: @Sendable () -> Void
    private let state = Mutex(State())

    init(chunked: Bool, send: @escaping @Sendable ([UInt8]) -> Void, finish: @escaping @Sendable () -> Void) {
        self.chunked = chunked
        self.send = send
        self.finish = finish
    }

    /// Sends one event; each line of `lines` becomes a `data` line. Without effect once the client is gone.
    public func send(event: String? = nil, lines: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.count + lines.count / 16 + 32)
        if let event { bytes.append(contentsOf: "event: \(event)\n".utf8) }
        for line in lines.split(separator: 10, omittingEmptySubsequences: false) {
            bytes.append(contentsOf: "data: ".utf8)
            bytes.append(contentsOf: line)
            bytes.append(10)
        }
        bytes.append(10)
        send(framed(bytes))
    }

    /// Ends the answer and closes the connection.
    public func close() {
        if chunked { send(Array("0\r\n\r\n".utf8)) }
        finish()
    }

    /// Calls `body` once when the client is gone or the server stops, at once if that has happened.
    public func onEnd(_ body: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if !state.hasEnded { state.onEnd.append(body) }
            return state.hasEnded
        }
        if isLate { body() }
    }

    func end() {
        let bodies = state.withLock { state in
            state.hasEnded = true
            defer { state.onEnd = [] }
            return state.onEnd
        }
        for body in bodies { body() }
    }

    func framed(_ bytes: [UInt8]) -> [UInt8] {
        guard chunked else { return bytes }
        return Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]
    }
}
