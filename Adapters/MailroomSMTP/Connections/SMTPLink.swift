import Mailroom
import MailroomLibraries
import MailroomSockets

/// One session with its socket: connects, encrypts and logs in, writes what the session says and reads what it is told.
/// Blocks the calling thread.
final class SMTPLink {
    let configuration: SMTPConfiguration
    let standing = ConnectionStanding()
    var interruption: SocketInterruption { standing.interruption }
    var session: SMTPClientSession
    /// When the wait for the next reply ends.
    var waitEnd = ContinuousClock.now
    /// Whether nothing more can be sent.
    private(set) var isLost = false
    /// What TLS agreed on, once it has.
    private(set) var facts: TLSFacts?
    /// The server's numeric address and port, once connected.
    private(set) var remoteAddress = ""
    private var stream: (any SMTPStream)?
    private let encryption: SharedTLSContext
    private let number: Int
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

    init(_ configuration: SMTPConfiguration, encryption: SharedTLSContext, number: Int) {
        self.configuration = configuration
        self.encryption = encryption
        self.number = number
        session = SMTPClientSession(configuration)
    }

    deinit { input.deallocate() }

    func close() { stream?.close() }

    /// Whether something can be read without waiting: words, the end or an error.
    var hasInput: Bool { stream?.hasInput != false }

    // MARK: Opening

    /// Connects, within half of the time until the deadline or what the configuration says. The greeting is due then.
    func connect(until deadline: ContinuousClock.Instant) throws(TransportError) {
        let timeouts = configuration.timeouts
        do throws(SocketError) {
            let stream = try TCPStream.connect(
                host: configuration.host, port: configuration.port, deadline: limit(timeouts.connect, deadline),
                interruption: interruption)
            self.stream = stream
            remoteAddress = stream.remoteAddress
            // What counts is the address it was made to, not what that was called.
            session.isLocal = isLoopback(host: stream.remoteHost)
        } catch {
            throw unconnected(error)
        }
        note("connected to \(remoteAddress)")
        if configuration.security.mode == .implicit { try encrypt(until: deadline) }
        waitEnd = limit(timeouts.greeting, deadline)
    }

    /// Makes the connection TLS and tells the session.
    func encrypt(until deadline: ContinuousClock.Instant) throws(TransportError) {
        guard let plain = stream as? TCPStream else { return }
        standing.point = .handshake
        do throws(SocketError) {
            let encrypted = try TLSStream.client(
                over: plain, context: encryption.context(), serverName: configuration.host,
                deadline: limit(configuration.timeouts.command, deadline))
            stream = encrypted
            facts = encrypted.facts
        } catch {
            throw unconnected(error)
        }
        note("encrypted by \(facts?.protocolVersion ?? "TLS")")
        session.encryptionBegan()
    }

    /// Gives the session the password, or a fresh token.
    func authenticate(until deadline: ContinuousClock.Instant) throws(TransportError) {
        switch configuration.credentials?.secret {
        case .password(let password): session.authenticate(with: password)
        case .token(let provider):
            standing.point = .token
            let token = try token(from: provider, until: limit(configuration.timeouts.command, deadline))
            guard !token.isEmpty, token.utf8.allSatisfy({ (33...126).contains($0) }) else {
                throw named(
                    TransportError(.authenticationFailed, "The provider gave a token that cannot be one. Check it."))
            }
            session.authenticate(with: token)
        case nil: return
        }
        restartLimit(until: deadline)
    }

