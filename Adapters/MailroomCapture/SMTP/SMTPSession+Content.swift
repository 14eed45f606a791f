import MailroomSockets

/// A BDAT of which octets are still to come (RFC 3030).
struct SMTPChunk {
    let size: Int
    let isLast: Bool
    var left: Int
    /// Why nothing is made of it; its octets must be read all the same.
    var refusal: String?
}

extension SMTPSession {
    // MARK: DATA

    func beginContent(_ argument: ArraySlice<UInt8>) -> Answer {
        guard argument.isEmpty else { return Answer("501 5.5.4 DATA has no arguments") }
        guard let transaction else { return Answer("503 5.5.1 MAIL comes first") }
        guard !transaction.recipients.isEmpty else { return Answer("503 5.5.1 RCPT comes first") }
        guard transaction.chunks == nil else { return Answer("503 5.5.1 BDAT and DATA do not mix; RSET") }
        return Answer("354 End data with <CR><LF>.<CR><LF>", .readContent)
    }

    // MARK: BDAT

    mutating func beginChunk(_ argument: ArraySlice<UInt8>, _ output: inout ConnectionOutput) {
        let words = argument.split(separator: 32)
        let isLast = words.count == 2 && Self.keyword(words[1]) == "LAST"
        guard let digits = words.first, digits.count <= 18, digits.allSatisfy({ (48...57).contains($0) }),
            let size = Int(String(decoding: digits, as: UTF8.self)), words.count == 1 || isLast
        else {
            // How many octets follow that are no commands cannot be known.
            write("501 5.5.4 The form is BDAT size [LAST]", &output)
            write("421 4.7.0 What follows cannot be told from commands", &output)
            ending = .close
            return
        }
        let chunk = SMTPChunk(size: size, isLast: isLast, left: size, refusal: chunkRefusal)
        if chunk.refusal == nil, transaction?.chunks == nil {
            let content = content(expecting: max(size, transaction?.parameters.size ?? 0))
            transaction?.chunks = content
        }
        phase = .chunk(chunk)
        if size == 0 { take(UnsafeRawBufferPointer(start: nil, count: 0), of: chunk, &output) }
    }

    private var chunkRefusal: String? {
        if isTurnedAway { return "503 5.5.1 No mail is taken here, as was said; QUIT" }
        if !offers("CHUNKING") { return "503 5.5.1 BDAT is not offered here" }
        guard let transaction else { return "503 5.5.1 MAIL comes first" }
        return transaction.recipients.isEmpty ? "503 5.5.1 RCPT comes first" : nil
    }

    /// Takes octets of the chunk under way, no more than it has left.
    mutating func take(_ octets: UnsafeRawBufferPointer, of chunk: SMTPChunk, _ output: inout ConnectionOutput) {
        var chunk = chunk
        chunk.left -= octets.count
        if chunk.refusal == nil { transaction?.chunks?.append(octets) }
        guard chunk.left == 0 else { return phase = .chunk(chunk) }
        phase = .commands
        if let refusal = chunk.refusal { return refuse(refusal, &output) }
        guard let content = transaction?.chunks else { return }
        if chunk.isLast { return finish(content, isChunk: true, &output) }
        if content.isOverLimit || content.writer?.failure != nil {
            transaction = nil
            return refuse(failure(of: content), &output)
        }
        conclude(Answer("250 2.0.0 \(chunk.size) octets", .keepChunk), at: .bdat, isChunk: true, &output)
    }

    // MARK: The end of a mail

    /// Keeps the mail and answers, as the rules want it.
    mutating func finish(_ content: LimitedContent, isChunk: Bool = false, _ output: inout ConnectionOutput) {
        guard let transaction else { return }
        self.transaction = nil
        guard let writer = content.writer, writer.failure == nil else { return refuse(failure(of: content), &output) }
        let rule = settings.rules.decision(
            for: RuleEvent(
                stage: .content, isChunk: isChunk, sender: transaction.reversePath, recipients: transaction.recipients))
        let isAccepted = (rule?.reply?.code ?? 250) / 100 == 2
        let isKept = rule?.keeping.map { $0 == .store } ?? isAccepted
        let id: String
        if isKept {
            do { id = try destination.accept(envelope(of: transaction), writer.finish()) } catch {
                return refuse("452 4.3.1 The mail could not be kept: the disk does not take it", &output)
            }
        } else {
            id = MessageID.random(hostname: hostname)
        }
        failures = 0
        respond(Answer("250 2.0.0 Ok: queued as \(id)"), rule, &output)
    }

    private func failure(of content: LimitedContent) -> String {
        content.isOverLimit
            ? "552 5.3.4 The message is larger than \(limits.messageBytes) octets"
            : "452 4.3.1 The mail could not be kept: the disk does not take it"
    }

    private func envelope(of transaction: Transaction) -> CapturedMessage.Envelope {
        var envelope = CapturedMessage.Envelope(
            helo: helo ?? "", remoteAddress: remoteAddress,
            reversePath: transaction.reversePath.isEmpty ? nil : transaction.reversePath,
            recipients: transaction.recipients)
        envelope.senderParameters = transaction.parameters.words
        envelope.recipientParameters = transaction.recipientParameters
        envelope.userName = userName
        envelope.isEncrypted = isEncrypted
        return envelope
    }
}
