import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A switch that ends, at once and for good, whatever blocks on the streams that were given it.
///
/// Made before connecting, so that a task's cancellation handler can stop the look-up of the name and the connecting
/// as well as later reads and writes. It stays thrown: what is begun afterwards ends with ``SocketError/Code/interrupted``.
/// Streams may share one. Any thread may call it. It uses two file descriptors from the first wait on.
public final class SocketInterruption: Sendable {
    private struct Pipe {
        var ends: (reading: Int32, writing: Int32)?
    }

    private let thrown = Atomic<Bool>(false)
    private let pipe = Mutex(Pipe())

    /// A switch not yet thrown.
    public init() {}

    deinit {
        if let ends = pipe.withLock({ $0.ends }) {
            _ = close(ends.reading)
            _ = close(ends.writing)
        }
    }

    /// Whether ``interrupt()`` has been called.
    public var isInterrupted: Bool { thrown.load(ordering: .acquiring) }

    /// Makes blocked operations return with ``SocketError/Code/interrupted``; safe to call any number of times.
    public func interrupt() {
        guard !thrown.exchange(true, ordering: .acquiringAndReleasing) else { return }
        pipe.withLock { pipe in
            guard let ends = pipe.ends else { return }
            var byte: UInt8 = 1
            _ = systemWrite(ends.writing, &byte, 1)
        }
    }

    /// The descriptor that is readable once interrupted; nothing reads it, so every waiter sees it.
    func descriptor() throws(SocketError) -> Int32 {
        try pipe.withLock { pipe throws(SocketError) in
            if let ends = pipe.ends { return ends.reading }
            let ends = try openPipe()
            pipe.ends = ends
            if isInterrupted {
                var byte: UInt8 = 1
                _ = systemWrite(ends.writing, &byte, 1)
            }
            return ends.reading
        }
    }
}
