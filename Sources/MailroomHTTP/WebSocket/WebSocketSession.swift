import MailroomSockets

/// One client's WebSocket from its handshake to its end: octets in, frames out.
final class WebSocketSession {
    let stream: HTTPWebSocketStream
    private let options: HTTPWebSocket
    private let finish: @Sendable () -> Void
    private var reader: WebSocketReader
    private var awaitsPong = false
    private var hasEnded = false

    /// `post` and `finish` reach the connection from other threads, in their order; `wake` has
    /// ``receive(_:_:)`` called without octets.
    init(
        _ options: HTTPWebSocket, post: @escaping @Sendable ([UInt8]) -> Void, finish: @escaping @Sendable () -> Void,
        wake: @escaping @Sendable () -> Void
    ) {
        self.options = options
        self.finish = finish
        stream = HTTPWebSocketStream(post: post, wake: wake)
        reader = WebSocketReader(maximumMessageBytes: options.maximumMessageBytes)
    }

    func begin(_ output: inout ConnectionOutput) {
        output.restartTimer(options.pingInterval)
        options.begin(stream)
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) {
        guard !hasEnded else { return }
        // Woken when another thread began to close: from now on only the client's answer counts.
        if bytes.isEmpty, stream.isClosing { return output.restartTimer(options.closeWait) }
        reader.append(bytes)
        do throws(WebSocketReader.Failure) {
            while !hasEnded, let event = try reader.next() { answer(event, &output) }
        } catch {
            end(WebSocketFrame.close(error.code, reason: error.reason))
        }
    }

    /// The time is over: for the client's pong, for its answer to the close, or until the next ping.
    func expire(_ output: inout ConnectionOutput) {
        if hasEnded || awaitsPong || stream.isClosing {
            hasEnded = true
            return output.close()
        }
        awaitsPong = true
        stream.send(WebSocketFrame.encoded(.ping, []))
        output.restartTimer(max(options.pongWait - options.pingInterval, .milliseconds(1)))
    }

    func stop(_ output: inout ConnectionOutput) {
        // Written directly: what is posted while the server stops comes too late.
        if !stream.isClosing { output.write(WebSocketFrame.close(1001)) }
        stream.end()
    }

    private func answer(_ event: WebSocketReader.Event, _ output: inout ConnectionOutput) {
        switch event {
        case .ping(let payload): stream.send(WebSocketFrame.encoded(.pong, payload))
        case .pong:
            guard awaitsPong else { return }
            awaitsPong = false
            if !stream.isClosing { output.restartTimer(options.pingInterval) }
        case .close(let code): end(WebSocketFrame.close(code))
        case .text(let bytes): if !stream.isClosing { options.onMessage(stream, .text(bytes)) }
        case .binary(let bytes): if !stream.isClosing { options.onMessage(stream, .binary(bytes)) }
        }
    }

    private func end(_ frame: [UInt8]) {
        hasEnded = true
        _ = stream.beginClosing(frame)
        finish()
    }
}
