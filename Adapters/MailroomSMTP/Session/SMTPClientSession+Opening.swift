import Mailroom

/// From the greeting to the first mail: EHLO, STARTTLS (RFC 3207) and AUTH (RFC 4954).
///
/// Whatever goes wrong here is the connection's or the configuration's fault and no mail's, so another attempt may do:
/// only a greeting or EHLO refused for good says that the server wants no mail at all.
extension SMTPClientSession {
    private var mode: SMTPSecurity.Mode { configuration.security.mode }

    mutating func reactToGreeting(_ reply: SMTPReply) throws(SMTPViolation) -> Event? {
        guard reply.code == 220 else { return try refuse(reply) }
        greeting = parser.reply(reply).text
        guard SMTPConfiguration.isClientName(configuration.clientName) else {
            return fail(
                TransportError(
                    .unsupported,
                    "The name this side has in EHLO is empty, too long or holds a blank, a control character or one "
                        + "beyond ASCII. Write the machine's name."))
        }
        sayHello()
        return nil
    }

    private mutating func sayHello() { send("EHLO \(configuration.clientName)", expecting: .ehlo) }

    mutating func reactToHello(_ reply: SMTPReply) throws(SMTPViolation) -> Event? {
        if reply.code / 100 == 5 {
            send("HELO \(configuration.clientName)", expecting: .helo)
            return nil
        }
        guard reply.isPositive else { return try refuse(reply) }
        capabilities = SMTPCapabilities(lines: parser.lines(of: reply))
        return secure()
    }

    mutating func reactToOldHello(_ reply: SMTPReply) throws(SMTPViolation) -> Event? {
        guard reply.isPositive else { return try refuse(reply) }
        capabilities = SMTPCapabilities()
        return secure()
    }

    // MARK: TLS

    private mutating func secure() -> Event? {
        let isWanted = mode == .required || mode == .whenOffered && !isLocal
        guard isWanted, !isEncrypted else { return authenticate() }
        guard capabilities.startTLS else {
            return mode == .required ? fail(Self.noTLS("it does not offer STARTTLS")) : authenticate()
        }
        send("STARTTLS", expecting: .startTLS)
        return nil
    }

    private static func noTLS(_ reason: String, _ reply: Reply? = nil) -> TransportError {
        TransportError(
            .unsupported,
            "TLS is required, but the server has none: \(reason). Use a port where it has, such as 587 or, with "
                + "implicit TLS, 465, and mind that somebody on the way may remove the offer\(reply == nil ? "." : "")",
            reply: reply)
    }

    mutating func reactToStartTLS(_ reply: SMTPReply) throws(SMTPViolation) -> Event? {
        guard reply.code == 220 else {
            try requireRefusal(reply)
            guard mode == .whenOffered else {
                return fail(Self.noTLS("it refused STARTTLS", parser.reply(reply)))
            }
            return authenticate()
        }
        return .encryptionDue
    }

    /// The handshake has succeeded. What was known of the server was said by who knows whom, and what came behind its
    /// answer to STARTTLS was not said in private: both are forgotten (RFC 3207 §4.2).
    mutating func encryptionBegan() {
        isEncrypted = true
        parser.discard()
        capabilities = SMTPCapabilities()
        if mode != .implicit { sayHello() }
    }

    // MARK: AUTH

    private mutating func authenticate() -> Event? {
        guard let credentials = configuration.credentials else {
            isReady = true
            return .ready
        }
        guard isEncrypted || isLocal else {
            return fail(
                TransportError(
                    .authenticationFailed,
                    "The server offers no TLS, and credentials never cross the network in plain text. "
                        + "Use a port where it offers TLS, such as 587 or, with implicit TLS, 465."))
        }
        return nextMechanism() == nil ? fail(noMechanism(credentials)) : .secretDue
    }

    /// What to log in by: a mechanism that both sides know and the server has not declined.
    private func nextMechanism() -> SMTPCredentials.Mechanism? {
        guard let credentials = configuration.credentials else { return nil }
        let offered = capabilities.authentication.filter { name in !declined.contains { $0.rawValue == name } }
        return SMTPAuthentication.mechanism(for: credentials, offered: offered, isEncrypted: isEncrypted)
    }

    private func noMechanism(_ credentials: SMTPCredentials) -> TransportError {
        guard !capabilities.authentication.isEmpty else {
            return TransportError(
                .authenticationFailed,
                "There are credentials, but the server does not let anybody log in\(isEncrypted ? "" : " without TLS"). "
                    + "Use its submission port, or leave user and password away.")
        }
        let wanted = credentials.mechanism.map(\.rawValue) ?? "PLAIN, LOGIN or CRAM-MD5"
        return TransportError(
            .authenticationFailed,
            "The server lets nobody log in by \(wanted): it offers \(capabilities.authentication.joined(separator: ", "))."
        )
    }

    /// Sends AUTH with what proves who we are.
    mutating func authenticate(with secret: String) {
        guard let mechanism = nextMechanism(), let credentials = configuration.credentials else { return }
        let exchange = SMTPAuthentication(mechanism, user: credentials.user, secret: secret)
        authentication = exchange
        parser.secrets = SMTPSecrets(exchange.secrets)
        let command = "AUTH \(exchange.mechanism.rawValue)"
        if let response = exchange.initialResponse {
            send("\(command) \(response)", shownAs: "\(command) ***", expecting: .authentication)
        } else {
            send(command, expecting: .authentication)
        }
    }

    mutating func reactToAuthentication(_ reply: SMTPReply) throws(SMTPViolation) -> Event? {
        guard var exchange = authentication else { return nil }
        if reply.code == 334 {
            do throws(TransportError) {
                let challenge = parser.lines(of: reply).first ?? ""
                let response = try exchange.response(to: challenge)
                authentication = exchange
                send(response, shownAs: response.isEmpty ? "" : "***", expecting: .authentication)
                return nil
            } catch {
                return fail(error)
            }
        }
        if reply.isPositive {
            authentication = nil
            isReady = true
            return .ready
        }
        try requireRefusal(reply)
        // The mechanism is not the right one: unknown, too weak or only with TLS (RFC 4954 §6).
        if [504, 534, 538].contains(reply.code), configuration.credentials?.mechanism == nil {
            declined.insert(exchange.mechanism)
            if nextMechanism() != nil { return authenticate() }
        }
        return fail(
            TransportError(
                .authenticationFailed,
                "The server refused to log in \(configuration.credentials?.user ?? "") by \(exchange.mechanism.rawValue). "
                    + "Check user and password", reply: parser.reply(reply)))
    }
}
