import MailroomLibraries
import MailroomSockets
import Synchronization

/// What a broker's connections share of TLS. Made when the first connection needs it; what could not be made is tried
/// again, since a file or a library may come.
final class RedisEncryption: Sendable {
    private let security: RedisSecurity
    private let made = Mutex<TLSContext?>(nil)

    init(_ security: RedisSecurity) { self.security = security }

    func context() throws(SocketError) -> TLSContext {
        try made.withLock { made throws(SocketError) in
            if let made { return made }
            var configuration = TLSConfiguration()
            configuration.trustFile = security.trustFile
            configuration.verifiesPeer = security.verifiesCertificate
            configuration.certificateFile = security.certificateFile
            configuration.keyFile = security.keyFile
            do throws(LibraryError) {
                let context = try TLSContext(configuration)
                made = context
                return context
            } catch {
                throw SocketError(error)
            }
        }
    }
}
