extension SMTPSession {
    func beginTransaction(_ argument: ArraySlice<UInt8>) -> Answer {
        guard helo != nil else { return Answer("503 5.5.1 EHLO comes first") }
        guard isEncrypted || !settings.requiresTLS else { return Answer("530 5.7.0 STARTTLS comes first") }
        guard isAuthenticated || !settings.requiresLogin else { return Answer("530 5.7.0 AUTH comes first") }
        guard transaction == nil else { return Answer("503 5.5.1 A mail is under way; RSET drops it") }
        guard let path = path(in: argument, after: "FROM:") else {
            return Answer("501 5.1.7 The form is MAIL FROM:<address>")
        }
        var new = Transaction(reversePath: path.address)
        if let refusal = new.parameters.read(path.parameters, limit: limits.messageBytes, offers: offers) {
            return Answer(refusal)
        }
        if path.isInternational, !new.parameters.allowsInternational {
            return Answer("553 5.6.7 That address needs SMTPUTF8")
        }
        new.octets = Self.octets(of: path.address, path.parameters)
        return Answer("250 2.1.0 Ok", .begin(new), sender: path.address)
    }

    func addRecipient(_ argument: ArraySlice<UInt8>) -> Answer {
        guard let transaction else { return Answer("503 5.5.1 MAIL comes first") }
        guard transaction.chunks == nil else { return Answer("503 5.5.1 The mail's content is under way") }
        guard let path = path(in: argument, after: "TO:"), !path.address.isEmpty else {
            return Answer("501 5.1.3 The form is RCPT TO:<address>")
        }
        if let refusal = SMTPNotification.problem(in: path.parameters, isOffered: offers("DSN")) {
            return Answer(refusal)
        }
        if path.isInternational, !transaction.parameters.allowsInternational {
            return Answer("553 5.6.7 That address needs SMTPUTF8")
        }
        let octets = transaction.octets + Self.octets(of: path.address, path.parameters)
        guard transaction.recipients.count < limits.recipients, octets <= limits.envelopeBytes else {
            return Answer("452 4.5.3 There are too many recipients; send the mail in parts")
        }
        return Answer(
            "250 2.1.5 Ok", .recipient(path.address, parameters: path.parameters), recipient: path.address)
    }

    /// How many octets of the envelope's limit an address takes with its parameters.
    static func octets(of address: String, _ parameters: [String]) -> Int {
        parameters.reduce(address.utf8.count) { $0 + $1.utf8.count }
    }

    private func path(in argument: ArraySlice<UInt8>, after word: String) -> SMTPPath? {
        let count = word.utf8.count
        guard argument.count > count, Self.keyword(argument.prefix(count)) == word else { return nil }
        return SMTPPath(argument.dropFirst(count))
    }

    /// A word that may be written in either case, in capitals; other characters than ASCII letters stay as they are.
    static func keyword(_ word: ArraySlice<UInt8>) -> String {
        String(decoding: word.map { (97...122).contains($0) ? $0 - 32 : $0 }, as: UTF8.self)
    }
}
