import Mailroom

/// The commands of a mail, up to its body.
extension SMTPClientSession {
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
                if let path = current.envelope.recipients[index], canCarry(path) { sendRecipient(path, index) }
                transaction?.stage = .recipient(index + 1)
            case .data:
                if expected.isEmpty, current.accepted == 0 {
                    giveUp()
                    return
                }
                if sendsChunks {
                    // The last chunk commits the mail, so it must be known that somebody is there to receive it.
                    guard expected.isEmpty else { return }
                    isInBody = true
                    events.append(.bodyWanted)
                } else {
                    send("DATA", expecting: .data)
                }
                transaction?.stage = .sent
            case .sent: return
            }
        }
    }

    private mutating func sendMail(_ mail: Transaction) {
        let paths = mail.envelope.recipients + [mail.envelope.reversePath]
        let needsSMTPUTF8 = paths.contains { $0?.needsSMTPUTF8 == true && canCarry($0) }
        let (capabilities, notifications) = (capabilities, capabilities.dsn ? configuration.notifications : nil)
        send("MAIL FROM:<", expecting: .mail) { output in
            if let path = mail.envelope.reversePath { output.append(contentsOf: path.bytes) }
            output.append(UInt8(ascii: ">"))
            if capabilities.size { output.append(contentsOf: " SIZE=\(mail.body.size)".utf8) }
            if mail.body.isEightBit { output.append(contentsOf: " BODY=8BITMIME".utf8) }
            if needsSMTPUTF8 { output.append(contentsOf: " SMTPUTF8".utf8) }
            guard let notifications else { return }
            if let content = notifications.content { output.append(contentsOf: " RET=\(content.rawValue)".utf8) }
            if !mail.envelope.identifier.isEmpty {
                output.append(contentsOf: " ENVID=\(mail.envelope.identifier)".utf8)
            }
        }
    }

    private mutating func sendRecipient(_ path: SMTPPath, _ index: Int) {
        let notifications = capabilities.dsn ? configuration.notifications : nil
        send("RCPT TO:<", expecting: .recipient(index)) { output in
            output.append(contentsOf: path.bytes)
            output.append(UInt8(ascii: ">"))
            guard let notifications else { return }
            output.append(contentsOf: notifications.parameter.utf8)
            output.append(contentsOf: " ORCPT=".utf8)
            output.append(contentsOf: path.originalRecipient)
        }
    }

    private mutating func giveUp() {
        needsReset = needsReset || transaction?.isRefused != true
        transaction = nil
        events.append(.over)
    }
}
