public import MailroomLibraries

/// One thing that a ``ScriptedServer`` does on a connection.
public enum ScriptedServerStep: Sendable {
    /// Reads a line that must begin like this, letters of either case; otherwise notes a problem and hangs up.
    case expect(String)
    /// Reads through these characters.
    case readThrough(String)
    /// Reads lines and writes, for each, the line that the closure makes of it, or nothing for an empty one; goes on
    /// with the next step when it makes none. Lines come with their ends.
    case answer(@Sendable ([UInt8]) -> String?)
    /// Writes these lines at once, each ended with CRLF.
    case reply(String)
    /// Writes the same octet by octet, each in a segment of its own.
    case replyByOctet(String)
    /// Writes these octets.
    case send([UInt8])
    /// Does a server's handshake and speaks TLS from then on; as the first step, from the beginning. What came before it
    /// is forgotten. A handshake that fails is noted as a problem and ends the connection.
    case startTLS(TLSContext)
    /// Lets those who await ``ScriptedServer/reached(_:times:)`` go on.
    case mark(String)
    /// Waits until ``ScriptedServer/open(_:)`` was called for this gate.
    case wait(String)
    /// Says nothing more and reads on, until the client leaves.
    case stall
    /// Neither reads nor writes, until the server stops.
    case freeze
    /// Closes the connection in good order.
    case hangUp
    /// Breaks the connection off, so that the client sees an error.
    case reset
}

extension ScriptedServerStep {
    /// Greets, and answers EHLO with these extensions.
    public static func smtpOpening(_ extensions: [String] = ["PIPELINING"]) -> [ScriptedServerStep] {
        let lines = ["scripted.example"] + extensions
        let reply = lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)" }
        return [
            .reply("220 scripted.example ESMTP"), .expect("EHLO "), .reply(reply.joined(separator: "\r\n")),
        ]
    }

    /// Accepts one mail to so many recipients.
    public static func smtpMail(recipients: Int = 1, reply: String = "250 2.0.0 Ok: queued as 4F2A")
        -> [ScriptedServerStep]
    {
        var steps: [ScriptedServerStep] = [.expect("MAIL FROM:"), .reply("250 2.1.0 Ok")]
        for _ in 0..<recipients { steps += [.expect("RCPT TO:"), .reply("250 2.1.5 Ok")] }
        return steps + [.expect("DATA"), .reply("354 Go on"), .readThrough("\r\n.\r\n"), .reply(reply)]
    }
}
