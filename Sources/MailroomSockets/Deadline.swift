#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ContinuousClock.Instant {
    /// The milliseconds left until this instant for `poll`: rounded up, so that waking means the instant has passed.
    package var millisecondsLeft: Int32 {
        let left = ContinuousClock.now.duration(to: self).components
        guard left.seconds >= 0, left.attoseconds >= 0 else { return 0 }
        guard left.seconds < 1_000_000 else { return 1_000_000_000 }
        return Int32(left.seconds) * 1000 + Int32((left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

/// Waits until the descriptor is ready for `events`, the deadline passes or the interruption is triggered.
func wait(
    for events: Int16, on descriptor: Int32, until deadline: ContinuousClock.Instant,
    interruption: SocketInterruption, doing action: @autoclosure () -> String
) throws(SocketError) {
    let waker = try interruption.descriptor()
    while true {
        var polled = (
            pollfd(fd: descriptor, events: events, revents: 0), pollfd(fd: waker, events: Int16(POLLIN), revents: 0)
        )
        let milliseconds = deadline.millisecondsLeft
        let count = withUnsafeMutablePointer(to: &polled) { pointer in
            pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { poll($0, 2, milliseconds) }
        }
        if polled.1.revents != 0 || interruption.isInterrupted { throw .interrupted(doing: action()) }
        if count > 0 { return }
        if count == 0 { throw .timedOut(doing: action()) }
        if errno != EINTR { throw SocketError(errno: errno, doing: action()) }
    }
}
