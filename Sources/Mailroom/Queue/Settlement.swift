public import Foundation

/// How a worker gives a job back: what happened, and what is next.
public struct Settlement: Hashable, Sendable {
    /// What becomes of the job.
    public enum Next: Hashable, Sendable {
        /// Everyone has it.
        case finished
        /// Another attempt, not before this.
        case retry(notBefore: Date)
        /// Not now, and not an attempt: a rate limit or a server asked to wait.
        case snooze(until: Date)
        /// Given back at once, not an attempt: the worker is shutting down.
        case release
        /// Given up: whoever is still owed the message will not get it.
        case dead
        /// Waits for a person: whether someone got the message is in doubt, or it cannot be rendered as it was.
        case held
    }

    /// The lease that ends with this.
    public var lease: Lease.ID
    /// Always merged, even when the lease is lost: facts only move forward.
    public var report: DeliveryReport?
    /// Done only while the lease holds.
    public var next: Next
    /// Why, for people: kept as the job's error. Everything but `finished` and `release` gives one.
    public var reason: String?
    /// Of the bytes that were sent.
    public var fingerprint: Fingerprint?

    /// A settlement.
    public init(
        _ lease: Lease.ID, report: DeliveryReport? = nil, next: Next, reason: String? = nil,
        fingerprint: Fingerprint? = nil
    ) {
        self.lease = lease
        self.report = report
        self.next = next
        self.reason = reason
        self.fingerprint = fingerprint
    }
}

/// A broker's answer to one settlement.
public enum SettleResult: Hashable, Sendable {
    /// Done as said; the job is in this state now.
    case settled(JobState)
    /// The lease was lost: the report was merged, the decision was not taken.
    case leaseLost
    /// There is no such job any more.
    case unknownJob
}
