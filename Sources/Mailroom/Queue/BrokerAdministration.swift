public import Foundation

/// A broker whose jobs a person can count and act on.
public protocol BrokerAdministration: Broker {
    /// The jobs of each queue by state, sorted by name.
    func counts() async throws(BrokerError) -> [QueueCounts]

    /// Ends jobs that no worker holds and that are not settled: they become dead. Answers those it ended.
    func cancel(_ jobs: [JobID], reason: String) async throws(BrokerError) -> [JobID]

    /// Makes dead and held jobs ready again, with attempts counted from 1: recipients that failed or are in doubt are
    /// owed the message once more, those it was sent to are not. The job gets its whole time to expire anew, and may
    /// render otherwise than before. Answers those it revived.
    func retry(_ jobs: [JobID]) async throws(BrokerError) -> [JobID]

    /// Removes the records of jobs settled before a time: finished ones, and dead and held ones if `states` has them.
    /// A job whose idempotency key is alive stays. Answers how many were removed.
    func prune(settledBefore time: Date, states: Set<JobState>) async throws(BrokerError) -> Int
}

/// The jobs of one queue by state.
public struct QueueCounts: Hashable, Sendable {
    /// The queue.
    public var queue: QueueName
    /// How many jobs are in each state; states without any are left out.
    public var jobs: [JobState: Int]

    /// Counts.
    public init(queue: QueueName, jobs: [JobState: Int]) {
        self.queue = queue
        self.jobs = jobs
    }

    /// The jobs in a state.
    public subscript(state: JobState) -> Int { jobs[state] ?? 0 }

    /// The jobs that something still happens to by itself.
    public var unsettled: Int { self[.scheduled] + self[.ready] + self[.leased] }
}
