import Synchronization

/// A session that may be taken up again.
///
/// Unchecked, because OpenSSL counts references to a session under a lock of its own and does not change it any more.
final class TLSSession: @unchecked Sendable {
    let pointer: OpaquePointer
    private let ssl: SSLFunctions
    /// Tickets of TLS 1.3 are for one connection each, lest an onlooker tells that two are by the same client
    /// (RFC 8446, appendix C.4).
    let isForOneUse: Bool

    /// Takes over a reference.
    init(owning pointer: OpaquePointer, _ ssl: SSLFunctions) {
        self.pointer = pointer
        self.ssl = ssl
        isForOneUse = Int(ssl.sessionVersion(pointer)) >= TLSVersion.v1_3.rawValue
    }

    deinit { ssl.freeSession(pointer) }
}

/// The sessions that a client's context keeps, by the server they are of; the newest is used first.
final class TLSSessions: Sendable {
    /// A session proves that this very name was verified, so it is good for no other.
    struct Server: Hashable, Sendable {
        let name: String
        let port: Int
    }

    private static let sessionsOfAServer = 8
    private static let servers = 256
    private let kept = Mutex<[Server: [TLSSession]]>([:])

    func keep(_ session: TLSSession, of server: Server) {
        kept.withLock { kept in
            if kept[server] == nil, kept.count >= Self.servers, let other = kept.keys.first { kept[other] = nil }
            if !session.isForOneUse { kept[server] = [] }
            kept[server, default: []].append(session)
            if kept[server, default: []].count > Self.sessionsOfAServer { kept[server]?.removeFirst() }
        }
    }

    func take(of server: Server) -> TLSSession? {
        kept.withLock { kept in
            guard let session = kept[server]?.last else { return nil }
            if session.isForOneUse { kept[server]?.removeLast() }
            return session
        }
    }

    func forget(_ server: Server) {
        kept.withLock { $0[server] = nil }
    }
}
