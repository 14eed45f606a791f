/// A job in a worker's hands, for a time.
public struct Lease: Sendable, Identifiable {
    /// Names one lease of one job: a later lease of the same job has another token.
    public struct ID: Hashable, Sendable {
        /// The job.
        public let job: JobID
        /// Tells this lease from earlier and later ones of the job.
        public let token: UInt64

        /// The identity of a lease.
        public init(job: JobID, token: UInt64) {
            self.job = job
            self.token = token
        }
    }

    /// Names the lease in what follows.
    public let id: ID
    /// The job as it was submitted.
    public var submission: Submission
    /// Which attempt this is, from 1.
    public var attempt: Int
    /// Whether the attempt before this one ended with its worker, not with a settlement.
    public var earlierAttemptLost: Bool
    /// What is recorded of each recipient.
    public var recipients: [RecipientRecord]
    /// Of the bytes that an earlier attempt sent.
    public var fingerprint: Fingerprint?
    /// Whether a person has made the job ready again: then it may be rendered from whatever edition of its template
    /// the worker has.
    public var isRevived: Bool

    /// A lease.
    public init(
        id: ID, submission: Submission, attempt: Int, earlierAttemptLost: Bool = false,
        recipients: [RecipientRecord], fingerprint: Fingerprint? = nil, isRevived: Bool = false
    ) {
        self.id = id
        self.submission = submission
        self.attempt = attempt
        self.earlierAttemptLost = earlierAttemptLost
        self.recipients = recipients
        self.fingerprint = fingerprint
        self.isRevived = isRevived
    }
}
