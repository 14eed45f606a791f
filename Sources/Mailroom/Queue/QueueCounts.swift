/// The jobs of one queue by state.
public struct QueueCounts: Hashable, Sendable {
    /// The queue.
    public var queue: QueueName
    /// How many jobs are in each state; states without any are left out.
    public var jobs: [JobState: Int]
    /// How many of all these jobs needed more than one attempt so far.
    public var retried: Int

    /// Counts.
    public init(queue: QueueName, jobs: [JobState: Int], retried: Int = 0) {
        self.queue = queue
        self.jobs = jobs
        self.retried = retried
    }

    /// The jobs in a state.
    public subscript(state: JobState) -> Int { jobs[state] ?? 0 }

    /// The jobs that something still happens to by itself.
    package var unsettled: Int { self[.scheduled] + self[.ready] + self[.leased] }
}
