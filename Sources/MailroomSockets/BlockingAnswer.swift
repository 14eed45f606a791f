import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One answer, handed from wherever it is worked out to the thread that waits for it; whoever leaves last closes the two
/// descriptors it needs.
package final class BlockingAnswer<Value: Sendable>: Sendable {
    private let ends: (reading: Int32, writing: Int32)
    private let answer = Mutex<Value?>(nil)

    /// No answer yet.
    package init() throws(SocketError) { ends = try openPipe() }

    deinit {
        _ = close(ends.reading)
        _ = close(ends.writing)
    }

    /// Gives the answer, once.
    package func give(_ value: Value) {
        answer.withLock { $0 = value }
        var byte: UInt8 = 1
        _ = systemWrite(ends.writing, &byte, 1)
    }

    /// Blocks the calling thread until the answer is there; throws when the deadline passes or the interruption comes
    /// first. `action` completes the sentence "Could not …".
    package func wait(
        until deadline: ContinuousClock.Instant, interruption: SocketInterruption,
        doing action: @autoclosure () -> String
    ) throws(SocketError) -> Value {
        while true {
            try MailroomSockets.wait(
                for: Int16(POLLIN), on: ends.reading, until: deadline, interruption: interruption, doing: action())
            if let value = answer.withLock({ $0 }) { return value }
        }
    }
}
