import MailroomSockets

/// A client that listens for server-sent events; any thread may send.
public final class HTTPEventStream: Sendable {
    private let chunked: Bool
    private let outbox: HTTPOutbox
    private let actions = EndActions()

    init(chunked: Bool, limit: Int, wake: @escaping @Sendable () -> Void) {
        self.chunked = chunked
        outbox = HTTPOutbox(limit: limit, wake: wake)
    }

    /// How many octets wait because the client is slow, beside some that are on their way.
    public var pendingBytes: Int { outbox.count }

    /// Sends one event. Without effect once the client is gone; one that is too slow
    /// (``HTTPEvents/maximumPendingBytes``) is given up.
    public func send(_ event: HTTPEvent) { post(event.bytes) }

    /// Sends one event; each line of `lines` becomes a `data` line.
    public func send(event: String? = nil, lines: [UInt8]) { send(HTTPEvent(event, lines: lines)) }

    /// Breaks the connection off; what waits is dropped.
    public func giveUp() { outbox.giveUp() }

    /// Calls `body` once when the client is gone or the server stops, at once if that has happened.
    public func onEnd(_ body: @escaping @Sendable () -> Void) {
        actions.add(body)
    }

    // MARK: The server's thread

    /// Sends what keeps the connection alive.
    func keepAlive(_ line: String) { post(Array((line + "\n\n").utf8)) }

    /// Hands over what there is room for.
    func drain(into output: inout ConnectionOutput) {
        guard outbox.isGivenUp else { return outbox.drain(into: &output) }
        end()
        output.reset()
    }

    /// Ends the answer, whole.
    func stop(_ output: inout ConnectionOutput) {
        outbox.drain(into: &output, everything: true)
        if chunked { output.write("0\r\n\r\n") }
        end()
    }

    func end() {
        outbox.close()
        actions.end()
    }

    private func post(_ bytes: [UInt8]) {
        guard chunked else { return outbox.post([bytes]) }
        outbox.post([Array("\(String(bytes.count, radix: 16))\r\n".utf8), bytes, [13, 10]])
    }
}
