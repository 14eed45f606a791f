public import MailroomMIME
import Synchronization

/// One delivery to be made: what a transport is given.
public struct Mail: Sendable {
    /// The job it belongs to.
    public let id: JobID
    /// Which channel's transport this is for.
    public let channel: Channel
    /// Sender and the recipients still owed.
    public let envelope: Envelope
    /// The rendered message. On other channels than mail its header addresses are empty.
    public let message: InternetMessage
    /// Which try this is, from 1.
    public let attempt: Int
    /// When the job's time is up. Transports clamp their own waits to it.
    public let deadline: ContinuousClock.Instant
    /// The routes of those recipients, by address, whose outcome an earlier attempt left in doubt. A transport with a
    /// choice of next hops keeps them where they were: only the same next hop can tell a repetition.
    public let earlierRoutes: [String: String]

    private let encoding: Encoding

    /// A delivery.
    public init(
        id: JobID, channel: Channel = .email, envelope: Envelope, message: InternetMessage, attempt: Int = 1,
        deadline: ContinuousClock.Instant, earlierRoutes: [String: String] = [:]
    ) {
        self.id = id
        self.channel = channel
        self.envelope = envelope
        self.message = message
        self.attempt = attempt
        self.deadline = deadline
        self.earlierRoutes = earlierRoutes
        encoding = Encoding()
    }

    /// The message as it goes over the wire: CRLF line ends, 7-bit, not dot-stuffed. Encoded on first use and shared
    /// by all copies of this value.
    public var bytes: [UInt8] { encoding.bytes(of: message) }

    /// The same delivery to fewer recipients, sharing the encoded bytes. A transport that writes something of its own
    /// into routes gives the others theirs as `earlierRoutes`.
    public func restricted(to recipients: [Recipient], earlierRoutes: [String: String]? = nil) -> Mail {
        Mail(
            self, envelope: Envelope(reversePath: envelope.reversePath, recipients: recipients),
            earlierRoutes: earlierRoutes ?? self.earlierRoutes)
    }

    private init(_ mail: Mail, envelope: Envelope, earlierRoutes: [String: String]) {
        id = mail.id
        channel = mail.channel
        self.envelope = envelope
        message = mail.message
        attempt = mail.attempt
        deadline = mail.deadline
        self.earlierRoutes = earlierRoutes
        encoding = mail.encoding
    }

    private final class Encoding: Sendable {
        private let stored = Mutex<[UInt8]?>(nil)

        func bytes(of message: InternetMessage) -> [UInt8] {
            stored.withLock { stored in
                if let stored { return stored }
                let bytes = message.encoded()
                stored = bytes
                return bytes
            }
        }
    }
}
