public import MailroomMIME
import Synchronization

/// One delivery to be made: what a transport is given.
public struct Mail: Sendable {
    /// Sender and the recipients still owed.
    public let envelope: Envelope
    /// The routes of those recipients, by address, whose outcome an earlier attempt left in doubt. A transport with a
    /// choice of next hops keeps them where they were: only the same next hop can tell a repetition.
    public let earlierRoutes: [String: String]

    // In one place, because a mail is handed about much: a copy of it must not count references to every field.
    private let content: Content

    /// The job it belongs to.
    public var id: JobID { content.id }
    /// Which channel's transport this is for.
    public var channel: Channel { content.channel }
    /// The rendered message. On other channels than mail its header addresses are empty.
    public var message: InternetMessage { content.message }
    /// Which try this is, from 1.
    public var attempt: Int { content.attempt }
    /// When the job's time is up. Transports clamp their own waits to it.
    public var deadline: ContinuousClock.Instant { content.deadline }

    /// A delivery.
    public init(
        id: JobID, channel: Channel = .email, envelope: Envelope, message: InternetMessage, attempt: Int = 1,
        deadline: ContinuousClock.Instant, earlierRoutes: [String: String] = [:]
    ) {
        self.init(
            Content(id: id, channel: channel, message: message, attempt: attempt, deadline: deadline),
            envelope: envelope, earlierRoutes: earlierRoutes)
    }

    /// The message as it goes over the wire: CRLF line ends, 7-bit, not dot-stuffed. Encoded on first use and shared
    /// by all copies of this value.
    public var bytes: [UInt8] { content.bytes }

    /// The same delivery to fewer recipients, sharing the encoded bytes. A transport that writes something of its own
    /// into routes gives the others theirs as `earlierRoutes`.
    public func restricted(to recipients: [Recipient], earlierRoutes: [String: String]? = nil) -> Mail {
        Mail(
            content, envelope: Envelope(reversePath: envelope.reversePath, recipients: recipients),
            earlierRoutes: earlierRoutes ?? self.earlierRoutes)
    }

    private init(_ content: Content, envelope: Envelope, earlierRoutes: [String: String]) {
        self.envelope = envelope
        self.earlierRoutes = earlierRoutes
        self.content = content
    }

    private final class Content: Sendable {
        let id: JobID
        let channel: Channel
        let message: InternetMessage
        let attempt: Int
        let deadline: ContinuousClock.Instant
        private let encoded = Mutex<[UInt8]?>(nil)

        init(
            id: JobID, channel: Channel, message: InternetMessage, attempt: Int, deadline: ContinuousClock.Instant
        ) {
            self.id = id
            self.channel = channel
            self.message = message
            self.attempt = attempt
            self.deadline = deadline
        }

        var bytes: [UInt8] {
            encoded.withLock { encoded in
                if let encoded { return encoded }
                let bytes = message.encoded()
                encoded = bytes
                return bytes
            }
        }
    }
}
