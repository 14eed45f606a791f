/// A broker that can be asked what became of its jobs.
public protocol SendRecords: Broker {
    /// The records of these jobs, in this order; `nil` for one that is unknown or pruned.
    func records(of jobs: [JobID]) async throws(BrokerError) -> [JobRecord?]

    /// The latest sends that match, newest first: one entry a recipient.
    func sends(matching query: SendQuery) async throws(BrokerError) -> [Send]

    /// How many sends match, by status; the query's limit does not count here.
    func sendCounts(matching query: SendQuery) async throws(BrokerError) -> [RecipientRecord.Status: Int]
}

/// One recipient of one job.
public struct Send: Sendable {
    /// The job it belongs to.
    public var job: JobRecord
    /// What is recorded of the recipient.
    public var recipient: RecipientRecord

    /// A send.
    public init(job: JobRecord, recipient: RecipientRecord) {
        self.job = job
        self.recipient = recipient
    }
}

/// Which sends to list.
public struct SendQuery: Sendable {
    /// The most sends to answer.
    public var limit: Int
    /// Only of this status.
    public var status: RecipientRecord.Status?
    /// Only of jobs with all of these tags.
    public var tags: [String: String]
    /// Only of this recipient, by address as it was submitted, without regard to the case of ASCII letters.
    public var recipient: String?

    /// A query.
    public init(
        limit: Int = 10, status: RecipientRecord.Status? = nil, tags: [String: String] = [:],
        recipient: String? = nil
    ) {
        self.limit = limit
        self.status = status
        self.tags = tags
        self.recipient = recipient
    }
}
