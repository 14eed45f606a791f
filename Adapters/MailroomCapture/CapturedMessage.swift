/// A mail as it was handed over: the envelope, and the octets unaltered.
public struct CapturedMessage: Sendable, Identifiable {
    /// What was said before the mail's octets came.
    public struct Envelope: Sendable, Hashable {
        /// What the client called itself in EHLO or HELO.
        public var helo: String
        /// The client's address and port.
        public var remoteAddress: String
        /// The envelope's sender; nil for the null path `<>` of bounces.
        public var reversePath: String?
        /// The envelope's recipients, Bcc among them, in the order of their RCPT commands.
        public var recipients: [String]
        /// The parameters of MAIL as they were sent, such as `BODY=8BITMIME` and `RET=HDRS`.
        public var senderParameters: [String] = []
        /// The parameters of each RCPT as they were sent, such as `NOTIFY=NEVER`; as many lists as recipients, or none.
        public var recipientParameters: [[String]] = []
        /// Whom the client said to be in AUTH; nil where it did not.
        public var userName: String?
        /// Whether the mail came through TLS.
        public var isEncrypted = false

        init(helo: String, remoteAddress: String, reversePath: String?, recipients: [String]) {
            self.helo = helo
            self.remoteAddress = remoteAddress
            self.reversePath = reversePath
            self.recipients = recipients
        }
    }

    /// Unique among all captured mails; safe in a URL once percent-encoded.
    public let id: String
    /// When the last octet arrived, as time since 1970 in UTC.
    public let receivedAt: Duration
    /// What was said before the mail's octets came.
    public let envelope: Envelope
    let content: MailContent

    /// What the client called itself in EHLO or HELO.
    public var helo: String { envelope.helo }
    /// The client's address and port.
    public var remoteAddress: String { envelope.remoteAddress }
    /// The envelope's sender; nil for the null path `<>` of bounces.
    public var reversePath: String? { envelope.reversePath }
    /// The envelope's recipients, Bcc among them, in the order of their RCPT commands.
    public var recipients: [String] { envelope.recipients }
    /// How many octets header and body have.
    public var size: Int { content.count }

    /// Header and body as received, dot-stuffing undone, with the line break before the final dot. Of a large mail they
    /// are read from the disk each time; empty where another program took its file out of the Maildir.
    public var bytes: [UInt8] { (try? content.read()) ?? [] }

    /// The octets read as UTF-8, with U+FFFD for what is none: enough to look for a word in a test.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
