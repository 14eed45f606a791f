/// The answer to a submitted message.
public struct Receipt: Sendable {
    /// What became of it.
    public enum Outcome: Sendable {
        /// Stored: workers will deliver it.
        case queued
        /// It was submitted before, under the same idempotency key or job id; nothing new was stored.
        case duplicate
        /// The broker was down, so it was delivered at once. Someone has it, or may have it; the report says who.
        case sentNow(DeliveryReport)
        /// The broker was down and delivering at once reached nobody.
        case notSent(error: String, canResend: Bool)
        /// The broker may or may not have stored it. ``Pipeline/confirm(_:)`` asks again, with the same job ids, so
        /// that it is never stored twice.
        case unconfirmed
    }

    /// The message's jobs, one for each channel. Of a duplicate, the earlier ones.
    public let jobs: [JobID]
    /// What became of the message.
    public let outcome: Outcome
    let submissions: [Submission]

    init(jobs: [JobID], outcome: Outcome, submissions: [Submission] = []) {
        self.jobs = jobs
        self.outcome = outcome
        self.submissions = submissions
    }

    /// The message's job; of several channels, the first one's.
    public var id: JobID { jobs[0] }
}
