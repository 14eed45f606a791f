import Foundation
import MailroomCapture

/// What a command line and MailHog's environment variables say of a capture server; the command line comes first.
struct CaptureSettings {
    private let arguments: Arguments
    private let variables: [String: String]

    init(_ arguments: Arguments, _ variables: [String: String]) {
        self.arguments = arguments
        self.variables = variables
    }

    func configuration() throws -> CaptureServer.Configuration {
        var configuration = CaptureServer.Configuration()
        try setAddresses(&configuration)
        try setStorage(&configuration)
        try setAccess(&configuration)
        try setRules(&configuration)
        return configuration
    }

    private func text(_ name: String, _ variable: String) -> String? {
        arguments.text(name) ?? variables[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    // MARK: Addresses

    private func setAddresses(_ configuration: inout CaptureServer.Configuration) throws(UsageError) {
        if let address = try address("smtp-bind-addr", "MH_SMTP_BIND_ADDR") {
            (configuration.smtpHost, configuration.smtpPort) = address
        }
        if let address = try address("ui-bind-addr", "MH_UI_BIND_ADDR") {
            (configuration.webHost, configuration.webPort) = address
        }
        if let address = try address("api-bind-addr", "MH_API_BIND_ADDR") {
            (configuration.apiHost, configuration.apiPort) = address
        }
        // What says less gives way: an address that was named in full stays closed to others.
        if let host = arguments.text("host") {
            if text("smtp-bind-addr", "MH_SMTP_BIND_ADDR") == nil { configuration.smtpHost = host }
            if text("ui-bind-addr", "MH_UI_BIND_ADDR") == nil { configuration.webHost = host }
        }
        for (name, address) in [("smtp-port", "smtp-bind-addr"), ("web-port", "ui-bind-addr")]
        where arguments.has(name) && arguments.has(address) {
            throw UsageError("--\(name) and --\(address) both name the port: give one of them")
        }
        configuration.smtpPort = try port("smtp-port") ?? configuration.smtpPort
        configuration.webPort = try port("web-port") ?? configuration.webPort
        configuration.webPath = text("ui-web-path", "MH_UI_WEB_PATH") ?? configuration.webPath
        configuration.hostname = text("hostname", "MH_HOSTNAME") ?? configuration.hostname
        configuration.allowedHosts = arguments.texts("allow-host")
    }

    /// Host and port; no host means every address of this machine.
    private func address(_ name: String, _ variable: String) throws(UsageError) -> (String, Int)? {
        guard let text = text(name, variable) else { return nil }
        let source = arguments.has(name) ? "--\(name)" : variable
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw UsageError("\(source) takes host:port, such as 127.0.0.1:1025, not \"\(text)\"")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return (host.isEmpty ? "*" : host, Int(port))
    }

    private func port(_ name: String) throws(UsageError) -> Int? {
        guard let text = arguments.text(name) else { return nil }
        guard let port = UInt16(text) else { throw UsageError("--\(name) takes 0 to 65535, not \"\(text)\"") }
        return Int(port)
    }

    // MARK: Storage

    private func setStorage(_ configuration: inout CaptureServer.Configuration) throws(UsageError) {
        let path = text("maildir-path", "MH_MAILDIR_PATH")
        switch text("storage", "MH_STORAGE") {
        case "maildir":
            configuration.maildir =
                path
                ?? FileManager.default.temporaryDirectory
                .appending(path: "mailroom-\(UUID().uuidString.prefix(8))").path(percentEncoded: false)
        case nil: configuration.maildir = path
        case "memory": break
        case let other?: throw UsageError("--storage takes memory or maildir, not \"\(other)\"")
        }
        if let count = try arguments.number("max-mails") { configuration.maximumCount = count }
        if let bytes = try megabytes("max-memory") { configuration.maximumMemory = bytes }
        if let bytes = try megabytes("max-disk") { configuration.maximumDisk = bytes }
        if let bytes = try megabytes("max-message") { configuration.maximumMessageBytes = bytes }
    }

    private func megabytes(_ name: String) throws(UsageError) -> Int? {
        guard let number = try arguments.number(name) else { return nil }
        guard number <= 1 << 40 else { throw UsageError("--\(name) is in megabytes; \(number) is too many") }
        return number << 20
    }

    // MARK: Access

    private func setAccess(_ configuration: inout CaptureServer.Configuration) throws(UsageError) {
        configuration.loginFile = text("auth-file", "MH_AUTH_FILE")
        configuration.corsOrigin = text("cors-origin", "MH_CORS_ORIGIN") ?? ""
        configuration.outgoingServersFile = text("outgoing-smtp", "MH_OUTGOING_SMTP")
        if let certificate = arguments.text("tls-certificate") {
            configuration.encryption = .files(
                certificate: certificate, key: arguments.text("tls-key") ?? certificate)
        } else if arguments.has("tls-key") {
            throw UsageError("--tls-key needs --tls-certificate")
        } else if arguments.has("tls") {
            configuration.encryption = .selfSigned
        } else if arguments.has("require-tls") || arguments.has("print-certificate") {
            throw UsageError("--require-tls and --print-certificate need --tls or --tls-certificate")
        }
        configuration.requiresTLS = arguments.has("require-tls")
        configuration.requiresLogin = arguments.has("require-login")
    }

    // MARK: Rules

    private func setRules(_ configuration: inout CaptureServer.Configuration) throws {
        var lines = arguments.texts("rule").map { ("--rule", $0) }
        if let path = arguments.text("rules-file") {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw UsageError("--rules-file: \(path) cannot be read")
            }
            for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            {
                let line = line.trimmingCharacters(in: .whitespaces)
                if !line.isEmpty, !line.hasPrefix("#") { lines.append(("\(path), line \(index + 1)", line)) }
            }
        }
        configuration.rules = try lines.map { source, line in
            do throws(CaptureRuleError) {
                return try CaptureRule(parsing: line)
            } catch {
                throw UsageError("\(source): \(error)")
            }
        }
        if let text = arguments.text("seed") {
            guard let seed = UInt64(text) else { throw UsageError("--seed takes a whole number, not \"\(text)\"") }
            configuration.seed = seed
        }
        try setJim(&configuration)
    }

    private func setJim(_ configuration: inout CaptureServer.Configuration) throws(UsageError) {
        var jim = Jim.defaults
        for (name, value) in [
            ("jim-accept", \Jim.acceptChance), ("jim-disconnect", \.disconnectChance),
            ("jim-reject-sender", \.rejectSenderChance), ("jim-reject-recipient", \.rejectRecipientChance),
            ("jim-reject-auth", \.rejectAuthChance), ("jim-linkspeed-affect", \.linkSpeedAffect),
        ] as [(String, WritableKeyPath<Jim, Double>)] {
            guard let text = arguments.text(name) else { continue }
            guard let chance = Double(text), (0...1).contains(chance) else {
                throw UsageError("--\(name) takes a chance from 0 to 1, not \"\(text)\"")
            }
            jim[keyPath: value] = chance
        }
        for (name, value) in [("jim-linkspeed-min", \Jim.linkSpeedMin), ("jim-linkspeed-max", \.linkSpeedMax)]
            as [(String, WritableKeyPath<Jim, Double>)]
        {
            guard let text = arguments.text(name) else { continue }
            guard let speed = Double(text), speed >= 0, speed.isFinite else {
                throw UsageError("--\(name) takes octets a second, not \"\(text)\"")
            }
            jim[keyPath: value] = speed
        }
        configuration.invitedJim = jim
        let word = variables["MH_INVITE_JIM"]?.lowercased() ?? ""
        if arguments.has("invite-jim") || ["1", "true", "t"].contains(word) { configuration.jim = jim }
    }
}