    /// Runs the provider in a task and blocks this thread, which is the connection's own, until it answers.
    private func token(
        from provider: @escaping SMTPCredentials.TokenProvider, until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> String {
        let result: Result<String, any Error>
        do throws(SocketError) {
            let answer = try BlockingAnswer<Result<String, any Error>>()
            let task = Task.detached {
                do { answer.give(.success(try await provider())) } catch { answer.give(.failure(error)) }
            }
            // Once it has answered this changes nothing.
            defer { task.cancel() }
            result = try answer.wait(until: deadline, interruption: interruption, doing: "get a token")
        } catch {
            guard error.code == .timedOut else { throw unconnected(error) }
            throw named(
                TransportError(.timedOut, "The provider of tokens did not answer in time. Check it, or allow more."))
        }
        switch result {
        case .success(let token): return token
        case .failure(let error):
            // The error's own words are not repeated: nobody knows what they hold.
            throw named(
                TransportError(
                    .authenticationFailed,
                    "The provider of tokens gave none (\(type(of: error))). Look at its own log."))
        }
    }

    // MARK: Sending

    /// Sends what the session has to say. After a failure `taken` tells how much of it may have left.
    func flush(until deadline: ContinuousClock.Instant, taken: inout Int) -> SocketError? {
        guard !session.output.isEmpty, !isLost else { return nil }
        let failure = session.output.withUnsafeBytes { write($0, until: deadline, taken: &taken) }
        if failure == nil { session.outputWasSent() }
        return failure
    }

    func write(
        _ bytes: UnsafeRawBufferPointer, until deadline: ContinuousClock.Instant, taken: inout Int
    ) -> SocketError? {
        standing.point = session.awaited
        do throws(SocketError) {
            try stream?.write(bytes, taken: &taken, deadline: limit(configuration.timeouts.data, deadline, share: 1))
            return nil
        } catch {
            return error
        }
    }

    /// Reads what the server said before the connection broke, which tells more than that it broke. Nothing more can
    /// be sent.
    func salvage(after failure: SocketError) {
        isLost = true
        guard failure.code != .interrupted else { return }
        // A server that never stops talking is not listened to for ever.
        for _ in 0..<16 {
            guard let stream, stream.hasInput else { break }
            guard let count = try? stream.read(into: input, deadline: .now), count > 0 else { break }
            session.receive(UnsafeRawBufferPointer(rebasing: input[..<count]))
        }
    }

    // MARK: Receiving

    /// Waits for words of the server until ``waitEnd``. Calls `beforeWaiting` if they do not come at once.
    func receive(beforeWaiting: () -> Void = {}) throws(TransportError) {
        guard let stream else { return }
        standing.point = session.awaited
        let count: Int
        do throws(SocketError) {
            if waitEnd > .now + .milliseconds(20), let soon = try stream.readSoon(into: input) {
                count = soon
            } else {
                beforeWaiting()
                count = try stream.read(into: input, deadline: waitEnd)
            }
        } catch {
            throw lost(error)
        }
        guard count > 0 else {
            throw named(
                TransportError(
                    .connectionLost,
                    "The server closed the connection where \(session.awaited) was due. "
                        + (awaitsGreeting ? adviceOnSilence : "Its log may say why.")))
        }
        session.receive(UnsafeRawBufferPointer(rebasing: input[..<count]))
    }

    /// The next answer may take as long as it may from now on.
    func restartLimit(until deadline: ContinuousClock.Instant) {
        let timeouts = configuration.timeouts
        waitEnd =
            session.awaitsAnswer
            ? limit(timeouts.finalDot, deadline, share: 1) : limit(timeouts.command, deadline)
    }

    /// The end of a wait: as configured, else a part of the time that is left; never past the deadline.
    private func limit(
        _ duration: Duration?, _ deadline: ContinuousClock.Instant, share: Int = 2
    ) -> ContinuousClock.Instant {
        if let duration { return min(.now + duration, deadline) }
        return share == 1 ? deadline : .now + ContinuousClock.now.duration(to: deadline) / share
    }

    // MARK: Words

    private func unconnected(_ error: SocketError) -> TransportError {
        switch error.code {
        case .interrupted: TransportError(.cancelled, "The delivery was stopped.")
        case .timedOut: named(TransportError(.timedOut, error.description))
        default: named(TransportError(.connectionFailed, error.description))
        }
    }

    func lost(_ error: SocketError) -> TransportError {
        switch error.code {
        case .timedOut:
            named(
                TransportError(
                    .timedOut, "The time ran out where \(session.awaited) was due. \(adviceOnSilence)"))
        case .interrupted: TransportError(.cancelled, "The delivery was stopped.")
        default:
            named(
                TransportError(.connectionLost, "\(error.description) It happened where \(session.awaited) was due."))
        }
    }

    private var awaitsGreeting: Bool { if case .greeting? = session.expected.first { true } else { false } }

    /// What to look at where the server said nothing.
    private var adviceOnSilence: String {
        guard awaitsGreeting else { return "Check the server, or allow more time." }
        return configuration.security.mode == .implicit
            ? "Check that an SMTP server listens on this port."
            : "Check that an SMTP server listens on this port; where TLS begins at once, as on 465, write smtps://."
    }

    /// The error with the server's name before it.
    func named(_ error: TransportError) -> TransportError {
        TransportError(
            error.code, "\(configuration.route): \(error.reason)", isTransient: error.isTransient, reply: error.reply,
            retryAfter: error.retryAfter)
    }

    /// Tells the transcript what was said since the last time.
    func transcribe() {
        guard let transcript = configuration.transcript, !session.said.isEmpty else { return }
        for (speaker, text) in session.said {
            transcript(SMTPTranscriptLine(connection: number, speaker: speaker, text: text))
        }
        session.said.removeAll(keepingCapacity: true)
    }

    private func note(_ event: String) {
        if session.isTranscribed { session.note(.event, event) }
    }
}
