public import Foundation

/// One job as it is offered to a broker: what the broker keeps an index of, and a payload that is none of its
/// business.
public struct Submission: Sendable, Identifiable {
    /// Made by the submitter. Offered again, the same id never makes a second job.
    public let id: JobID
    /// The queue that takes it.
    public var queue: QueueName
    /// The channel of all its recipients.
    public var channel: Channel
    /// The message's identity to the world (RFC 5322 §3.6.4), without angle brackets.
    public var messageID: String
    /// Everyone this job goes to, all by its channel.
    public var recipients: [Recipient]
    /// Set once, at submit: the message's date, and the start of every age and lifetime.
    public var createdAt: Date
    /// The offset from UTC that the message's date is written with.
    public var utcOffsetMinutes: Int
    /// Not leased before this.
    public var notBefore: Date
    /// Given up at this: then it is too late to be of use.
    public var expiresAt: Date
    /// Guards against submitting the same thing twice; `nil` does not.
    public var idempotency: Idempotency?
    /// The name of the pipeline's policy that decides about this job; empty is the pipeline's default.
    public var retryPolicy: String
    /// What the app wants to find its sends by.
    public var tags: [String: String]
    /// The message, encoded; opaque to brokers.
    public var payload: [UInt8]
    /// The attachments' bytes, in the order the payload names them; stored once for each digest.
    public var attachments: [Attachment.Content]

    /// A guard against submitting the same thing twice.
    public struct Idempotency: Hashable, Sendable {
        /// The app's own name for what is being said.
        public var key: String
        /// How long after settlement the key still answers `duplicate`.
        public var lifetime: Duration
        /// Of the content: the same key with other content is an error.
        public var fingerprint: Fingerprint

        /// A guard.
        public init(key: String, lifetime: Duration, fingerprint: Fingerprint) {
            self.key = key
            self.lifetime = lifetime
            self.fingerprint = fingerprint
        }
    }

    /// A submission.
    public init(
        id: JobID, queue: QueueName = .default, channel: Channel = .email, messageID: String, recipients: [Recipient],
        createdAt: Date, utcOffsetMinutes: Int = 0, notBefore: Date? = nil, expiresAt: Date,
        idempotency: Idempotency? = nil, retryPolicy: String = "", tags: [String: String] = [:],
        payload: [UInt8] = [], attachments: [Attachment.Content] = []
    ) {
        self.id = id
        self.queue = queue
        self.channel = channel
        self.messageID = messageID
        self.recipients = recipients
        self.createdAt = createdAt
        self.utcOffsetMinutes = utcOffsetMinutes
        self.notBefore = notBefore ?? createdAt
        self.expiresAt = expiresAt
        self.idempotency = idempotency
        self.retryPolicy = retryPolicy
        self.tags = tags
        self.payload = payload
        self.attachments = attachments
    }
}
