public import Foundation
public import MailroomMIME

/// One delivery and what it came to, without the message: what ``Transport/recording(time:to:)`` tells.
public struct DeliveryRecord: Sendable {
    /// The job it belonged to.
    public let job: JobID
    /// The channel.
    public let channel: Channel
    /// Which try it was, from 1.
    public let attempt: Int
    /// The message's Message-ID.
    public let messageID: String
    /// Where non-delivery notices go; `nil` is `<>`.
    public let reversePath: EmailAddress?
    /// The recipients it was for, by address.
    public let recipients: [String]
    /// When it began.
    public let startedAt: Date
    /// How long it took.
    public let duration: Duration
    /// The outcomes with their routes, or the error.
    public let result: Result<DeliveryReport, TransportError>

    init(
        _ mail: Mail, startedAt: Date, duration: Duration, result: Result<DeliveryReport, TransportError>
    ) {
        job = mail.id
        channel = mail.channel
        attempt = mail.attempt
        messageID = mail.message.messageID
        reversePath = mail.envelope.reversePath
        recipients = mail.envelope.recipients.map(\.address)
        self.startedAt = startedAt
        self.duration = duration
        self.result = result
    }
}
