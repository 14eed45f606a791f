import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A TCP connection whose operations block the calling thread until a deadline; meant for a thread of an adapter's own
/// (see ``DedicatedThread``), never for the cooperative pool.
///
/// One thread at a time reads, writes and closes; ``interrupt()`` may be called by any other meanwhile. Small writes
/// leave at once (`TCP_NODELAY`), SIGPIPE is never raised and no child process inherits the socket. The connection
/// closes when the stream is released.
public final class TCPStream: SocketStream, Sendable {
    /// The peer's numeric address and port, `127.0.0.1:25` or `[::1]:25`.
    public let remoteAddress: String
    /// The peer's numeric address.
    package let remoteHost: String
    /// The switch that ends what blocks here; the one given to ``connect(host:port:deadline:interruption:)``.
    public let interruption: SocketInterruption
    /// -1 once closed.
    private let socket: Atomic<Int32>

    /// Takes over a connected socket, or one that is about to be.
    init(adopting descriptor: Int32, to peer: (host: String, port: Int), interruption: SocketInterruption) {
        socket = Atomic(descriptor)
        remoteAddress = endpointText(host: peer.host, port: peer.port)
        remoteHost = peer.host
        self.interruption = interruption
    }

    deinit { close() }

    /// Connects to the first of the host's addresses that accepts.
    ///
    /// Each address gets an equal share of the time left, so that one that swallows packets leaves time for the next.
    /// The error is that of the address tried last.
    public static func connect(
        host: String, port: Int, deadline: ContinuousClock.Instant,
        interruption: SocketInterruption = SocketInterruption()
    ) throws(SocketError) -> TCPStream {
        let found = try addresses(of: host, port: port, until: deadline, interruption: interruption)
        guard !found.isEmpty else {
            throw SocketError(code: .nameNotFound, description: "The host \"\(host)\" has no address.")
        }
        return try connect(toFirstOf: found, deadline: deadline, interruption: interruption)
    }

    static func connect(
        toFirstOf found: [SocketAddress], deadline: ContinuousClock.Instant, interruption: SocketInterruption
    ) throws(SocketError) -> TCPStream {
        var failure = SocketError.timedOut(doing: "connect")
        for (index, address) in found.enumerated() {
            let share = ContinuousClock.now.duration(to: deadline) / (found.count - index)
            do throws(SocketError) {
                return try connect(
                    to: address, deadline: min(deadline, ContinuousClock.now + share), interruption: interruption)
            } catch {
                failure = error
                if error.code == .interrupted { break }
            }
        }
        throw failure
    }

    /// Connects within `timeout`; see ``connect(host:port:deadline:interruption:)``.
    public static func connect(
        host: String, port: Int, timeout: Duration, interruption: SocketInterruption = SocketInterruption()
    ) throws(SocketError) -> TCPStream {
        try connect(host: host, port: port, deadline: .now + timeout, interruption: interruption)
    }

