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
    /// How many marks are come to in one go: each may cost a call of the system.
    static let marksAtOnce = 64

    let descriptor: Int32
    let token: UInt64
    let handler: any ConnectionHandler
    /// Whether it is one too many, told so and closed.
    let isRefused: Bool
    var output = ConnectionOutput()
    var encryption: LoopEncryption?
    var interest: PollInterest = .reading
    var phase = Phase.open
    var inputEnded = false
    /// When the handler's time limit passes, or lingering ends.
    var deadline: ContinuousClock.Instant?
    /// When a peer that takes nothing is dropped.
    var stallDeadline: ContinuousClock.Instant?
    /// Until when nothing is read or written.
    private(set) var pausedUntil: ContinuousClock.Instant?
    /// The pause that the loop's queue knows of.
    var pauseInQueue: ContinuousClock.Instant?
    /// What is left of the handler's time limit, during a pause.
    private var timeLeft: Duration?
    /// Whether octets wait that the system did not take.
    private(set) var isBlocked = false
    /// Whether much was done between octets, and the rest is for the next visit.
    private(set) var isInterrupted = false
    /// Whether the loop visits it again before it waits.
    var isQueued = false

    init(descriptor: Int32, token: UInt64, handler: any ConnectionHandler, isRefused: Bool = false) {
        self.descriptor = descriptor
        self.token = token
        self.handler = handler
        self.isRefused = isRefused
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

    /// Whether all that was asked for is done.
    var isDrained: Bool {
        output.isEmpty && pausedUntil == nil && !isBlocked && !(encryption?.isShaking ?? false)
    }

    /// Whether the handler may be given octets.
    var takesInput: Bool {
        phase == .open && !inputEnded && !output.closes && !output.waitsForRoom && !output.isFull
            && pausedUntil == nil && !isInterrupted && !output.beginsTLS && !output.pausesReading
            && !(encryption?.isFull ?? false)
    }

    /// Takes what the handler said about its time limit.
    func applyTimer(now: ContinuousClock.Instant) {
        switch output.timer {
        case .unchanged: return
        case .restart(let limit): if pausedUntil == nil { deadline = now + limit } else { timeLeft = limit }
        case .off: (deadline, timeLeft) = (nil, nil)
        }
        output.timer = .unchanged
    }

    /// Ends a pause whose time has come.
    func resume(now: ContinuousClock.Instant) {
        guard let end = pausedUntil, end <= now else { return }
        pausedUntil = nil
        if let timeLeft { deadline = now + timeLeft }
        timeLeft = nil
    }

    private func pause(for time: Duration, now: ContinuousClock.Instant) {
        pausedUntil = now + time
        timeLeft = deadline.map { now.duration(to: $0) }
        deadline = nil
    }

    /// Sends what the peer takes, and does what was asked for between octets, up to ``marksAtOnce``.
    /// - Returns: false when the connection is broken.
    func flush(now: ContinuousClock.Instant, stallLimit: Duration) -> Bool {
        var hasProgress = false
        var marksTaken = 0
        isBlocked = false
        isInterrupted = false
        while pausedUntil == nil {
            if let encryption, encryption.hasPending {
                let waiting = encryption.drainedCount(through: self)
                hasProgress = hasProgress || waiting.sent > 0
                if waiting.isBroken { return false }
                if encryption.hasPending { return block(now: now, stallLimit: stallLimit, hasProgress: hasProgress) }
            }
            if encryption?.isShaking ?? false { break }
            if output.run == 0 {
                if marksTaken == Self.marksAtOnce {
                    isInterrupted = output.holdsBack
                    break
                }
                guard let mark = output.takeMark() else { break }
                marksTaken += 1
                switch mark {
                case .pause(let time): if time > .zero { pause(for: time, now: now) }
                case .secure(let context):
                    guard encryption == nil, let new = try? LoopEncryption(context) else { return false }
                    encryption = new
                }
                continue
            }
            if output.beginsTLS { dropInput() }
            if let encryption {
                var isTaken = true
                var room = LoopEncryption.chunk
                output.drain { octets in
                    let part = UnsafeRawBufferPointer(rebasing: octets.prefix(room))
                    room -= part.count
                    if part.isEmpty { return 0 }
                    isTaken = encryption.encrypt(part)
                    return isTaken ? part.count : 0
                }
                if !isTaken { return false }
            } else {
                let before = output.count
                var isBroken = false
                output.drain { send($0, isBroken: &isBroken) }
                if isBroken { return false }
                hasProgress = hasProgress || output.count < before
                if output.run > 0 { return block(now: now, stallLimit: stallLimit, hasProgress: hasProgress) }
            }
        }
        stallDeadline = nil
        return true
    }

    private func block(now: ContinuousClock.Instant, stallLimit: Duration, hasProgress: Bool) -> Bool {
        isBlocked = true
        if hasProgress || stallDeadline == nil { stallDeadline = now + stallLimit }
        return true
    }

    /// Sends octets once; 0 when the system takes none.
    fileprivate func send(_ octets: UnsafeRawBufferPointer, isBroken: inout Bool) -> Int {
        while true {
            let count = systemSend(descriptor, octets)
            if count >= 0 { return count }
            if errno == EINTR { continue }
            isBroken = errno != EAGAIN
            return 0
        }
    }

    /// Forgets what the peer has sent before it was told that TLS begins.
    private func dropInput() {
        // Bounded, since a peer may write on without end: what is left then is taken for TLS, and is none.
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { space in
            for _ in 0..<64 where recv(descriptor, space.baseAddress, space.count, receiveFlags) <= 0 { return }
        }
    }

    /// Makes the coming close a reset.
    func breakOff() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}

extension LoopEncryption {
    /// Sends what is encrypted over the connection's socket.
    fileprivate func drainedCount(through connection: LoopConnection) -> (sent: Int, isBroken: Bool) {
        var total = 0
        var isBroken = false
        drain { octets in
            let count = connection.send(octets, isBroken: &isBroken)
            total += count
            return count
        }
        return (total, isBroken)
    }
}
