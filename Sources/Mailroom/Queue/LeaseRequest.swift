/// What a worker asks a broker for.
public struct LeaseRequest: Sendable {
    /// The queues to take from, the first preferred.
    public var queues: [QueueName]
    /// The most jobs to answer.
    public var limit: Int
    /// How long to wait for the first job.
    public var wait: Duration
    /// How long the leases last unless extended: the visibility timeout.
    public var duration: Duration
    /// The worker's name, shown where leases are listed.
    public var worker: String

    /// A request.
    public init(
        queues: [QueueName] = [.default], limit: Int = 1, wait: Duration = .zero,
        duration: Duration = .seconds(30), worker: String = ""
    ) {
        self.queues = queues
        self.limit = limit
        self.wait = wait
        self.duration = duration
        self.worker = worker
    }
}
