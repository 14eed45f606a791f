public import Foundation

/// A job as its broker knows it: the record of the send. Kept after the job is settled, without its content, until
/// it is pruned.
public struct JobRecord: Sendable, Identifiable {
    /// The job.
    public let id: JobID
    /// The queue it is in.
    public var queue: QueueName
    /// The channel of its recipients.
    public var channel: Channel
    /// The message's identity to the world, without angle brackets.
    public var messageID: String
    /// What the app finds it by.
    public var tags: [String: String]
    /// Where it stands.
    public var state: JobState
    /// Every try so far, the one under way included.
    public var attempts: Int
    /// When it was submitted.
    public var createdAt: Date
    /// When it was last settled or acted on.
    public var updatedAt: Date
    /// When it is due, while it is scheduled.
    public var notBefore: Date
    /// Why the last attempt failed or the job ended.
    public var error: String?
    /// What is recorded of each recipient, in the order of the submission.
    public var recipients: [RecipientRecord]

    /// A record.
    public init(
        id: JobID, queue: QueueName, channel: Channel, messageID: String, tags: [String: String], state: JobState,
        attempts: Int, createdAt: Date, updatedAt: Date, notBefore: Date, error: String?,
        recipients: [RecipientRecord]
    ) {
        self.id = id
        self.queue = queue
        self.channel = channel
        self.messageID = messageID
        self.tags = tags
        self.state = state
        self.attempts = attempts
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.notBefore = notBefore
        self.error = error
        self.recipients = recipients
    }
}
