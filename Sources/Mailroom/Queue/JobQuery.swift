/// Which jobs to list.
public struct JobQuery: Sendable {
    /// Only jobs in one of these states; empty is every state.
    public var states: Set<JobState>
    /// Only jobs of these queues; empty is every queue.
    public var queues: [QueueName]
    /// The most jobs to answer.
    public var limit: Int
    /// Where an earlier page ended; `nil` begins with the latest arrival.
    public var after: JobPage.Cursor?

    /// A query.
    public init(
        states: Set<JobState> = [], queues: [QueueName] = [], limit: Int = 100, after: JobPage.Cursor? = nil
    ) {
        self.states = states
        self.queues = queues
        self.limit = limit
        self.after = after
    }
}

/// Some of the jobs that match a query.
public struct JobPage: Sendable {
    /// A place in a broker's list of jobs. Only the broker that made it understands it; it stays good while jobs come
    /// and go.
    public struct Cursor: Hashable, Sendable, RawRepresentable {
        /// The place, as the broker writes it.
        public let rawValue: String

        /// A place.
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// The jobs; may be fewer than asked for, even none, before the end.
    public var jobs: [JobRecord]
    /// How to go on; `nil` at the end.
    public var next: Cursor?

    /// A page.
    public init(jobs: [JobRecord], next: Cursor?) {
        self.jobs = jobs
        self.next = next
    }
}
