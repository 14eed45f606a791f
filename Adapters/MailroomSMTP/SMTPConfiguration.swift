import Mailroom
import MailroomSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which server an SMTP transport hands its mail to, and how.
public struct SMTPConfiguration: Sendable {
    /// The server's name or numeric address.
    public var host: String
    /// The server's port: 25 between servers, 587 for submission, 465 with implicit TLS, 1025 for a capture server.
    public var port: Int
    /// Whether and how connections are encrypted.
    public var security: SMTPSecurity
    /// Who logs in; `nil` does not log in. A server that does not offer to is then given no mail.
    public var credentials: SMTPCredentials?
    /// What this side calls itself in EHLO: a fully qualified name or an address literal (RFC 5321 §4.1.3). Unless set,
    /// the machine's name, or `[127.0.0.1]` where that has no domain.
    public var clientName: String
    /// How many connections may be open at once. Each has a thread of its own while it is.
    public var maximumConnections = 10
    /// After how many mails a connection is closed in favour of a new one.
    public var messagesPerConnection = 1000
    /// How long an unused connection is kept.
    public var idleTimeout: Duration = .seconds(30)
    /// After how long a connection is closed in favour of a new one, so that changed addresses and certificates are
    /// noticed.
    public var connectionLifetime: Duration = .seconds(600)
    /// How long to wait at each point of the dialogue.
    public var timeouts = SMTPTimeouts()
    /// Whether commands of one mail leave in one write where the server offers PIPELINING (RFC 2920).
    public var pipelines = true
    /// Whether the end of one mail leaves together with the commands of the next that is waiting, which saves a round
    /// trip a mail. Needs ``pipelines``; switch it off for a server that loses commands.
    public var pipelinesAcrossMessages = true
    /// Whether messages leave by BDAT (RFC 3030) where the server offers CHUNKING, in pieces of 1 MiB: a server that
    /// refuses a large message says so after the first. DATA is what servers are best tested with.
    public var chunks = false
    /// Which delivery status notifications are asked for; `nil` leaves that to the server.
    public var notifications: SMTPNotifications?
    /// Is told every line of every dialogue, credentials masked, on the connections' own threads; keep it short.
    public var transcript: (@Sendable (SMTPTranscriptLine) -> Void)?

    /// The configuration for one server. The port is 25 unless given, or 465 with implicit TLS.
    public init(host: String, port: Int? = nil, security: SMTPSecurity = .whenOffered) {
        self.host = host
        self.port = port ?? (security.mode == .implicit ? 465 : 25)
        self.security = security
        clientName = Self.machineName
    }

    /// The name this transport puts into outcomes: `smtp://host:port`, or `smtps:` with implicit TLS.
    public var route: String {
        "\(security.mode == .implicit ? "smtps" : "smtp")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    private static var machineName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "[127.0.0.1]" }
        let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return text.utf8.contains(UInt8(ascii: ".")) && isPlain(text) ? text : "[127.0.0.1]"
    }

    /// Whether a name can stand in a command line: visible ASCII only.
    private static func isPlain(_ name: String) -> Bool { name.utf8.allSatisfy { $0 > 32 && $0 < 127 } }

    /// Whether a name can stand in EHLO.
    static func isClientName(_ name: String) -> Bool { (1...255).contains(name.utf8.count) && isPlain(name) }

    func problems(in limits: PipelineLimits) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        func require(_ holds: Bool, _ subject: String, _ reason: String) {
            if !holds { problems.append(ConfigurationProblem("smtp \(subject)", reason)) }
        }
        require(!host.isEmpty, "host", "it is empty: name the server")
        require(
            Self.isPlain(host), "host",
            "it holds a blank, a control character or one beyond ASCII: write the plain name or numeric address")
        require((1...65535).contains(port), "port", "\(port) is no port: give one from 1 to 65535")
        require(
            Self.isClientName(clientName), "client name",
            "it is empty, too long or holds a blank, a control character or one beyond ASCII: write the machine's name")
        require(maximumConnections > 0, "connections", "\(maximumConnections) connections cannot carry anything")
        require(messagesPerConnection > 0, "mails a connection", "\(messagesPerConnection) is not positive")
        require(idleTimeout > .zero, "idle timeout", "\(idleTimeout) is not positive")
        require(connectionLifetime > .zero, "connection lifetime", "\(connectionLifetime) is not positive")
        for problem in credentials?.problems ?? [] { require(false, "credentials", problem) }
        require(
            credentials == nil || security.mode != .unencrypted || isLoopback(host: host), "credentials",
            "they never cross the network in plain text: make the security .required or .implicit")
        require(
            security.keyFile == nil || security.certificateFile != nil, "key file",
            "it needs the certificate that it belongs to: set the certificate file")
        for (name, limit) in timeouts.named {
            if let limit { require(limit > .zero, name, "\(limit) is not positive") }
        }
        let parts = [timeouts.connect, timeouts.greeting, timeouts.command].compactMap { $0 }
        let sum = parts.reduce(.zero, +)
        require(
            sum < limits.job, "timeouts",
            "connecting, greeting and one command may take \(sum), but a job has only \(limits.job): "
                + "shorten them or raise the job limit")
        return problems
    }
}
