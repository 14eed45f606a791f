public import Mailroom

extension AdapterScheme where Adapter == any Transport {
    /// `smtp://user:password@host:port?option=value`: an SMTP server, port 25 unless said. What is no letter or digit in
    /// user and password is percent-encoded, as in `p%40ss`.
    ///
    /// - `tls`: `required`, `offered` (the default) or `off`; see ``SMTPSecurity/Mode``
    /// - `verify`: `off` takes any certificate
    /// - `ca`, `certificate`, `key`: PEM files; see ``SMTPSecurity``
    /// - `auth`: `plain`, `login`, `cram-md5` or `xoauth2` (the password is then the token)
    /// - `name`: what this side calls itself
    /// - `connections`, `messages`: how many connections, and mails on each
    /// - `idle`, `lifetime`: seconds that a connection is kept unused, and at all
    /// - `connect`, `greeting`, `command`, `data`, `dot`: time-outs in seconds; see ``SMTPTimeouts``
    /// - `pipelining`: `across` (the default), `within` or `off`; `chunking`: `on`
    /// - `notify`: `never`, or `success`, `failure` and `delay` joined by commas; `return`: `header` or `full`
    public static var smtp: Self {
        Self("smtp", options: ["tls"] + SMTPURL.options) { url throws(ConfigurationError) in
            SMTPTransport(try SMTPURL(url).configuration())
        }
    }

    /// `smtps://host`: the same with TLS from the first octet on, port 465 unless said.
    public static var smtps: Self {
        Self("smtps", options: SMTPURL.options) { url throws(ConfigurationError) in
            SMTPTransport(try SMTPURL(url).configuration())
        }
    }
}

/// Reads an SMTP URL, and gathers everything that is wrong with it.
private struct SMTPURL {
    static let options = [
        "verify", "ca", "certificate", "key", "auth", "name", "connections", "messages", "idle", "lifetime", "connect",
        "greeting", "command", "data", "dot", "pipelining", "chunking", "notify", "return",
    ]

    private let url: AdapterURL
    private var problems: [String] = []

    init(_ url: AdapterURL) { self.url = url }

    func configuration() throws(ConfigurationError) -> SMTPConfiguration {
        var reader = self
        let configuration = reader.read()
        guard reader.problems.isEmpty else {
            throw ConfigurationError(reader.problems.map { ConfigurationProblem("\(url.scheme) URL", $0) })
        }
        return configuration
    }

    private mutating func read() -> SMTPConfiguration {
        if url.host.isEmpty { problems.append("it names no host: write \(url.scheme)://host:port") }
        if !url.path.isEmpty, url.path != "/" { problems.append("it has no path: \(url.path) means nothing") }
        var configuration = SMTPConfiguration(host: url.host, port: url.port, security: security())
        configuration.credentials = credentials()
        if let name = url["name"] { configuration.clientName = name }
        count("connections") { configuration.maximumConnections = $0 }
        count("messages") { configuration.messagesPerConnection = $0 }
        seconds("idle") { configuration.idleTimeout = $0 }
        seconds("lifetime") { configuration.connectionLifetime = $0 }
        seconds("connect") { configuration.timeouts.connect = $0 }
        seconds("greeting") { configuration.timeouts.greeting = $0 }
        seconds("command") { configuration.timeouts.command = $0 }
        seconds("data") { configuration.timeouts.data = $0 }
        seconds("dot") { configuration.timeouts.finalDot = $0 }
        choice("pipelining", ["across", "within", "off"]) {
            configuration.pipelines = $0 != "off"
            configuration.pipelinesAcrossMessages = $0 == "across"
        }
        choice("chunking", ["on", "off"]) { configuration.chunks = $0 == "on" }
        configuration.notifications = notifications()
        return configuration
    }

    private mutating func security() -> SMTPSecurity {
        var security: SMTPSecurity = url.scheme == "smtps" ? .implicit : .whenOffered
        choice("tls", ["required", "offered", "off"]) {
            security = $0 == "required" ? .required : $0 == "off" ? .unencrypted : .whenOffered
        }
        choice("verify", ["on", "off"]) { security.verifiesCertificate = $0 == "on" }
        security.trustFile = url["ca"]
        security.certificateFile = url["certificate"]
        security.keyFile = url["key"]
        return security
    }

    private mutating func credentials() -> SMTPCredentials? {
        var mechanism: SMTPCredentials.Mechanism?
        choice("auth", SMTPCredentials.Mechanism.allCases.map { $0.rawValue.lowercased() }) { name in
            mechanism = SMTPCredentials.Mechanism(rawValue: name.uppercased())
        }
        guard let user = url.user else {
            if mechanism != nil { problems.append("auth needs user and password: \(url.scheme)://user:password@host") }
            return nil
        }
        guard let password = url.password else {
            problems.append("it has a user without a password: write \(url.scheme)://user:password@host")
            return nil
        }
        return .password(password, of: user, by: mechanism)
    }

    private mutating func notifications() -> SMTPNotifications? {
        var notifications: SMTPNotifications?
        if let text = url["notify"] {
            let words = text.split(separator: ",").map { $0.uppercased() }
            let occasions = words.compactMap(SMTPNotifications.Occasion.init)
            if words == ["NEVER"] {
                notifications = SMTPNotifications(on: [])
            } else if occasions.count == words.count, !words.isEmpty {
                notifications = SMTPNotifications(on: Set(occasions))
            } else {
                problems.append("notify is never, or success, failure and delay joined by commas, not \"\(text)\"")
            }
        }
        choice("return", ["header", "full"]) { notifications?.content = $0 == "full" ? .full : .header }
        if url["return"] != nil, url["notify"] == nil { problems.append("return says nothing without notify") }
        return notifications
    }

    // MARK: Options

    private mutating func count(_ option: String, _ use: (Int) -> Void) {
        guard let text = url[option] else { return }
        guard let number = Int(text), number > 0 else {
            return problems.append("\(option) is a whole number from 1, not \"\(text)\"")
        }
        use(number)
    }

    private mutating func seconds(_ option: String, _ use: (Duration) -> Void) {
        guard let text = url[option] else { return }
        guard let number = Double(text), number > 0, number <= 86_400 else {
            return problems.append("\(option) is a number of seconds up to a day, not \"\(text)\"")
        }
        use(.milliseconds(Int(number * 1000)))
    }

    private mutating func choice(_ option: String, _ known: [String], _ use: (String) -> Void) {
        guard let text = url[option] else { return }
        guard known.contains(text) else {
            return problems.append("\(option) is \(known.joined(separator: ", ")), not \"\(text)\"")
        }
        use(text)
    }
}
