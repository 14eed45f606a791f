extension SMTPSession {
    /// Obeys a command that is one line and one reply.
    mutating func reply(to verb: String, _ argument: ArraySlice<UInt8>) -> String {
        switch verb {
        case "EHLO", "HELO": return greet(argument, extended: verb == "EHLO")
        case "MAIL": return beginTransaction(argument)
        case "RCPT": return addRecipient(argument)
        case "RSET":
            guard argument.isEmpty else { return "501 5.5.4 RSET has no arguments" }
            transaction = nil
            return "250 2.0.0 Ok"
        case "NOOP": return "250 2.0.0 Ok"
        case "VRFY":
            return argument.isEmpty
                ? "501 5.5.4 Whom?" : "252 2.1.5 Every recipient is accepted, and none is delivered to"
        case "HELP": return "214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY AUTH QUIT (RFC 5321)"
        case "QUIT":
            guard argument.isEmpty else { return "501 5.5.4 QUIT has no arguments" }
            isOver = true
            return "221 2.0.0 Bye"
        case "EXPN", "STARTTLS", "BDAT", "TURN", "ETRN", "SEND", "SOML", "SAML":
            return "502 5.5.1 \(verb) is not offered here"
        default: return "500 5.5.2 That is no command"
        }
    }

    private mutating func greet(_ argument: ArraySlice<UInt8>, extended: Bool) -> String {
        guard !argument.isEmpty, argument.count <= 255, argument.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            return "501 5.5.4 \(extended ? "EHLO" : "HELO") needs a host name"
        }
        let name = String(decoding: argument, as: UTF8.self)
        helo = name
        isExtended = extended
        transaction = nil
        guard extended else { return "250 \(hostname)" }
        return """
            250-\(hostname) Hello \(name)\r
            250-PIPELINING\r
            250-SIZE \(limits.messageBytes)\r
            250-8BITMIME\r
            250-SMTPUTF8\r
            250-ENHANCEDSTATUSCODES\r
            250 AUTH PLAIN LOGIN
            """
    }

    private mutating func beginTransaction(_ argument: ArraySlice<UInt8>) -> String {
        guard helo != nil else { return "503 5.5.1 EHLO comes first" }
        guard transaction == nil else { return "503 5.5.1 A mail is under way; RSET drops it" }
        guard let path = path(in: argument, after: "FROM:") else { return "501 5.1.7 The form is MAIL FROM:<address>" }
        var new = Transaction(reversePath: path.address, allowsInternational: false, declaredSize: 0)
        for parameter in path.parameters {
            let sides = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count > 1 ? String(sides[1]) : nil
            switch (isExtended ? sides[0].uppercased() : "", value) {
            case ("SIZE", let text?):
                guard text.utf8.count <= 18, text.utf8.allSatisfy({ (48...57).contains($0) }), let size = Int(text)
                else {
                    return "501 5.5.4 SIZE needs a number"
                }
                if size > limits.messageBytes {
                    return "552 5.3.4 The message is larger than \(limits.messageBytes) octets"
                }
                new.declaredSize = size
            case ("BODY", let kind?):
                guard ["7BIT", "8BITMIME"].contains(kind.uppercased()) else {
                    return "501 5.5.4 BODY is 7BIT or 8BITMIME"
                }
            case ("SMTPUTF8", nil): new.allowsInternational = true
            case ("AUTH", .some): break
            default: return "555 5.5.4 A parameter of MAIL is not understood"
            }
        }
        if path.isInternational, !new.allowsInternational { return "553 5.6.7 That address needs SMTPUTF8" }
        transaction = new
        return "250 2.1.0 Ok"
    }

    private mutating func addRecipient(_ argument: ArraySlice<UInt8>) -> String {
        guard var transaction else { return "503 5.5.1 MAIL comes first" }
        guard let path = path(in: argument, after: "TO:"), !path.address.isEmpty else {
            return "501 5.1.3 The form is RCPT TO:<address>"
        }
        guard path.parameters.isEmpty else { return "555 5.5.4 A parameter of RCPT is not understood" }
        if path.isInternational, !transaction.allowsInternational { return "553 5.6.7 That address needs SMTPUTF8" }
        guard transaction.recipients.count < limits.recipients else {
            return "452 4.5.3 There are too many recipients; send the mail in parts"
        }
        self.transaction = nil
        transaction.recipients.append(path.address)
        self.transaction = transaction
        return "250 2.1.5 Ok"
    }

    private func path(in argument: ArraySlice<UInt8>, after word: String) -> SMTPPath? {
        guard argument.count > word.utf8.count, zip(argument, word.utf8).allSatisfy({ $0 & 0xDF == $1 & 0xDF }) else {
            return nil
        }
        return SMTPPath(argument.dropFirst(word.utf8.count))
    }

    /// Begins AUTH (RFC 4954), if it may.
    func beginLogin(_ argument: ArraySlice<UInt8>) -> (reply: String, login: SMTPLogin?) {
        guard isExtended else { return ("503 5.5.1 EHLO comes first", nil) }
        guard !isAuthenticated else { return ("503 5.5.1 You are authenticated", nil) }
        guard transaction == nil else { return ("503 5.5.1 A mail is under way", nil) }
        let words = argument.split(separator: 32)
        guard let mechanism = words.first, words.count <= 2 else { return ("501 5.5.4 AUTH needs a mechanism", nil) }
        guard var login = SMTPLogin(mechanism: String(decoding: mechanism, as: UTF8.self).uppercased()) else {
            return ("504 5.5.4 The mechanisms are PLAIN and LOGIN", nil)
        }
        guard words.count > 1 else { return (login.challenge, login) }
        let answer = login.answer(words[1])
        return (answer.reply, answer.isFinal ? nil : login)
    }
}
