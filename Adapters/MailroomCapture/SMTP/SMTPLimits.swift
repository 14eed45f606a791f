/// What an SMTP client may send, and how long it may take, before it is refused.
struct SMTPLimits: Sendable {
    /// Octets of a command line with its CRLF. RFC 5321 asks for 512, parameters and SMTPUTF8 for more.
    var commandBytes = 4096
    /// Octets of a line amid AUTH (RFC 4954, 4).
    var loginBytes = 12_288
    /// Octets of a message; announced as SIZE.
    var messageBytes = 64 << 20
    /// Recipients of a message; RFC 5321 asks for 100.
    var recipients = 1000
    /// Octets of a message's addresses and their parameters, together.
    var envelopeBytes = 1 << 20
    /// Failed commands in a row after which the connection closes.
    var errors = 20
    /// From the end of a command to the end of the next, and between octets of a message. RFC 5321, 4.5.3.2.7: at least
    /// five minutes.
    var patience = Duration.seconds(300)
    /// For a whole message, however steadily it drips.
    var messageTime = Duration.seconds(3600)
}
