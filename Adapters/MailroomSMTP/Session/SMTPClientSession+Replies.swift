import Mailroom

/// What the server's replies mean.
extension SMTPClientSession {
    /// Takes what the server sent; ask ``next()`` what it means.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) { parser.append(bytes) }

    /// The next event, or `nil` when more must be received, or ``output`` sent, first.
    mutating func next() -> Event? {
        guard let event = following() else { return nil }
        // Whatever has arrived by now was said before the message and must not be taken for the answer to it.
        if case .bodyWanted = event, parser.hasUnread, let objection = objection() { return objection }
        return event
    }

    private mutating func objection() -> Event? {
        do throws(SMTPViolation) {
            if let reply = try parser.next() {
                if isTranscribed { transcribe(reply) }
                return try reactUnasked(to: reply)
            }
            if parser.hasUnread { throw SMTPViolation(reason: "words that nobody asked for") }
            return nil
        } catch {
            return violated(error)
        }
    }

    private mutating func violated(_ violation: SMTPViolation) -> Event {
        fail(
            TransportError(
                .protocolViolation,
                "The server sent \(violation.reason) where \(awaited) was due. Check that it speaks SMTP."))
    }

    private mutating func following() -> Event? {
        while true {
            // What was found out here about a mail sent ahead comes after the answer to the mail before it.
            if !awaitsAnswer, !events.isEmpty { return events.removeFirst() }
            guard !hasFailed else { return nil }
            do throws(SMTPViolation) {
                guard let reply = try parser.next() else { return nil }
                if isTranscribed { transcribe(reply) }
                if let event = try react(to: reply) { return event }
            } catch {
                return violated(error)
            }
        }
    }

    mutating func fail(_ error: TransportError) -> Event {
        hasFailed = true
        awaitsAnswer = false
        events.removeAll()
        return .failed(error)
    }

    private mutating func transcribe(_ reply: SMTPReply) {
        for line in parser.lines(of: reply) { note(.server, "\(reply.code) \(line)") }
    }

    private mutating func react(to reply: SMTPReply) throws(SMTPViolation) -> Event? {
        guard let due = expected.first else { return try reactUnasked(to: reply) }
        if reply.code == 421 {
            if case .finalDot = due {} else if case .quit = due {} else { return fail(refusal(of: reply)) }
        }
        let event = try meaning(of: reply, to: due)
        if hasFailed { return event }
        expected.removeFirst()
        replies += 1
        pump()
        return event
    }

    private mutating func meaning(of reply: SMTPReply, to due: Expected) throws(SMTPViolation) -> Event? {
        switch due {
        case .greeting: return try reactToGreeting(reply)
        case .ehlo: return try reactToHello(reply)
        case .helo: return try reactToOldHello(reply)
        case .startTLS: return try reactToStartTLS(reply)
        case .authentication: return try reactToAuthentication(reply)
        case .reset: return reply.isPositive ? nil : try refuse(reply)
        case .mail: return try reactToMail(reply)
        case .recipient(let index): return try reactToRecipient(index, reply)
        case .data: return try reactToData(reply)
        case .chunk: return try reactToChunk(reply)
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
        if let failure = failure(of: reply) { return failure }
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
        if let failure = failure(of: reply) { return failure }
        return .refusedRecipient(index, Refusal(toRecipient: reply, in: parser))
    }

    private mutating func reactToData(_ reply: SMTPReply) throws(SMTPViolation) -> Event? {
        let isOwed = transaction.map { !$0.isRefused && $0.accepted > 0 } ?? false
        if reply.code == 354 {
            if isOwed {
                isInBody = true
                return .bodyWanted
            }
            // It refused the sender and took recipients: a lone dot would send them an empty mail.
            if let mail = transaction, mail.accepted > 0 { return abandon() }
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

    /// The mail is over, and with it the dialogue.
    private mutating func abandon() -> Event {
        let failure = violated(SMTPViolation(reason: "354 for a mail that it had refused"))
        transaction = nil
        events = [failure]
        return .over
    }

    /// The server wants to know first who we are, or TLS: that concerns the configuration, not this mail.
    private mutating func failure(of reply: SMTPReply) -> Event? {
        guard [530, 535, 538].contains(reply.code) else { return nil }
        return fail(
            TransportError(
                .authenticationFailed,
                "The server takes no mail from this side yet. Set user and password, or make TLS required",
                reply: parser.reply(reply)))
    }

    private mutating func reactToChunk(_ reply: SMTPReply) throws(SMTPViolation) -> Event {
        if reply.isPositive { return .bodyWanted }
        try requireRefusal(reply)
        isInBody = false
        needsReset = true
        transaction = nil
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

    mutating func refuse(_ reply: SMTPReply) throws(SMTPViolation) -> Event {
        try requireRefusal(reply)
        return fail(refusal(of: reply))
    }

    func requireRefusal(_ reply: SMTPReply) throws(SMTPViolation) {
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
