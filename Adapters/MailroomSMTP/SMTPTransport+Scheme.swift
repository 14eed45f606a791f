public import Mailroom

extension AdapterScheme where Adapter == any Transport {
    /// `smtp://user:password@host:port?option=value`: an SMTP server, port 25 unless said. What is no letter or digit in
    /// user and password is percent-encoded, as in `p%40ss`.
    ///
    /// - `tls`: `required`, `offered` (the default) or `off`; see ``/MailroomSMTP/SMTPSecurity/Mode``
    /// - `verify`: `off` takes any certificate
    /// - `ca`, `certificate`, `key`: PEM files; see ``/MailroomSMTP/SMTPSecurity``
    /// - `auth`: `plain`, `login`, `cram-md5` or `xoauth2` (the password is then the token)
    /// - `name`: what this side calls itself
    /// - `connections`, `messages`: how many connections, and mails on each
    /// - `idle`, `lifetime`: how long a connection is kept unused, and at all, such as `30s` or `10m`
    /// - `connect`, `greeting`, `command`, `data`, `dot`: time-outs; see ``/MailroomSMTP/SMTPTimeouts``
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
    private var options: OptionReader

    init(_ url: AdapterURL) {
        self.url = url
        options = OptionReader(url)
    }

    func configuration() throws(ConfigurationError) -> SMTPConfiguration {
        var reader = self
        let configuration = reader.read()
        try reader.options.finish()
        return configuration
    }

    private mutating func read() -> SMTPConfiguration {
        if url.host.isEmpty { options.refuse("it names no host: write \(url.scheme)://host:port") }
        if !url.path.isEmpty, url.path != "/" {
            options.refuse("a path means nothing to it: in user and password write / as %2F")
        }
        var configuration = SMTPConfiguration(host: url.host, port: url.port, security: security())
        configuration.credentials = credentials()
        if let name = url["name"] { configuration.clientName = name }
        if let count = options.count("connections") { configuration.maximumConnections = count }
        if let count = options.count("messages") { configuration.messagesPerConnection = count }
        if let time = options.duration("idle") { configuration.idleTimeout = time }
        if let time = options.duration("lifetime") { configuration.connectionLifetime = time }
        configuration.timeouts = SMTPTimeouts(
            connect: options.duration("connect"), greeting: options.duration("greeting"),
            command: options.duration("command"), data: options.duration("data"), finalDot: options.duration("dot"))
        if let reach = options.choice("pipelining", ["across", "within", "off"]) {
            configuration.pipelines = reach != "off"
            configuration.pipelinesAcrossMessages = reach == "across"
        }
        configuration.chunks = options.choice("chunking", ["on", "off"]) == "on"
        configuration.notifications = notifications()
        return configuration
    }

    private mutating func security() -> SMTPSecurity {
        var security: SMTPSecurity = url.scheme == "smtps" ? .implicit : .whenOffered
        switch options.choice("tls", ["required", "offered", "off"]) {
        case "required": security = .required
        case "off": security = .unencrypted
        default: break
        }
        security.verifiesCertificate = options.choice("verify", ["on", "off"]) != "off"
        security.trustFile = url["ca"]
        security.certificateFile = url["certificate"]
        security.keyFile = url["key"]
        return security
    }

    private mutating func credentials() -> SMTPCredentials? {
        let mechanism = options.choice("auth", SMTPCredentials.Mechanism.allCases.map { $0.rawValue.lowercased() })
            .flatMap { SMTPCredentials.Mechanism(rawValue: $0.uppercased()) }
        guard let user = url.user else {
            if mechanism != nil { options.refuse("auth needs user and password: \(url.scheme)://user:password@host") }
            return nil
        }
        guard let password = url.password else {
            options.refuse("it has a user without a password: write \(url.scheme)://user:password@host")
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
                options.refuse("notify is never, or success, failure and delay joined by commas")
            }
        }
        if let content = options.choice("return", ["header", "full"]) {
            notifications?.content = content == "full" ? .full : .header
        }
        if url["return"] != nil, url["notify"] == nil { options.refuse("return says nothing without notify") }
        return notifications
    }
}
