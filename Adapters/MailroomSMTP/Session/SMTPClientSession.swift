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

    private enum Expected {
        case greeting, ehlo, helo, reset, mail, recipient(Int), data, finalDot, loneDot, quit
    }

    private struct Transaction {
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
    private(set) var capabilities = SMTPCapabilities()
    /// Whether a final dot's answer is awaited.
    private(set) var awaitsAnswer = false

    private let clientName: String
    private let pipelines: Bool
    private let pipelinesAcrossMessages: Bool
    private var parser = SMTPReplyParser()
    private var expected: [Expected] = [.greeting]
    private var events: [Event] = []
    private var transaction: Transaction?
    private var isReady = false
    private var hasFailed = false
    private var isInBody = false
    /// Whether the server may still hold a transaction that must be given up first.
    private var needsReset = false

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

    private mutating func send(_ command: String, expecting reply: Expected) {
        output.append(contentsOf: command.utf8)
        output.append(contentsOf: [13, 10])
        expected.append(reply)
    }

    /// Sends as many commands of the mail as may leave now.
    private mutating func pump() {
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

// MARK: - Replies

extension SMTPClientSession {
    /// Takes what the server sent; ask ``next()`` what it means.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) { parser.append(bytes) }

    /// The next event, or `nil` when more must be received, or ``output`` sent, first.
    mutating func next() -> Event? {
        while true {
            // What was found out here about a mail sent ahead comes after the answer to the mail before it.
            if !awaitsAnswer, !events.isEmpty { return events.removeFirst() }
            guard !hasFailed else { return nil }
            do throws(SMTPViolation) {
                guard let reply = try parser.next() else { return nil }
                if let event = try react(to: reply) { return event }
            } catch {
                return fail(
                    TransportError(
                        .protocolViolation,
                        "The server sent \(error.reason) where \(awaited) was due. Check that it speaks SMTP."))
            }
        }
    }

    private mutating func fail(_ error: TransportError) -> Event {
        hasFailed = true
        awaitsAnswer = false
        events.removeAll()
        return .failed(error)
    }

    private mutating func react(to reply: SMTPReply) throws(SMTPViolation) -> Event? {
        guard let due = expected.first else { return try reactUnasked(to: reply) }
        if reply.code == 421 {
            if case .finalDot = due {} else if case .quit = due {} else { return fail(refusal(of: reply)) }
        }
        let event = try meaning(of: reply, to: due)
        if hasFailed { return event }
        expected.removeFirst()
        pump()
        return event
    }

    private mutating func meaning(of reply: SMTPReply, to due: Expected) throws(SMTPViolation) -> Event? {
        switch due {
        case .greeting:
            guard reply.code == 220 else { return try refuse(reply) }
            send("EHLO \(clientName)", expecting: .ehlo)
            return nil
        case .ehlo:
            if reply.code / 100 == 5 {
                send("HELO \(clientName)", expecting: .helo)
                return nil
            }
            guard reply.isPositive else { return try refuse(reply) }
            capabilities = SMTPCapabilities(lines: parser.lines(of: reply))
            isReady = true
            return .ready
        case .helo:
            guard reply.isPositive else { return try refuse(reply) }
            isReady = true
            return .ready
        case .reset: return reply.isPositive ? nil : try refuse(reply)
        case .mail: return try reactToMail(reply)
        case .recipient(let index): return try reactToRecipient(index, reply)
        case .data: return try reactToData(reply)
        case .finalDot: return try reactToFinalDot(reply)
        case .loneDot: return nil
        case .quit:
            isReady = false
            return .goodbye
        }
    }

    private mutating func reactToMail(_ reply: SMTPReply) throws(SMTPViolation) -> Event? {
        if reply.isPositive { return nil }
        try requireRefusal(reply)
        transaction?.isRefused = true
        return .refusedMail(Refusal(reply, in: parser))
    }

    private mutating func reactToRecipient(_ index: Int, _ reply: SMTPReply) throws(SMTPViolation) -> Event? {
        if reply.isPositive {
            transaction?.accepted += 1
            return nil
        }
        try requireRefusal(reply)
        guard transaction?.isRefused == false else { return nil }
        return .refusedRecipient(index, Refusal(toRecipient: reply, in: parser))
    }

    private mutating func reactToData(_ reply: SMTPReply) throws(SMTPViolation) -> Event? {
        let isOwed = transaction.map { !$0.isRefused && $0.accepted > 0 } ?? false
        if reply.code == 354 {
            if isOwed {
                isInBody = true
                return .bodyWanted
            }
            // Nobody is there to receive it, but the server waits for a message (RFC 2920 §3.1).
            send(".", expecting: .loneDot)
        } else {
            try requireRefusal(reply)
        }
        needsReset = transaction?.isRefused != true || reply.code == 354
        transaction = nil
        guard isOwed else { return .over }
        events.append(.over)
        return .refusedMail(Refusal(reply, in: parser))
    }

    private mutating func reactToFinalDot(_ reply: SMTPReply) throws(SMTPViolation) -> Event {
        guard reply.isPositive || reply.isRefusal else { throw violation(reply) }
        awaitsAnswer = false
        if reply.code == 421 {
            // Whatever else was known of a mail sent ahead is void with the connection.
            events = [.failed(refusal(of: reply))]
            hasFailed = true
        }
        return .answered(status(of: reply), parser.reply(reply))
    }

    /// A server may refuse a message before its end; then it must not see the final dot.
    private mutating func reactUnasked(to reply: SMTPReply) throws(SMTPViolation) -> Event {
        guard reply.isRefusal, isInBody || reply.code == 421 else { throw violation(reply) }
        guard isInBody else { return fail(refusal(of: reply)) }
        let failure = fail(refusal(of: reply))
        events = [failure]
        return .refusedMail(Refusal(reply, in: parser))
    }

    private mutating func refuse(_ reply: SMTPReply) throws(SMTPViolation) -> Event {
        try requireRefusal(reply)
        return fail(refusal(of: reply))
    }

    private func requireRefusal(_ reply: SMTPReply) throws(SMTPViolation) {
        guard reply.isRefusal else { throw violation(reply) }
    }

    private func violation(_ reply: SMTPReply) -> SMTPViolation {
        SMTPViolation(reason: "“\(parser.reply(reply))”, which does not belong there,")
    }

    private func refusal(of reply: SMTPReply) -> TransportError {
        TransportError(
            .refused, "The server broke the session off where \(awaited) was due",
            isTransient: reply.code / 100 == 4, reply: parser.reply(reply))
    }

    private func status(of reply: SMTPReply) -> RecipientOutcome.Status {
        reply.isPositive ? .accepted : reply.code / 100 == 4 ? .refusedForNow : .refused
    }
}
