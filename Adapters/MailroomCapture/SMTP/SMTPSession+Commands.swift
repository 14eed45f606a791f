import MailroomSockets

extension SMTPSession {
    /// Obeys a line; blanks and tabs at its end are tolerated (RFC 5321, 4.1.1).
    mutating func obey(_ line: ArraySlice<UInt8>, _ output: inout ConnectionOutput) {
        let line = line[..<(line.lastIndex { $0 != 32 && $0 != 9 }.map { $0 + 1 } ?? line.startIndex)]
        let end = line.firstIndex(of: 32) ?? line.endIndex
        let verb = Self.keyword(line[..<end])
        let argument = line[end...].drop { $0 == 32 }
        switch verb {
        case "GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "CONNECT", "TRACE", "PRI":
            // A browser lured into speaking to this port must not get through to a command in its body.
            write("421 4.7.0 This is SMTP; the web page is on another port", &output)
            ending = .close
        case "BDAT": beginChunk(argument, &output)
        case "QUIT" where isTurnedAway: conclude(Answer("221 2.0.0 Bye", .quit), at: .quit, &output)
        case _ where isTurnedAway: refuse("503 5.5.1 No mail is taken here, as was said; QUIT", &output)
        default:
            let (stage, answer) = self.answer(to: verb, argument)
            conclude(answer, at: stage, &output)
        }
    }

    private func answer(to verb: String, _ argument: ArraySlice<UInt8>) -> (CaptureRule.Stage, Answer) {
        switch verb {
        case "EHLO": (.helo, greet(argument, isExtended: true))
        case "HELO": (.helo, greet(argument, isExtended: false))
        case "MAIL": (.mail, beginTransaction(argument))
        case "RCPT": (.rcpt, addRecipient(argument))
        case "DATA": (.data, beginContent(argument))
        case "STARTTLS": (.starttls, beginTLS(argument))
        case "AUTH": (.auth, beginLogin(argument))
        case "RSET":
            (.rset, argument.isEmpty ? Answer("250 2.0.0 Ok", .reset) : Answer("501 5.5.4 RSET has no arguments"))
        case "QUIT":
            (.quit, argument.isEmpty ? Answer("221 2.0.0 Bye", .quit) : Answer("501 5.5.4 QUIT has no arguments"))
        case "NOOP": (.noop, Answer("250 2.0.0 Ok"))
        case "VRFY":
            (
                .vrfy,
                Answer(
                    argument.isEmpty
                        ? "501 5.5.4 Whom?" : "252 2.1.5 Every recipient is accepted, and none is delivered to")
            )
        case "HELP":
            (.help, Answer("214 2.0.0 EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY STARTTLS AUTH QUIT (RFC 5321)"))
        case "EXPN", "TURN", "ETRN", "SEND", "SOML", "SAML": (.any, Answer("502 5.5.1 \(verb) is not offered here"))
        default: (.any, Answer("500 5.5.2 That is no command"))
        }
    }

    private func greet(_ argument: ArraySlice<UInt8>, isExtended: Bool) -> Answer {
        guard !argument.isEmpty, argument.count <= 255, argument.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            return Answer("501 5.5.4 \(isExtended ? "EHLO" : "HELO") needs a host name")
        }
        return Answer(
            "250 \(hostname)", .greet(name: String(decoding: argument, as: UTF8.self), isExtended: isExtended))
    }

    /// The answer to EHLO.
    func greeting(for name: String) -> String {
        let extensions =
            ["PIPELINING", "SIZE \(limits.messageBytes)", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN"]
            + ["ENHANCEDSTATUSCODES"] + (isTLSPossible ? ["STARTTLS"] : [])
            + (settings.requiresTLS && !isEncrypted ? [] : ["AUTH \(SMTPLogin.offered.joined(separator: " "))"])
        let shown = extensions.filter { !isHidden(String($0.prefix { $0 != " " })) }
        let lines = ["\(hostname) Hello \(name)"] + shown
        return lines.enumerated().map { "250\($0.offset == lines.count - 1 ? " " : "-")\($0.element)" }
            .joined(separator: "\r\n")
    }

    private func isHidden(_ keyword: String) -> Bool {
        hiddenExtensions.contains(keyword) || hiddenExtensions.contains("*")
    }

    /// Whether an extension may be used.
    func offers(_ keyword: String) -> Bool { isExtended && !isHidden(keyword) }

    private var isTLSPossible: Bool { !isEncrypted && settings.encryption?.context != nil }

    private func beginTLS(_ argument: ArraySlice<UInt8>) -> Answer {
        guard !isEncrypted else { return Answer("503 5.5.1 TLS has begun already") }
        guard isTLSPossible, !isHidden("STARTTLS") else { return Answer("502 5.5.1 STARTTLS is not offered here") }
        guard argument.isEmpty else { return Answer("501 5.5.4 STARTTLS has no arguments") }
        guard isExtended else { return Answer("503 5.5.1 EHLO comes first") }
        return Answer("220 2.0.0 Begin TLS", .secure)
    }

    // MARK: AUTH

    /// Begins AUTH (RFC 4954), if it may.
    private func beginLogin(_ argument: ArraySlice<UInt8>) -> Answer {
        guard isExtended else { return Answer("503 5.5.1 EHLO comes first") }
        guard !isHidden("AUTH") else { return Answer("502 5.5.1 AUTH is not offered here") }
        guard isEncrypted || !settings.requiresTLS else { return Answer("530 5.7.0 STARTTLS comes first") }
        guard !isAuthenticated else { return Answer("503 5.5.1 You are authenticated") }
        guard transaction == nil else { return Answer("503 5.5.1 A mail is under way") }
        let words = argument.split(separator: 32)
        guard let mechanism = words.first, words.count <= 2 else { return Answer("501 5.5.4 AUTH needs a mechanism") }
        guard let login = SMTPLogin(mechanism: Self.keyword(mechanism), hostname: hostname) else {
            return Answer("504 5.5.4 The mechanisms are \(SMTPLogin.offered.joined(separator: ", "))")
        }
        return words.count > 1 ? login.answer(words[1]) : Answer("334 \(login.challenge)", .ask(login))
    }

    mutating func proceed(_ login: SMTPLogin, with line: ArraySlice<UInt8>, _ output: inout ConnectionOutput) {
        conclude(login.answer(line), at: .auth, &output)
    }
}
