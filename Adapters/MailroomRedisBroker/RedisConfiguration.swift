import Mailroom
import MailroomSockets

/// Which server keeps a broker's jobs, and how it is talked to.
public struct RedisConfiguration: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The server's name or numeric address.
    public var host: String
    /// The server's port.
    public var port: Int
    /// Whether connections are encrypted.
    public var security: RedisSecurity
    /// The user of the server's access list; `nil` is the default user.
    public var user: String?
    /// The user's password; `nil` logs nobody in. Crosses an encrypted connection, or one to this machine, and no other.
    public var password: String?
    /// The number of the database.
    public var database = 0
    /// What the keys of this broker begin with, in braces: `{mailroom}:`. Brokers of one prefix share their jobs.
    public var prefix = "mailroom"
    /// How many connections carry calls. Each has a thread of its own while the broker lives; waiting for jobs takes one
    /// more.
    public var connections = 2
    /// How long connecting may take, encryption and login included.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a call may wait for its answer, its place in line included.
    public var commandTimeout: Duration = .seconds(10)

    /// The configuration for one server.
    public init(host: String = "127.0.0.1", port: Int = 6379, security: RedisSecurity = .unencrypted) {
        self.host = host
        self.port = port
        self.security = security
    }

    /// Where it is, without user and password.
    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(security.isEncrypted ? "rediss" : "redis")://\(name):\(port)/\(database)?prefix=\(prefix)"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Shows no password.
    public var customMirror: Mirror { Mirror(self, children: ["server": description]) }

    /// What every key begins with. The braces put all keys of a broker into one slot of a cluster.
    var keyPrefix: String { "{\(prefix)}:" }

    var problems: [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        func require(_ holds: Bool, _ subject: String, _ reason: String) {
            if !holds { problems.append(ConfigurationProblem("redis \(subject)", reason)) }
        }
        require(!host.isEmpty, "host", "it is empty: name the server")
        require(
            host.utf8.allSatisfy { $0 > 32 && $0 < 127 }, "host",
            "it holds a blank, a control character or one beyond ASCII: write the plain name or numeric address")
        require((1...65535).contains(port), "port", "\(port) is no port: give one from 1 to 65535")
        require((0...1_000_000).contains(database), "database", "\(database) is none: give a number from 0")
        require(
            !prefix.isEmpty && prefix.utf8.count <= 64
                && prefix.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}") },
            "prefix", "it is 1 to 64 visible characters of ASCII without braces")
        require((1...64).contains(connections), "connections", "\(connections) is not from 1 to 64")
        require(connectTimeout > .zero, "connect", "\(connectTimeout) is not positive")
        require(commandTimeout > .zero, "timeout", "\(commandTimeout) is not positive")
        require(user == nil || password != nil, "user", "a user without a password cannot log in: give the password")
        require(
            password == nil || security.isEncrypted || isLoopback(host: host), "password",
            "it never crosses the network in plain text: write rediss://, or make the security .encrypted")
        require(
            security.keyFile == nil || security.certificateFile != nil, "key file",
            "it needs the certificate that it belongs to: set the certificate file")
        return problems
    }
}
