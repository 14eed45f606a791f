#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A connection as its server's thread sees it.
final class LoopConnection {
    enum Phase {
        case open
        /// The last octets leave; what arrives is not read.
        case flushing
        /// All has left and the peer was told so; what still arrives is thrown away, since closing with octets unread
        /// would reset the connection and could destroy the last answer on its way (RFC 1122, 4.2.2.13).
        case lingering
    }

    static let lingerLimit = Duration.seconds(2)

    let descriptor: Int32
    let token: UInt64
    let handler: any ConnectionHandler
    var output = ConnectionOutput()
    var interest: PollInterest = .reading
    var phase = Phase.open
    var inputEnded = false
    /// When the handler's time limit passes, or lingering ends.
    var deadline: ContinuousClock.Instant?
    /// When a peer that takes nothing is dropped.
    var stallDeadline: ContinuousClock.Instant?

    init(descriptor: Int32, token: UInt64, handler: any ConnectionHandler) {
        self.descriptor = descriptor
        self.token = token
        self.handler = handler
    }

    /// The earlier of the two deadlines.
    var nextDeadline: ContinuousClock.Instant? {
        guard let deadline, let stallDeadline else { return deadline ?? stallDeadline }
        return min(deadline, stallDeadline)
    }

    /// Whether closing now would reset the connection.
    var hasUnreadInput: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) > 0
    }

    /// Whether the peer has reset the connection.
    var isBroken: Bool {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0
    }

    /// Takes what the handler said about its time limit.
    func applyTimer(now: ContinuousClock.Instant) {
        switch output.timer {
        case .unchanged: return
        case .restart(let limit): deadline = now + limit
        case .off: deadline = nil
        }
        output.timer = .unchanged
    }

    /// Sends what the peer takes.
    /// - Returns: false when the connection is broken.
    func flush(now: ContinuousClock.Instant, stallLimit: Duration) -> Bool {
        let before = output.count
        if before == 0 { return true }
        var broken = false
        output.drain { bytes in
            while true {
                let count = send(descriptor, bytes.baseAddress, bytes.count, sendFlags)
                if count >= 0 { return count }
                if errno == EINTR { continue }
                broken = errno != EAGAIN
                return 0
            }
        }
        if output.count == 0 {
            stallDeadline = nil
        } else if output.count < before || stallDeadline == nil {
            stallDeadline = now + stallLimit
        }
        return !broken
    }
}
