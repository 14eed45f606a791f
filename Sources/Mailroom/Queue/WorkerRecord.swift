public import Foundation

/// A worker as a broker knows it.
public struct WorkerRecord: Hashable, Sendable {
    /// The name it leases by.
    public var name: String
    /// The queues it asked for last, the first preferred.
    public var queues: [QueueName]
    /// How many jobs it holds.
    public var jobs: Int
    /// When it called last: leased, extended or settled.
    public var lastSeen: Date

    /// A record.
    public init(name: String, queues: [QueueName], jobs: Int, lastSeen: Date) {
        self.name = name
        self.queues = queues
        self.jobs = jobs
        self.lastSeen = lastSeen
    }
}

/// A job in a worker's hands.
public struct LeasedJob: Sendable {
    /// The job.
    public var job: JobRecord
    /// The worker's name.
    public var worker: String
    /// How long its lease lasts unless it is extended; not positive where it has ended and nobody took the job yet.
    public var remaining: Duration

    /// A job in a worker's hands.
    public init(job: JobRecord, worker: String, remaining: Duration) {
        self.job = job
        self.worker = worker
        self.remaining = remaining
    }
}
