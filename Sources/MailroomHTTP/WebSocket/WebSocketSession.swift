import MailroomSockets

/// One client's WebSocket from its handshake to its end: octets in, frames out.
final class WebSocketSession {
    let stream: HTTPWebSocketStream
    private let options: HTTPWebSocket
    private var reader: WebSocketReader
    private var awaitsPong = false
    private var hasEnded = false
    /// What the last ping that is not answered yet brought.
    private var ping: [UInt8]?

    /// `wake` has ``receive(_:_:)`` called without octets.
    init(_ options: HTTPWebSocket, wake: @escaping @Sendable () -> Void) {
        self.options = options
        stream = HTTPWebSocketStream(limit: options.maximumPendingBytes, wake: wake)
        reader = WebSocketReader(maximumMessageBytes: options.maximumMessageBytes)
    }

    func begin(_ output: inout ConnectionOutput) {
        output.restartTimer(options.pingInterval)
        options.begin(stream)
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) {
        guard !hasEnded else { return write(to: &output) }
        // Woken when another thread began to close: from now on only the client's answer counts.
        if bytes.isEmpty, stream.isClosing { output.restartTimer(options.closeWait) }
        if !bytes.isEmpty {
            reader.append(bytes)
            do throws(WebSocketReader.Failure) {
                while !hasEnded, let event = try reader.next() { answer(event, &output) }
            } catch {
                end(WebSocketFrame.close(error.code, reason: error.reason))
            }
        }
        write(to: &output)
    }

    /// The time is over: for the client's pong, for its answer to the close, or until the next ping.
    func expire(_ output: inout ConnectionOutput) {
        if !hasEnded, !stream.isClosing, !stream.outbox.isEmpty || output.isFull {
            // A ping would wait behind the rest, and a client that takes nothing at all is dropped by the server.
            return output.restartTimer(options.pingInterval)
        }
        if hasEnded || awaitsPong || stream.isClosing {
            hasEnded = true
            return output.close()
        }
        awaitsPong = true
        output.write(WebSocketFrame.encoded(.ping, []))
        output.restartTimer(max(options.pongWait - options.pingInterval, .milliseconds(1)))
    }

    func stop(_ output: inout ConnectionOutput) {
        let isClosing = stream.isClosing
        stream.outbox.drain(into: &output, everything: true)
        if !isClosing { output.write(WebSocketFrame.close(1001)) }
        stream.end()
    }

    private func answer(_ event: WebSocketReader.Event, _ output: inout ConnectionOutput) {
        switch event {
        // Of several the last is answered only (RFC 6455, 5.5.3), so that many cost no more than one.
        case .ping(let payload): ping = payload
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
    }

    /// Writes what was sent and there is room for, then the pong that is due; closes when the last frame has gone.
    private func write(to output: inout ConnectionOutput) {
        if stream.outbox.isGivenUp {
            stream.end()
            return output.reset()
        }
        stream.outbox.drain(into: &output)
        if let ping, stream.outbox.isBetweenFrames, !output.isFull {
            if !stream.isClosing { output.write(WebSocketFrame.encoded(.pong, ping)) }
            self.ping = nil
        }
        if hasEnded, stream.outbox.isEmpty { output.close() }
    }
}
