import MailroomLibraries
import MailroomSockets

/// A client's connection: the session between the socket and the store.
final class SMTPConnection: ConnectionHandler {
    private var session: SMTPSession
    private var linesSeen = 0
    /// The mail that is being read, and when it began.
    private var content: (number: Int, began: ContinuousClock.Instant)?
    private var wasReadingContent = false

    init(_ settings: SMTPSettings, remoteAddress: String, destination: any MailDestination) {
        session = SMTPSession(settings, remoteAddress: remoteAddress, destination: destination)
    }

    func begin(_ output: inout ConnectionOutput) {
        session.begin(&output)
        output.restartTimer(session.limits.patience)
        end(&output)
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) {
        session.receive(bytes, &output)
        keepTime(&output)
        if session.awaitsTLS, !output.beginsTLS {
            guard let context = session.settings.encryption?.context else { return output.close() }
            output.startTLS(context)
        }
        end(&output)
    }

    func secured(_ facts: TLSFacts, _ output: inout ConnectionOutput) {
        session.secured()
        linesSeen = 0
        output.restartTimer(session.limits.patience)
    }

    func expire(_ output: inout ConnectionOutput) {
        output.write("421 4.4.2 That took too long\r\n")
        output.close()
    }

    func stop(_ output: inout ConnectionOutput) {
        output.write("421 4.3.2 The server stops\r\n")
        output.close()
    }

    func end() {}

    private func end(_ output: inout ConnectionOutput) {
        switch session.ending {
        case .close: output.close()
        case .reset: output.reset()
        case nil: break
        }
    }

    /// A command may not take longer for dripping in, nor a mail go on without end.
    private func keepTime(_ output: inout ConnectionOutput) {
        let limits = session.limits
        let isReading = session.isReadingContent
        defer {
            linesSeen = session.lineCount
            wasReadingContent = isReading
        }
        let hasProgress = session.lineCount != linesSeen || isReading || wasReadingContent
        if session.isContentUnderWay {
            let now = ContinuousClock.now
            if content?.number != session.contentCount { content = (session.contentCount, now) }
            let left = limits.messageTime - (content?.began ?? now).duration(to: now)
            // Not left to the timer, which each octet would put off.
            if left <= .zero { return expire(&output) }
            if hasProgress { output.restartTimer(min(limits.patience, left)) }
        } else {
            content = nil
            if hasProgress { output.restartTimer(limits.patience) }
        }
    }
}
