import MailroomLibraries

/// The exchange that begins a TLS session.
struct TLSHandshake {
    let stream: TCPStream
    let engine: TLSEngine
    let buffer: TLSBuffer

    func run(deadline: ContinuousClock.Instant) throws(SocketError) {
        while true {
            let isDone: Bool
            do throws(TLSError) {
                isDone = try engine.handshake()
            } catch {
                // The alert tells the peer; if it cannot, the reason stays the same.
                try? send(deadline: .now)
                throw SocketError(error)
            }
            do throws(SocketError) {
                try send(deadline: deadline)
            } catch {
                throw reasonGivenByPeer() ?? error
            }
            if isDone { return }
            try receive(deadline: deadline)
        }
    }

    private func receive(deadline: ContinuousClock.Instant) throws(SocketError) {
        let count: Int
        do throws(SocketError) {
            // A peer may send without end what leads nowhere.
            if deadline <= .now { throw .timedOut(doing: "read") }
            count = try stream.read(into: buffer.space, deadline: deadline)
        } catch {
            guard error.code == .timedOut else { throw error }
            throw SocketError(
                code: .timedOut,
                description:
                    "Could not begin TLS with \(stream.remoteAddress) in time: the other side does not answer. "
                    + "Check whether TLS begins at once there or only after STARTTLS, or allow more time.")
        }
        guard count > 0 else {
            throw SocketError(
                code: .tlsFailed,
                description: "Could not begin TLS with \(stream.remoteAddress): the other side closed the connection. "
                    + "Check that it speaks TLS at this port, and its log.")
        }
        engine.receive(UnsafeRawBufferPointer(rebasing: buffer.space[..<count]))
    }

    private func send(deadline: ContinuousClock.Instant) throws(SocketError) {
        while true {
            let count = engine.takeOutput(into: buffer.space)
            if count == 0 { return }
            var taken = 0
            try stream.write(
                UnsafeRawBufferPointer(rebasing: buffer.space[..<count]), taken: &taken, deadline: deadline)
        }
    }

    /// A peer that ends a handshake may have said why before it closed.
    private func reasonGivenByPeer() -> SocketError? {
        guard stream.hasInput, let count = try? stream.read(into: buffer.space, deadline: .now), count > 0 else {
            return nil
        }
        engine.receive(UnsafeRawBufferPointer(rebasing: buffer.space[..<count]))
        do throws(TLSError) { _ = try engine.handshake() } catch { return SocketError(error) }
        return nil
    }
}
