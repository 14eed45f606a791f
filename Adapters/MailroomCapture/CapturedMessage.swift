/// A mail as it was handed over: the envelope, and the octets unaltered.
public struct CapturedMessage: Sendable, Identifiable {
    /// Unique among all captured mails; safe in a URL once percent-encoded.
    public let id: String
    /// When the final dot arrived, as time since 1970 in UTC.
    public let receivedAt: Duration
    /// What the client called itself in EHLO or HELO.
    public let helo: String
    /// The client's address and port.
    public let remoteAddress: String
    /// The envelope's sender; nil for the null path `<>` of bounces.
    public let reversePath: String?
    /// The envelope's recipients, Bcc among them, in the order of their RCPT commands.
    public let recipients: [String]
    /// Header and body as received, dot-stuffing undone, with the line break before the final dot.
    public let bytes: [UInt8]

    /// The octets read as UTF-8, with U+FFFD for what is none: enough to look for a word in a test.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