    private static func connect(
        to address: SocketAddress, deadline: ContinuousClock.Instant, interruption: SocketInterruption
    ) throws(SocketError) -> TCPStream {
        let descriptor = openStreamSocket(family: address.family)
        guard descriptor >= 0 else { throw SocketError(errno: errno, doing: "open a socket") }
        let stream = TCPStream(adopting: descriptor, to: address.parts, interruption: interruption)
        let name = stream.remoteAddress
        let result = address.withPointer { systemConnect(descriptor, $0, $1) }
        if result != 0 {
            guard errno == EINPROGRESS || errno == EINTR else {
                throw SocketError(errno: errno, doing: "connect to \(name)")
            }
            try wait(
                for: Int16(POLLOUT), on: descriptor, until: deadline, interruption: interruption,
                doing: "connect to \(name)")
            var outcome: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            _ = getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &outcome, &length)
            guard outcome == 0 else { throw SocketError(errno: outcome, doing: "connect to \(name)") }
        }
        makeReadsBrief(descriptor)
        return stream
    }

    /// Waits for octets and takes what has arrived, at most what the buffer holds.
    /// - Returns: how many octets were read; 0 when the peer has closed its side.
    public func read(into buffer: UnsafeMutableRawBufferPointer, deadline: ContinuousClock.Instant) throws(SocketError)
        -> Int
    {
        let descriptor = try openDescriptor(doing: "read from \(remoteAddress)")
        while true {
            try wait(
                for: Int16(POLLIN), on: descriptor, until: deadline, interruption: interruption,
                doing: "read from \(remoteAddress)")
            let count = recv(descriptor, buffer.baseAddress, buffer.count, receiveFlags)
            if count >= 0 { return count }
            guard errno == EAGAIN || errno == EINTR else {
                throw SocketError(errno: errno, doing: "read from \(remoteAddress)")
            }
        }
    }

    /// Takes what arrives within a few milliseconds, in a single system call where ``read(into:deadline:)`` needs two: for
    /// who expects an answer at once.
    /// - Returns: how many octets were read; 0 when the peer has closed its side; `nil` when nothing came. Then, and after
    ///   an interruption, ``read(into:deadline:)`` is the one to wait.
    package func readSoon(into buffer: UnsafeMutableRawBufferPointer) throws(SocketError) -> Int? {
        let descriptor = try openDescriptor(doing: "read from \(remoteAddress)")
        guard !interruption.isInterrupted else { return nil }
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count >= 0 { return count }
        guard errno == EAGAIN || errno == EINTR else {
            throw SocketError(errno: errno, doing: "read from \(remoteAddress)")
        }
        return nil
    }

    /// Writes all octets, waiting while the peer is slow to take them, and counts in `taken` those that the system took
    /// over: after an error, no octet from there on can have reached the peer.
    public func write(
        _ bytes: UnsafeRawBufferPointer, taken: inout Int, deadline: ContinuousClock.Instant
    ) throws(SocketError) {
        let descriptor = try openDescriptor(doing: "write to \(remoteAddress)")
        if interruption.isInterrupted { throw .interrupted(doing: "write to \(remoteAddress)") }
        var rest = bytes
        while !rest.isEmpty {
            let count = send(descriptor, rest.baseAddress, rest.count, sendFlags)
            if count >= 0 {
                taken += count
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if errno == EAGAIN {
                try wait(
                    for: Int16(POLLOUT), on: descriptor, until: deadline, interruption: interruption,
                    doing: "write to \(remoteAddress)")
            } else if errno != EINTR {
                throw SocketError(errno: errno, doing: "write to \(remoteAddress)")
            }
        }
    }

    /// Whether something can be read now without waiting: octets, the peer's end, or an error. On a connection that is
    /// idle by agreement, true means that it must not be used again.
    public var hasInput: Bool {
        let descriptor = socket.load(ordering: .acquiring)
        guard descriptor >= 0 else { return true }
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) != 0
    }

    /// Tells the peer that nothing more will be written; reading goes on.
    public func finishWriting() {
        let descriptor = socket.load(ordering: .acquiring)
        if descriptor >= 0 { _ = shutdown(descriptor, Int32(SHUT_WR)) }
    }

    /// Makes a blocked operation, and every later one, end with ``SocketError/Code/interrupted``. Any thread may call it.
    public func interrupt() { interruption.interrupt() }

    /// Closes the connection; further operations throw ``SocketError/Code/closed``. Only for the thread that reads and
    /// writes, since the system may give the descriptor's number to another file at once.
    public func close() {
        let descriptor = socket.exchange(-1, ordering: .acquiringAndReleasing)
        if descriptor >= 0 { _ = systemClose(descriptor) }
    }

    /// Closes the connection by breaking it off: the peer is told of an error, and what it has not read yet is lost.
    public func reset() {
        let descriptor = socket.load(ordering: .acquiring)
        guard descriptor >= 0 else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    private func openDescriptor(doing action: @autoclosure () -> String) throws(SocketError) -> Int32 {
        let descriptor = socket.load(ordering: .acquiring)
        guard descriptor >= 0 else { throw .closed(doing: action()) }
        return descriptor
    }
}
