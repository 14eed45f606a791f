#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Waits for TCP connections one by one, blocking the calling thread: for a server of few connections, each on a thread.
///
/// ``SocketServer`` is the one for many. Listens until it is released.
public final class TCPListener: Sendable {
    /// The port that is listened on, chosen by the system if 0 was asked for.
    public let port: Int
    private let sockets: [ListeningSocket]

    /// Listens on the first address of a host.
    ///
    /// - Parameters:
    ///   - host: a name or numeric address of this machine.
    ///   - port: 0 lets the system choose.
    ///   - receiveBuffer: about how many octets the system takes for a connection before they are read; its own choice
    ///     unless given.
    public init(host: String = "127.0.0.1", port: Int = 0, receiveBuffer: Int? = nil) throws(SocketError) {
        sockets = try ListeningSocket.open(host: host, port: port)
        if let receiveBuffer {
            setOption(sockets[0].descriptor, level: SOL_SOCKET, option: SO_RCVBUF, to: Int32(clamping: receiveBuffer))
        }
        self.port = sockets[0].port
    }

    deinit { for socket in sockets { _ = systemClose(socket.descriptor) } }

    /// Waits for the next connection to the host's first address.
    /// - Parameters:
    ///   - deadline: when waiting ends with ``SocketError/Code/timedOut``.
    ///   - interruption: ends the waiting.
    ///   - streamInterruption: is given to the connection.
    public func accept(
        deadline: ContinuousClock.Instant, interruption: SocketInterruption, streamInterruption: SocketInterruption
    ) throws(SocketError) -> TCPStream {
        while true {
            try wait(
                for: Int16(POLLIN), on: sockets[0].descriptor, until: deadline, interruption: interruption,
                doing: "accept a connection")
            guard let found = sockets[0].accept() else { continue }
            guard !found.exhausted else { throw SocketError(errno: EMFILE, doing: "accept a connection") }
            makeReadsBrief(found.descriptor)
            return TCPStream(
                adopting: found.descriptor, to: found.address?.parts ?? ("?", 0), interruption: streamInterruption)
        }
    }
}
