/// How long an SMTP client waits at each point of the dialogue (RFC 5321 §4.5.3.2).
///
/// Of what is `nil`, connecting, the greeting and each command may take half of the time that the mail has left, so that
/// a server that is down leaves time to try elsewhere; the message and the answer to it may take all of it. Nothing lasts
/// longer in any case: every wait ends at ``/Mailroom/Mail/deadline``.
public struct SMTPTimeouts: Hashable, Sendable {
    /// Finding the host's address and connecting.
    public var connect: Duration?
    /// The server's greeting.
    public var greeting: Duration?
    /// The answer to each command, `DATA` included, and the TLS handshake.
    public var command: Duration?
    /// The server's taking each block of the message.
    public var data: Duration?
    /// The answer to the whole message. Running out leaves the recipients in doubt, so be generous.
    public var finalDot: Duration?

    /// Waits; what is not said follows from the time that the mail has.
    public init(
        connect: Duration? = nil, greeting: Duration? = nil, command: Duration? = nil, data: Duration? = nil,
        finalDot: Duration? = nil
    ) {
        self.connect = connect
        self.greeting = greeting
        self.command = command
        self.data = data
        self.finalDot = finalDot
    }

    var named: [(name: String, limit: Duration?)] {
        [
            ("connect timeout", connect), ("greeting timeout", greeting), ("command timeout", command),
            ("data timeout", data), ("final dot timeout", finalDot),
        ]
    }
}
