import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What may happen to a run from outside its thread, and the descriptor that becomes readable then.
final class Wake: Sendable {
    struct Events {
        /// When the task was cancelled.
        var cancelled: ContinuousClock.Instant?
        var hasChildEnded = false
        /// Nobody waits for the child any more: who sees its end reaps it.
        var isAbandoned = false
    }

    let descriptor: Int32
    private let writing: Int32
    private let state = Mutex(Events())

    init() throws(SystemError) {
        (descriptor, writing) = try openPipe()
        makeNonBlocking(descriptor)
        makeNonBlocking(writing)
    }

    deinit {
        close(descriptor)
        close(writing)
    }

    var events: Events { state.withLock { $0 } }

    /// Changes the events and wakes the thread; answers what they are now.
    @discardableResult
    func note(_ change: (inout Events) -> Void) -> Events {
        let events = state.withLock { events in
            change(&events)
            return events
        }
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
        return events
    }

    /// Makes the descriptor unreadable until the next event.
    func settle() {
        var bytes: UInt64 = 0
        while read(descriptor, &bytes, 8) > 0 {}
    }
}
