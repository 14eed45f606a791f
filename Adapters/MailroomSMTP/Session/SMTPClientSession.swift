import Mailroom

/// The client's side of an SMTP dialogue without its socket: replies go in, commands and events come out.
///
/// One mail at a time is between MAIL and its end; while the answer to a final dot is awaited, the next mail may begin
/// where the server offers PIPELINING. Events come in the order of the mails.
struct SMTPClientSession {
    enum Event {
        /// The server is ready for mail.
        case ready
        /// One recipient was refused, by the server or because it cannot carry the address.
        case refusedRecipient(Int, Refusal)
        /// Everyone not refused before was refused; ``over`` follows.
        case refusedMail(Refusal)
        /// Now ``appendBody(_:)`` and ``endBody(endsLine:)`` are due.
        case bodyWanted
        /// The mail ended without its body having been sent.
        case over
        /// The mail as a whole cannot be carried by this server, and none of it was sent; nothing else follows for it.
        case unsuitable(TransportError)
        /// The answer to a final dot.
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
        case greeting, ehlo, helo, reset, mail, recipient(Int), data, finalDot, loneDot, quit
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

    /// What is to be sent next, in order.
    private(set) var output: [UInt8] = []
    /// How many octets of ``output`` complete the final dot, if one is in it.
    private(set) var dotEnd: Int?
    var capabilities = SMTPCapabilities()
    /// Whether a final dot's answer is awaited.
    var awaitsAnswer = false

    let clientName: String
    private let pipelines: Bool
    private let pipelinesAcrossMessages: Bool
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
        clientName = configuration.clientName
        pipelines = configuration.pipelines
        pipelinesAcrossMessages = configuration.pipelinesAcrossMessages
    }

    /// Whether a mail may begin now.
    var canBegin: Bool {
        isReady && !hasFailed && transaction == nil && (!awaitsAnswer || (isPipelining && pipelinesAcrossMessages))
    }

    /// Whether the server has yet to answer something.
    var isOwedReply: Bool { !expected.isEmpty }

    /// What the server has yet to answer, for a person.
    var awaited: String {
        switch expected.first {
        case .greeting: "its greeting"
        case .ehlo: "the answer to EHLO"
        case .helo: "the answer to HELO"
        case .reset: "the answer to RSET"
        case .mail: "the answer to MAIL"
        case .recipient: "the answer to RCPT"
        case .data: "the answer to DATA"
        case .finalDot, .loneDot: "the answer to the message"
        case .quit: "the answer to QUIT"
        case nil: isInBody ? "the end of the message" : "the next mail"
        }
    }

    private var isPipelining: Bool { pipelines && capabilities.pipelining }

    /// Says that all of ``output`` has been sent.
    mutating func outputWasSent() {
        output.removeAll(keepingCapacity: true)
        dotEnd = nil
    }

    // MARK: Mail

    /// Begins a mail; ``canBegin`` must hold.
    mutating func begin(_ envelope: SMTPEnvelope, size: Int, isEightBit: Bool) {
        if let problem = problem(of: envelope, size: size, isEightBit: isEightBit) {
            events.append(.unsuitable(problem))
            return
        }
        var next = Transaction(envelope: envelope, body: (size, isEightBit), stage: needsReset ? .reset : .mail)
        for (index, path) in envelope.recipients.enumerated() where !canCarry(path) {
            events.append(.refusedRecipient(index, path == nil ? .badAddress : .needsSMTPUTF8))
        }
        if !envelope.recipients.contains(where: { canCarry($0) }) {
            next.stage = .sent
            events.append(.over)
            return
        }
        transaction = next
        pump()
    }

    private func canCarry(_ path: SMTPPath?) -> Bool {
        guard let path else { return false }
        return !path.needsSMTPUTF8 || capabilities.smtpUTF8
    }

    private func problem(of envelope: SMTPEnvelope, size: Int, isEightBit: Bool) -> TransportError? {
        if let limit = capabilities.maximumSize, size > limit {
            return TransportError(
                .refused,
                "The message has \(size) octets, but the server takes \(limit) at most. Send less, or elsewhere.",
                isTransient: false)
        }
        if isEightBit, !capabilities.eightBitMIME {
            return TransportError(
                .unsupported, "The message is not 7-bit, and the server does not offer 8BITMIME. Encode it.",
                isTransient: false)
        }
        if let path = envelope.reversePath, !canCarry(path) {
            return TransportError(
                .unsupported, "The sender's address needs SMTPUTF8, which the server does not offer. Use another.",
                isTransient: false)
        }
        return nil
    }

    /// Adds a part of the message, its dots doubled, to ``output``. Parts written past ``output`` must precede it.
    mutating func appendBody(_ bytes: some Sequence<UInt8>) { output.append(contentsOf: bytes) }

    /// Ends the message with the final dot.
    mutating func endBody(endsLine: Bool) {
        output.append(contentsOf: endsLine ? [46, 13, 10] : [13, 10, 46, 13, 10])
        dotEnd = output.count
        isInBody = false
        transaction = nil
        awaitsAnswer = true
        expected.append(.finalDot)
    }

    /// Takes leave.
    mutating func quit() { send("QUIT", expecting: .quit) }

    mutating func send(_ command: String, expecting reply: Expected) {
        output.append(contentsOf: command.utf8)
        output.append(contentsOf: [13, 10])
        expected.append(reply)
    }

    /// Sends as many commands of the mail as may leave now.
    mutating func pump() {
        while let current = transaction {
            if case .sent = current.stage { return }
            guard isPipelining ? expected.count < Self.window : expected.isEmpty else { return }
            if current.isRefused {
                if expected.isEmpty { giveUp() }
                return
            }
            switch current.stage {
            case .reset:
                send("RSET", expecting: .reset)
                needsReset = false
                transaction?.stage = .mail
            case .mail:
                sendMail(current)
                transaction?.stage = .recipient(0)
            case .recipient(let index):
                guard index < current.envelope.recipients.count else {
                    transaction?.stage = .data
                    continue
                }
                if let path = current.envelope.recipients[index], canCarry(path) {
                    output.append(contentsOf: "RCPT TO:<".utf8)
                    output.append(contentsOf: path.bytes)
                    send(">", expecting: .recipient(index))
                }
                transaction?.stage = .recipient(index + 1)
            case .data:
                if expected.isEmpty, current.accepted == 0 {
                    giveUp()
                    return
                }
                send("DATA", expecting: .data)
                transaction?.stage = .sent
            case .sent: return
            }
        }
    }

    private mutating func sendMail(_ mail: Transaction) {
        output.append(contentsOf: "MAIL FROM:<".utf8)
        if let path = mail.envelope.reversePath { output.append(contentsOf: path.bytes) }
        output.append(UInt8(ascii: ">"))
        if capabilities.size { output.append(contentsOf: " SIZE=\(mail.body.size)".utf8) }
        if mail.body.isEightBit { output.append(contentsOf: " BODY=8BITMIME".utf8) }
        let paths = mail.envelope.recipients + [mail.envelope.reversePath]
        if paths.contains(where: { $0?.needsSMTPUTF8 == true && canCarry($0) }) {
            output.append(contentsOf: " SMTPUTF8".utf8)
        }
        send("", expecting: .mail)
    }

    private mutating func giveUp() {
        needsReset = needsReset || transaction?.isRefused != true
        transaction = nil
        events.append(.over)
    }
}
