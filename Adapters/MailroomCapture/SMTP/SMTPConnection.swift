import MailroomSockets

/// A client's connection: the session between the socket and the store.
final class SMTPConnection: ConnectionHandler {
    /// RFC 5321, 4.5.3.2.7: at least five minutes.
    private static let patience = Duration.seconds(300)

    private var session: SMTPSession
    private let accept: @Sendable (SMTPSession.Message) -> String

    init(hostname: String, limits: SMTPLimits, accept: @escaping @Sendable (SMTPSession.Message) -> String) {
        session = SMTPSession(hostname: hostname, limits: limits)
        self.accept = accept
    }

    func begin(_ output: inout ConnectionOutput) {
        output.write(session.greeting)
        output.restartTimer(Self.patience)
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) {
        session.receive(bytes, &output, accept: accept)
        output.restartTimer(Self.patience)
        if session.isOver { output.close() }
    }

    func expire(_ output: inout ConnectionOutput) {
        output.write("421 4.4.2 Nothing arrived for too long\r\n")
        output.close()
    }

    func stop(_ output: inout ConnectionOutput) {
        output.write("421 4.3.2 The server stops\r\n")
        output.close()
    }

    func end() {}
}
