import MailroomLibraries
import Synchronization

/// The certificate that STARTTLS shows: a given one, or one made at the first asking and signed by itself. Any thread
/// may use it.
final class SMTPEncryption: Sendable {
    private enum State {
        case unmade
        case made(TLSContext, certificatePEM: [UInt8])
        case impossible
    }

    private let names: [String]
    private let state: Mutex<State>

    /// Shows a given certificate. Throws where OpenSSL is not installed or a file is not as it must be.
    init(_ configuration: TLSServerConfiguration) throws(LibraryError) {
        names = []
        state = Mutex(.made(try TLSContext(server: configuration), certificatePEM: []))
    }

    /// Shows a certificate for a host's name and this machine, made when it is needed.
    init(selfSignedFor hostname: String) {
        names = [hostname, "localhost", "127.0.0.1", "::1"]
        state = Mutex(.unmade)
    }

    /// What a session is made of; nil where OpenSSL is not installed.
    var context: TLSContext? {
        if case .made(let context, _) = made { context } else { nil }
    }

    /// The certificate that signed itself, for clients to trust; nil where there is none.
    var certificatePEM: [UInt8]? {
        if case .made(_, let pem) = made, !pem.isEmpty { pem } else { nil }
    }

    private var made: State {
        state.withLock { state in
            if case .unmade = state { state = Self.make(for: names) }
            return state
        }
    }

    private static func make(for names: [String]) -> State {
        let (now, day) = (WallClock.now.components.seconds, Int64(86_400))
        // Some clients believe no certificate that is valid for longer than 825 days.
        let request = SelfSignedCertificate.Request(
            subject: names.first ?? "localhost", names: names, notBefore: now - day, notAfter: now + 800 * day)
        guard let certificate = try? SelfSignedCertificate(request),
            let context = try? TLSContext(server: TLSServerConfiguration(pem: certificate.pem))
        else { return .impossible }
        return .made(context, certificatePEM: certificate.certificatePEM)
    }
}
