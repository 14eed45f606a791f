public import Mailroom

extension AdapterScheme where Adapter == any Broker {
    /// `redis://user:password@host:port/database?option=value`: a server of Redis or Valkey, port 6379 and database 0
    /// unless said. What is no letter or digit in user and password is percent-encoded, as in `p%40ss`; a password without
    /// a user is written `redis://:password@host`.
    ///
    /// - `prefix`: what keys begin with, `mailroom` unless said; brokers of one prefix share their jobs
    /// - `connections`: how many carry calls
    /// - `connect`, `timeout`: how long connecting and a call may take, such as `5s`
    public static var redis: Self {
        Self("redis", options: RedisURL.options) { url throws(ConfigurationError) in
            RedisBroker(try RedisURL(url).configuration())
        }
    }

    /// `rediss://host`: the same with TLS from the first octet on.
    ///
    /// - `verify`: `off` takes any certificate
    /// - `ca`, `certificate`, `key`: PEM files; see ``/MailroomRedisBroker/RedisSecurity``
    public static var rediss: Self {
        Self("rediss", options: RedisURL.options + RedisURL.encryptedOptions) { url throws(ConfigurationError) in
            RedisBroker(try RedisURL(url).configuration())
        }
    }
}

/// Reads a Redis URL, and gathers everything that is wrong with it.
private struct RedisURL {
    static let options = ["prefix", "connections", "connect", "timeout"]
    static let encryptedOptions = ["verify", "ca", "certificate", "key"]

    private let url: AdapterURL
    private var options: OptionReader

    init(_ url: AdapterURL) {
        self.url = url
        options = OptionReader(url)
    }

    func configuration() throws(ConfigurationError) -> RedisConfiguration {
        var reader = self
        let configuration = reader.read()
        try reader.options.finish()
        return configuration
    }

    private mutating func read() -> RedisConfiguration {
        if url.host.isEmpty { options.refuse("it names no host: write \(url.scheme)://host:port") }
        var security: RedisSecurity = url.scheme == "rediss" ? .encrypted : .unencrypted
        security.verifiesCertificate = options.choice("verify", ["on", "off"]) != "off"
        security.trustFile = url["ca"]
        security.certificateFile = url["certificate"]
        security.keyFile = url["key"]
        var configuration = RedisConfiguration(host: url.host, port: url.port ?? 6379, security: security)
        let path = url.path.drop { $0 == "/" }
        if !path.isEmpty {
            if let number = Int(path), number >= 0, path.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
                configuration.database = number
            } else {
                options.refuse("its path is the number of a database, such as /0; in user and password write / as %2F")
            }
        }
        if let user = url.user, !user.isEmpty { configuration.user = user }
        configuration.password = url.password
        if configuration.user != nil, configuration.password == nil {
            options.refuse("it has a user without a password: write \(url.scheme)://user:password@host")
        }
        if let prefix = url["prefix"] { configuration.prefix = prefix }
        if let count = options.count("connections") { configuration.connections = count }
        if let time = options.duration("connect") { configuration.connectTimeout = time }
        if let time = options.duration("timeout") { configuration.commandTimeout = time }
        return configuration
    }
}
