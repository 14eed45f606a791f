import Mailroom
import MailroomLibraries
import MailroomSockets
import Synchronization

/// One connection, opened as for a delivery on a thread of its own, to tell what there is.
actor SMTPCheck {
    private let configuration: SMTPConfiguration
    private let thread: DedicatedThread
    private let link: SMTPLink
    private nonisolated let interruption: SocketInterruption
    private let dialogue = Dialogue()

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ configuration: SMTPConfiguration) throws(SocketError) {
        var configuration = configuration
        let transcript = configuration.transcript
        configuration.transcript = { [dialogue] line in
            dialogue.lines.withLock { $0.append("\(line.speaker.rawValue): \(line.text)") }
            transcript?(line)
        }
        self.configuration = configuration
        thread = try DedicatedThread()
        let link = SMTPLink(configuration, encryption: SharedTLSContext(configuration.security), number: 1)
        self.link = link
        interruption = link.interruption
    }

    /// Ends the check at once.
    nonisolated func cancel() { interruption.interrupt() }

    func run(until deadline: ContinuousClock.Instant) -> ConnectionCheck {
        var check = ConnectionCheck(configuration.route)
        do throws(TransportError) {
            try link.connect(until: deadline)
            while !link.session.isReady { try proceed(until: deadline) }
        } catch {
            check.problem = error.description
        }
        check.findings = findings(isSound: check.problem == nil)
        if check.problem == nil { quit() }
        link.transcribe()
        link.close()
        check.dialogue = dialogue.lines.withLock { $0 }
        return check
    }

    private func proceed(until deadline: ContinuousClock.Instant) throws(TransportError) {
        while let event = link.session.next() {
            switch event {
            case .encryptionDue: try link.encrypt(until: deadline)
            case .secretDue: try link.authenticate(until: deadline)
            case .failed(let error): throw link.named(error)
            default: break
            }
        }
        guard !link.session.isReady else { return }
        if !link.session.output.isEmpty {
            var taken = 0
            if let failure = link.flush(until: deadline, taken: &taken) { throw link.lost(failure) }
            link.restartLimit(until: deadline)
        }
        try link.receive()
    }

    private func quit() {
        link.session.quit()
        var taken = 0
        guard link.flush(until: .now + .seconds(1), taken: &taken) == nil else { return }
        link.waitEnd = .now + .seconds(1)
        try? link.receive()
        _ = link.session.next()
    }

    private func findings(isSound: Bool) -> [ConnectionCheck.Finding] {
        let session = link.session
        var findings: [ConnectionCheck.Finding] = []
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { findings.append(ConnectionCheck.Finding(name, value)) }
        }
        add("address", link.remoteAddress)
        add("greeting", session.greeting)
        if let facts = link.facts {
            add("TLS", "\(facts.protocolVersion), \(facts.cipher)")
            add("certificate", facts.peerCertificate?.subject)
            add("for", facts.peerCertificate?.names.joined(separator: ", "))
            add("issuer", facts.peerCertificate?.issuer)
            add("expires", facts.peerCertificate?.notAfterText)
            add("accepted although", facts.acceptedProblem)
        } else if !session.capabilities.lines.isEmpty {
            add("TLS", session.capabilities.startTLS ? isSound ? "offered, not used" : "offered" : "none")
        }
        add("offers", session.capabilities.lines.dropFirst().filter { !$0.isEmpty }.joined(separator: ", "))
        if session.isReady, let credentials = configuration.credentials { add("logged in", credentials.user) }
        return findings
    }

    private final class Dialogue: Sendable {
        let lines = Mutex<[String]>([])
    }
}
