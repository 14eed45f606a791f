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
        guard transaction.recipients.count < limits.recipients else {
            return Answer("452 4.5.3 There are too many recipients; send the mail in parts")
        }
        return Answer(
            "250 2.1.5 Ok", .recipient(path.address, parameters: path.parameters), recipient: path.address)
    }

    private func path(in argument: ArraySlice<UInt8>, after word: String) -> SMTPPath? {
        guard argument.count > word.utf8.count, zip(argument, word.utf8).allSatisfy({ $0 & 0xDF == $1 & 0xDF }) else {
            return nil
        }
        return SMTPPath(argument.dropFirst(word.utf8.count))
    }
}
