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
            earlierRoutes: earlierRoutes ?? self.earlierRoutes, encoding: encoding)
    }

    /// The same delivery with header fields put before its ``bytes``, such as a signature: whole lines, each ended by
    /// CRLF. ``message`` stays as it was.
    ///
    /// The bytes that were encoded move into the new value where nothing else holds them, so that a mail of megabytes
    /// is not there twice; should they be asked of this value again, they are encoded again.
    public func prefixed(by header: [UInt8]) -> Mail {
        Mail(
            self, envelope: envelope, earlierRoutes: earlierRoutes,
            encoding: Encoding(header, before: encoding.taken(from: message)))
    }

    private init(_ mail: Mail, envelope: Envelope, earlierRoutes: [String: String], encoding: Encoding) {
        id = mail.id
        channel = mail.channel
        self.envelope = envelope
        message = mail.message
        attempt = mail.attempt
        deadline = mail.deadline
        self.earlierRoutes = earlierRoutes
        self.encoding = encoding
    }

    private final class Encoding: Sendable {
        private let stored: Mutex<[UInt8]?>
        /// Whether the bytes are the message's own, so that they can be had again from it.
        private let isRepeatable: Bool

        init() {
            stored = Mutex(nil)
            isRepeatable = true
        }

        init(_ header: [UInt8], before bytes: consuming [UInt8]) {
            if bytes.capacity - bytes.count >= header.count {
                bytes.insert(contentsOf: header, at: 0)
                stored = Mutex(bytes)
            } else {
                // Growing in place would double the capacity.
                var whole: [UInt8] = []
                whole.reserveCapacity(header.count + bytes.count)
                whole += header
                whole += bytes
                stored = Mutex(whole)
            }
            isRepeatable = false
        }

        func bytes(of message: InternetMessage) -> [UInt8] {
            stored.withLock { stored in
                if let stored { return stored }
                let bytes = message.encoded()
                stored = bytes
                return bytes
            }
        }

        func taken(from message: InternetMessage) -> [UInt8] {
            guard isRepeatable else { return bytes(of: message) }
            return stored.withLock { stored in
                defer { stored = nil }
                return stored ?? message.encoded()
            }
        }
    }
}
