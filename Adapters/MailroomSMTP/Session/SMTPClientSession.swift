import Mailroom

/// The client's side of an SMTP dialogue without its socket: replies go in, commands and events come out.
///
/// One mail at a time is between MAIL and its end; while the answer to its end is awaited, the next mail may begin
/// where the server offers PIPELINING. Events come in the order of the mails.
struct SMTPClientSession {
    enum Event {
        /// The server agreed to TLS: now the handshake is due, then ``encryptionBegan()``.
        case encryptionDue
        /// Now ``authenticate(with:)`` is due.
        case secretDue
        /// The server is ready for mail.
        case ready
        /// One recipient was refused, by the server or because it cannot carry the address.
        case refusedRecipient(Int, Refusal)
        /// Everyone not refused before was refused; ``over`` follows.
        case refusedMail(Refusal)
        /// Now ``appendBody(_:)`` and ``endBody(endsLine:)`` are due, or the next chunk where ``sendsChunks``.
        case bodyWanted
        /// The mail ended without its body having been sent.
        case over
        /// The mail as a whole cannot be carried by this server, and none of it was sent; nothing else follows for it.
        case unsuitable(TransportError)
        /// The answer to the end of a message.
        case answered(RecipientOutcome.Status, Reply)
        /// The server took leave.
        case goodbye
        /// The dialogue has failed and cannot go on. What was not answered is lost or was never sent.
        case failed(TransportError)
    }

    struct Refusal {
        let status: RecipientOutcome.Status
        let reply: Reply
    }

    enum Expected {
        case greeting, ehlo, helo, startTLS, authentication
        case reset, mail, recipient(Int), data, chunk, finalDot, loneDot, quit
    }

    struct Transaction {
        enum Stage { case reset, mail, recipient(Int), data, sent }
        let envelope: SMTPEnvelope
        let body: (size: Int, isEightBit: Bool)
        var stage: Stage
        var accepted = 0
        var isRefused = false
    }

    /// How many commands may wait for their replies, so that both sides never block on full buffers.
    static let window = 100

    let configuration: SMTPConfiguration
    /// Whether the server is this machine itself.
    var isLocal = false
    /// Whether nobody on the way can read what is sent.
    var isEncrypted = false
    var authentication: SMTPAuthentication?
    /// The mechanisms that the server offered and then declined.
    var declined: Set<SMTPCredentials.Mechanism> = []

    /// What is to be sent next, in order.
    private(set) var output: [UInt8] = []
    /// How many octets of ``output`` complete the message, if its end is in it.
    private(set) var dotEnd: Int?
    /// What was said since it was last taken, if anybody wants to know.
    var said: [(speaker: SMTPTranscriptLine.Speaker, text: String)] = []
    let isTranscribed: Bool
    var greeting = ""
    var capabilities = SMTPCapabilities()
    /// Whether the answer to a message is awaited.
    var awaitsAnswer = false

    /// How many replies have come.
    var replies = 0
    var parser = SMTPReplyParser()
    var expected: [Expected] = [.greeting]
    var events: [Event] = []
    var transaction: Transaction?
    var isReady = false
    var hasFailed = false
    var isInBody = false
    /// Whether the server may still hold a transaction that must be given up first.
    var needsReset = false

    init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
        isTranscribed = configuration.transcript != nil
        isEncrypted = configuration.security.mode == .implicit
    }

    /// Whether a mail may begin now.
    var canBegin: Bool {
        isReady && !hasFailed && transaction == nil
            && (!awaitsAnswer || (isPipelining && configuration.pipelinesAcrossMessages))
    }

    /// Whether the server has yet to answer something.
    var isOwedReply: Bool { !expected.isEmpty }

    /// What the server has yet to answer.
    var awaited: SMTPPoint {
        switch expected.first {
        case .greeting: .greeting
        case .ehlo: .ehlo
        case .helo: .helo
        case .startTLS: .startTLS
        case .authentication: .authentication
        case .reset: .reset
        case .mail: .mail
        case .recipient: .recipient
        case .data: .data
        case .chunk: .chunk
        case .finalDot, .loneDot: .answer
        case .quit: .quit
        case nil: isInBody ? .endOfMessage : .nextMail
        }
    }

    var isPipelining: Bool { configuration.pipelines && capabilities.pipelining }

    /// Whether bodies leave in chunks, as they are, instead of by DATA.
    var sendsChunks: Bool { configuration.chunks && capabilities.chunking }

    // MARK: Output

    /// Says that all of ``output`` has been sent.
    mutating func outputWasSent() {
        output.removeAll(keepingCapacity: true)
        dotEnd = nil
    }

    /// Sends a command; `shown` stands for it in the transcript where it holds a secret.
    mutating func send(
        _ command: String, shownAs shown: String? = nil, expecting reply: Expected,
        _ rest: (inout [UInt8]) -> Void = { _ in }
    ) {
        let start = output.count
        output.append(contentsOf: command.utf8)
        rest(&output)
        if isTranscribed { note(.client, shown ?? String(decoding: output[start...], as: UTF8.self)) }
        output.append(contentsOf: [13, 10])
        expected.append(reply)
    }

    mutating func note(_ speaker: SMTPTranscriptLine.Speaker, _ text: String) { said.append((speaker, text)) }

    /// Takes leave.
    mutating func quit() { send("QUIT", expecting: .quit) }

    // MARK: Bodies

    /// Adds a part of the message as it is to leave: its dots doubled for DATA, untouched for BDAT. Parts written past
    /// ``output`` must precede it.
    mutating func appendBody(_ bytes: some Sequence<UInt8>) { output.append(contentsOf: bytes) }

    /// Adds a part of the message as it is to leave: its dots doubled for DATA, untouched for BDAT.
    mutating func appendBody(_ write: (inout [UInt8]) -> Void) { write(&output) }

    /// Ends the message with the final dot.
    mutating func endBody(endsLine: Bool) {
        output.append(contentsOf: endsLine ? [46, 13, 10] : [13, 10, 46, 13, 10])
        end()
    }

    /// Announces the next so many octets of the message, which are then added by ``appendBody(_:)`` or written past
    /// ``output``; those of the last chunk must be followed by ``end()``.
    mutating func beginChunk(_ size: Int, isLast: Bool) {
        let command = "BDAT \(size)\(isLast ? " LAST" : "")"
        output.append(contentsOf: "\(command)\r\n".utf8)
        if isTranscribed { note(.client, command) }
        if !isLast { expected.append(.chunk) }
    }

    /// Says that the message is complete in ``output``.
    mutating func end() {
        if isTranscribed { note(.client, "(\(transaction?.body.size ?? 0) octets of message)") }
        dotEnd = output.count
        isInBody = false
        transaction = nil
        awaitsAnswer = true
        expected.append(.finalDot)
    }
}
