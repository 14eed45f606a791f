import Synchronization

/// The servers to release to, by name. Any thread may use it.
final class OutgoingServers: Sendable {
    private let servers: Mutex<[String: OutgoingServer]>

    init(_ servers: [String: OutgoingServer] = [:]) { self.servers = Mutex(servers) }

    /// The servers of a JSON file, which maps names to servers.
    convenience init(file path: String) throws(CaptureError) {
        let bytes = try ConfigurationFile.read(path, of: "outgoing servers")
        do throws(MalformedJSON) {
            self.init(try Self.servers(of: bytes))
        } catch {
            throw CaptureError(
                code: .misconfigured,
                description: "The file of outgoing servers, \(path), must map names to servers. \(error.reason)")
        }
    }

    private static func servers(of bytes: [UInt8]) throws(MalformedJSON) -> [String: OutgoingServer] {
        guard case .object(let members) = try JSONReader.value(of: bytes) else {
            throw MalformedJSON(reason: "It is no object.")
        }
        var servers: [String: OutgoingServer] = [:]
        for member in members { servers[member.name] = try OutgoingServer(member.value) }
        return servers
    }

    subscript(name: String) -> OutgoingServer? { servers.withLock { $0[name] } }

    /// All, in the order of their names.
    var all: [(name: String, server: OutgoingServer)] {
        servers.withLock { servers in servers.map { ($0.key, $0.value) } }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// More servers than this are not stored over the API.
    static let maximumCount = 100
    /// Octets of each field of one that is stored over the API.
    static let maximumFieldBytes = 1024

    /// What came of storing a server.
    enum Storing {
        case stored
        /// There is one of that name.
        case exists
        case isTooLong
        case noRoom
    }

    /// Stores a server under its name.
    func add(_ server: OutgoingServer) -> Storing {
        guard server.texts.allSatisfy({ $0.utf8.count <= Self.maximumFieldBytes }) else { return .isTooLong }
        return servers.withLock { servers in
            if servers[server.name] != nil { return .exists }
            if servers.count >= Self.maximumCount { return .noRoom }
            servers[server.name] = server
            return .stored
        }
    }
}
