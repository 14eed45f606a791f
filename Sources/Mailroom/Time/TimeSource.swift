public import Foundation

/// Where a pipeline and its brokers read the time and wait for it.
///
/// Due times are wall time, because people and other machines give them. Leases and time limits are measured on
/// ``uptime()``, which never jumps. Tests pass a clock that they move by hand.
public protocol TimeSource: Sendable {
    /// The wall clock, to the millisecond.
    func now() -> Date

    /// Time since the machine started, its sleep included; the same for every process of one boot.
    func uptime() -> Duration

    /// Waits until ``uptime()`` has reached `deadline`; returns early only by throwing when the task is cancelled.
    func sleep(until deadline: Duration) async throws(CancellationError)
}

extension TimeSource where Self == SystemTimeSource {
    /// The clocks of this machine.
    public static var system: SystemTimeSource { SystemTimeSource() }
}
