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
        let time = Self.read(CLOCK_REALTIME)
        return Date(milliseconds: time.seconds * 1000 + time.nanoseconds / 1_000_000)
    }

    /// Time since the machine started, sleep included.
    public func uptime() -> Duration {
        #if canImport(Glibc)
            let time = Self.read(CLOCK_BOOTTIME)
        #else
            let time = Self.read(CLOCK_MONOTONIC)
        #endif
        return .seconds(time.seconds) + .nanoseconds(time.nanoseconds)
    }

    /// Takes a `timespec` as the two words it is: which module its members come from, and so which import they ask for,
    /// changes with the files that an optimised build happens to read first.
    private static func read(_ clock: clockid_t) -> (seconds: Int64, nanoseconds: Int64) {
        withUnsafeTemporaryAllocation(of: timespec.self, capacity: 1) { time in
            guard let address = time.baseAddress, clock_gettime(clock, address) == 0 else { return (0, 0) }
            let words = UnsafeRawPointer(address)
            return (
                Int64(words.load(as: Int.self)),
                Int64(words.load(fromByteOffset: MemoryLayout<Int>.stride, as: Int.self))
            )
        }
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
