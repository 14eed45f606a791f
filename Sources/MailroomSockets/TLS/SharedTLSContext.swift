package import MailroomLibraries
import Synchronization

/// What a client's connections share of TLS: trust, this side's certificate, and sessions to resume. Made when the first
/// connection needs it; what could not be made is tried again, since a file or a library may come.
package final class SharedTLSContext: Sendable {
    private let configuration: TLSConfiguration
    private let made = Mutex<TLSContext?>(nil)

    package init(_ configuration: TLSConfiguration) { self.configuration = configuration }

    package func context() throws(SocketError) -> TLSContext {
        try made.withLock { made throws(SocketError) in
            if let made { return made }
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
