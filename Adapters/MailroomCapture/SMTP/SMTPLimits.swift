/// What an SMTP client may send before it is refused.
struct SMTPLimits: Sendable {
    /// Octets of a command line with its CRLF. RFC 5321 asks for 512, parameters and SMTPUTF8 for more.
    var commandBytes = 4096
    /// Octets of a message; announced as SIZE.
    var messageBytes = 64 << 20
    /// Recipients of a message; RFC 5321 asks for 100.
    var recipients = 1000
    /// Failed commands in a row after which the connection closes.
    var errors = 20
}
