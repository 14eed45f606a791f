import MailroomMIME

/// Checks a message before anything of it is stored: every value that reaches a wire or a header.
struct MessageCheck {
    let channels: Set<Channel>
    let renderer: (any Renderer)?
    let policies: Set<String>
    /// The message's place in the call.
    var index = 0

    /// The message as it will be stored: addresses in their written form, each recipient once, the document with the
    /// template version it was checked against.
    func checked(_ message: Message) throws(SubmissionError) -> Message {
        var message = message
        message.recipients = try recipients(of: message)
        let isMail = message.recipients.contains { $0.channel == .email }
        if let from = message.from {
            try mailbox(from, "from", isInHeader: isMail)
        } else if isMail {
            throw refusal("from", "mail needs an author: give an address, or \"Name <address>\"")
        }
        if let sender = message.sender { try mailbox(sender, "sender", isInHeader: true) }
        if case .address(let address) = message.reversePath { _ = try self.address(address, "reversePath") }
        for (position, address) in message.replyTo.enumerated() {
            try mailbox(address, "replyTo[\(position)]", isInHeader: true)
        }
        try headerText(message.subject, "subject")
        if let id = message.messageID { try messageID(id, "messageID") }
        for (position, id) in message.inReplyTo.enumerated() { try messageID(id, "inReplyTo[\(position)]") }
        for (position, id) in message.references.enumerated() { try messageID(id, "references[\(position)]") }
        for (position, attachment) in message.attachments.enumerated() {
            try headerText(attachment.fileName, "attachments[\(position)].fileName")
            if let id = attachment.contentID { try messageID(id, "attachments[\(position)].contentID") }
            if attachment.mediaType.type == "multipart" {
                throw refusal(
                    "attachments[\(position)].mediaType",
                    "a file cannot be a multipart: attach it as application/octet-stream")
            }
        }
        for (position, field) in message.fields.enumerated() {
            let isDouble = message.unsubscribe != nil && InternetMessage.isAboutUnsubscribing(field.name)
            if isDouble || InternetMessage.isReserved(field.name) {
                throw refusal(
                    "fields[\(position)]", "\(field.name) is written from the message's own properties: set those")
            }
        }
        if let document = message.document { message.document = try checked(document) }
        try options(message.options)
        return message
    }

    private func recipients(of message: Message) throws(SubmissionError) -> [Recipient] {
        guard !message.recipients.isEmpty else {
            throw refusal("recipients", "there are none: give at least one")
        }
        var kept: [Recipient] = []
        var known: Set<String> = []
        for (position, recipient) in message.recipients.enumerated() {
            let field = "recipients[\(position)]"
            guard channels.contains(recipient.channel) else {
                throw refusal("\(field).channel", "the pipeline has no transport for \(recipient.channel): add one")
            }
            var recipient = recipient
            var identity = recipient.address
            if recipient.channel == .email {
                let address = try address(recipient.address, "\(field).address")
                recipient.address = address.description
                if message.recipients.count > 1 {
                    identity = "\(address.localPart)@\(address.domain.lowercased())"
                }
            } else {
                if recipient.address.isEmpty { throw refusal("\(field).address", "it is empty") }
                try headerText(recipient.address, "\(field).address")
            }
            if let name = recipient.name { try headerText(name, "\(field).name") }
            // The same address twice would get the message twice.
            if message.recipients.count == 1 || known.insert("\(recipient.channel) \(identity)").inserted {
                kept.append(recipient)
            }
        }
        return kept
    }

    private func checked(_ document: Document) throws(SubmissionError) -> Document {
        guard let renderer else {
            throw refusal("document", "the pipeline has no renderer: add one to its builder")
        }
        guard Document.Value.object(document.values).depth < Document.maximumDepth else {
            throw refusal("document.values", "they are nested deeper than \(Document.maximumDepth) levels")
        }
        do {
            var document = document
            document.version = try renderer.check(document)
            return document
        } catch {
            let isAboutTemplate = error.code == .unknownTemplate || error.code == .invalidTemplate
            let field = isAboutTemplate ? "template" : (["values"] + error.keys.prefix(1)).joined(separator: ".")
            throw refusal("document.\(field)", error.reason)
        }
    }

    private func options(_ options: SubmitOptions) throws(SubmissionError) {
        if options.queue.rawValue.isEmpty { throw refusal("options.queue", "the name is empty") }
        if options.delay < .zero { throw refusal("options.delay", "it is negative") }
        if options.expiresAfter <= options.delay {
            throw refusal("options.expiresAfter", "the message would expire before its first attempt")
        }
        if options.keyLifetime < .zero { throw refusal("options.keyLifetime", "it is negative") }
        if let name = options.retryPolicy, !policies.contains(name) {
            throw refusal(
                "options.retryPolicy", "the pipeline has no policy \"\(name)\": give it one with retry(_:named:)")
        }
        if options.idempotencyKey?.isEmpty == true { throw refusal("options.idempotencyKey", "it is empty") }
    }

    // MARK: Values

    private func address(_ text: String, _ field: String) throws(SubmissionError) -> EmailAddress {
        do {
            return try EmailAddress(text)
        } catch {
            throw refusal(field, error.description)
        }
    }

    private func mailbox(_ text: String, _ field: String, isInHeader: Bool) throws(SubmissionError) {
        let mailbox: Mailbox
        do {
            mailbox = try Mailbox(text)
        } catch {
            throw refusal(field, error.description)
        }
        if isInHeader { try sevenBit(mailbox.address, field) }
        if let name = mailbox.name { try headerText(name, field) }
    }

    private func sevenBit(_ address: EmailAddress, _ field: String) throws(SubmissionError) {
        if !address.localPart.utf8.allSatisfy({ $0 < 0x80 }) {
            throw refusal(
                field, "\(address) is not ASCII before the @, and not everyone could answer it: use one that is")
        }
    }

    /// Text that stands in a header: one line, no controls (RFC 5322 §2.2).
    private func headerText(_ text: String, _ field: String) throws(SubmissionError) {
        if HeaderField.problem(inValue: text) != nil {
            throw refusal(field, "it holds a line break or another control character: a header value is one line")
        }
    }

    private func messageID(_ text: String, _ field: String) throws(SubmissionError) {
        guard text.utf8.contains(UInt8(ascii: "@")), InternetMessage.problem(inID: text) == nil else {
            throw refusal(
                field, "an identifier is ASCII without blanks or angle brackets, as left@right, 900 characters at most")
        }
    }

    private func refusal(_ field: String, _ reason: String) -> SubmissionError {
        SubmissionError(.invalidMessage, messageIndex: index, field: field, reason: reason)
    }
}
