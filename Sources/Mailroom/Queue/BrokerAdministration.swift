public import Foundation

/// A broker whose jobs a person can count, list and act on.
///
/// What acts on jobs takes their ids and answers those it acted on: a job that is in another state by now, or gone, is
/// left out and nothing happens to it. Each call is durable when it returns, and done wholly or not at all; pruning goes in
/// pieces, each of which is.
public protocol BrokerAdministration: Broker {
    /// The jobs of each queue by state, sorted by name, in a time that does not depend on how many jobs there are.
    func counts() async throws(BrokerError) -> [QueueCounts]

    /// Jobs that match, the latest arrival first. Where there are more, the page says how to go on.
    func jobs(matching query: JobQuery) async throws(BrokerError) -> JobPage

    /// The jobs in workers' hands, the oldest lease first.
    func leasedJobs() async throws(BrokerError) -> [LeasedJob]

    /// The workers that lease from this broker, those without a job among them, sorted by name.
    func workers() async throws(BrokerError) -> [WorkerRecord]

    /// Ends jobs that no worker holds and that are not settled: they become dead, or held where it is in doubt whether a
    /// recipient has the message.
    func cancel(_ jobs: [JobID], reason: String) async throws(BrokerError) -> [JobID]

    /// Makes dead and held jobs ready again, with attempts counted from 1: recipients that failed or are in doubt are
    /// owed the message once more, those it was sent to are not. The job gets its whole time to expire anew, and may
    /// render otherwise than before.
    func retry(_ jobs: [JobID]) async throws(BrokerError) -> [JobID]

    /// Removes jobs in one of these states with all that is recorded of them, whatever their age, and frees their
    /// idempotency keys. A leased job is never removed, even if `states` has that state.
    func forget(_ jobs: [JobID], in states: Set<JobState>) async throws(BrokerError) -> [JobID]

    /// Removes the records of jobs settled before a time: finished ones, and dead and held ones if `states` has them.
    /// A job whose idempotency key is alive stays. Answers how many were removed.
    func prune(settledBefore time: Date, states: Set<JobState>) async throws(BrokerError) -> Int

    /// Removes a recipient's address from everything that is stored, content included. A job of this recipient alone is
    /// removed, whether it was sent or not; of a settled job with others, content and recipient are removed and the
    /// rest of its record stays. Jobs in workers' hands, and jobs that wait with others on them, are left and
    /// answered: erase again when they are settled, or cancel them. Compares the address as it was submitted, without
    /// regard to the case of ASCII letters.
    func erase(recipient address: String) async throws(BrokerError) -> Erasure
}

/// What erasing a recipient did.
public struct Erasure: Hashable, Sendable {
    /// How many jobs were removed: the recipient was their only one.
    public var removed: Int
    /// How many jobs stay on record without the recipient and without content.
    public var redacted: Int
    /// Jobs that still name the recipient.
    public var remaining: [JobID]

    /// What was done.
    public init(removed: Int = 0, redacted: Int = 0, remaining: [JobID] = []) {
        self.removed = removed
        self.redacted = redacted
        self.remaining = remaining
    }
}
