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

    /// A delivery of octets that are ready, such as a mail that was captured: ``bytes`` gives them as they are, and
    /// ``message`` is empty.
    package init(
        id: JobID, channel: Channel = .email, envelope: Envelope, bytes: [UInt8], deadline: ContinuousClock.Instant
    ) {
        self.init(
            Content(id: id, channel: channel, bytes: bytes, deadline: deadline), envelope: envelope, earlierRoutes: [:])
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

    /// The same delivery with header fields put before its ``bytes``, such as a signature: whole lines, each ended by
    /// CRLF. ``message`` stays as it was.
    ///
    /// The bytes that were encoded move into the new value where nothing else holds them, so that a mail of megabytes
    /// is not there twice; should they be asked of this value again, they are encoded again.
    public func prefixed(by header: [UInt8]) -> Mail {
        Mail(Content(header, before: content), envelope: envelope, earlierRoutes: earlierRoutes)
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
        private let encoded: Mutex<[UInt8]?>
        /// Whether the bytes are the message's own, so that they can be had again from it.
        private let isRepeatable: Bool

        init(
            id: JobID, channel: Channel, message: InternetMessage, attempt: Int, deadline: ContinuousClock.Instant
        ) {
            self.id = id
            self.channel = channel
            self.message = message
            self.attempt = attempt
            self.deadline = deadline
            encoded = Mutex(nil)
            isRepeatable = true
        }

        init(id: JobID, channel: Channel, bytes: [UInt8], deadline: ContinuousClock.Instant) {
            self.id = id
            self.channel = channel
            message = InternetMessage(from: [], subject: "", date: MessageDate(secondsSince1970: 0), messageID: "")
            attempt = 1
            self.deadline = deadline
            encoded = Mutex(bytes)
            isRepeatable = false
        }

        init(_ header: [UInt8], before content: Content) {
            id = content.id
            channel = content.channel
            message = content.message
            attempt = content.attempt
            deadline = content.deadline
            var bytes = content.takeBytes()
            if bytes.capacity - bytes.count >= header.count {
                bytes.insert(contentsOf: header, at: 0)
            } else {
                // Growing in place would double the capacity.
                var whole: [UInt8] = []
                whole.reserveCapacity(header.count + bytes.count)
                whole += header
                whole += bytes
                bytes = whole
            }
            encoded = Mutex(bytes)
            isRepeatable = false
        }

        var bytes: [UInt8] {
            encoded.withLock { encoded in
                if let encoded { return encoded }
                let bytes = message.encoded()
                encoded = bytes
                return bytes
            }
        }

        private func takeBytes() -> [UInt8] {
            guard isRepeatable else { return bytes }
            return encoded.withLock { encoded in
                defer { encoded = nil }
                return encoded ?? message.encoded()
            }
        }
    }
}
