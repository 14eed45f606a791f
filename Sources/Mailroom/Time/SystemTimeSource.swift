public import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The clocks of this machine: the one place that asks for the current date.
public struct SystemTimeSource: TimeSource {
    /// Creates the source; it holds no state.
    public init() {}

    /// The wall clock, to the millisecond.
    public func now() -> Date {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Date(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Time since the machine started, sleep included.
    public func uptime() -> Duration {
        var time = timespec()
        #if canImport(Glibc)
            clock_gettime(CLOCK_BOOTTIME, &time)
        #else
            clock_gettime(CLOCK_MONOTONIC, &time)
        #endif
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    /// Sleeps on the system's continuous clock.
    public func sleep(until deadline: Duration) async throws(CancellationError) {
        let wait = deadline - uptime()
        guard wait > .zero else { return }
        do {
            try await Task.sleep(for: wait)
        } catch {
            throw CancellationError()
        }
    }
}

extension Date {
    /// A date on the millisecond, as every stored time is: reading it back gives an equal value.
    package init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    /// Milliseconds since 1970, rounded.
    package var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    /// This date moved by a duration, on the millisecond.
    package func advanced(by duration: Duration) -> Date {
        Date(milliseconds: milliseconds + duration.milliseconds)
    }
}

extension Duration {
    /// Whole milliseconds, rounded down; no more than ten thousand years either way, so that sums never overflow.
    package var milliseconds: Int64 {
        let parts = components
        let limit: Int64 = 10_000 * 366 * 86_400
        return min(max(parts.seconds, -limit), limit) * 1000 + parts.attoseconds / 1_000_000_000_000_000
    }

    /// Seconds, for arithmetic and for showing.
    package var seconds: Double {
        let parts = components
        return Double(parts.seconds) + Double(parts.attoseconds) / 1e18
    }
}
