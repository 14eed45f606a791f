import Foundation
import Mailroom
import MailroomLibraries
import MailroomMIME

/// One exchange of AUTH (RFC 4954 §4), the client's side: what it says first and to each challenge.
struct SMTPAuthentication {
    let mechanism: SMTPCredentials.Mechanism
    private let user: String
    private let secret: String
    private var challenges = 0

    init(_ mechanism: SMTPCredentials.Mechanism, user: String, secret: String) {
        self.mechanism = mechanism
        self.user = user
        self.secret = secret
    }

    /// The longest command that every server reads (RFC 5321 §4.5.3.1.4), less its line ending.
    private static let maximumCommand = 510

    /// What follows the name of the mechanism in the command, where the exchange may begin there.
    var initialResponse: String? {
        let response: String
        switch mechanism {
        case .plain: response = plainResponse
        case .xoauth2: response = Self.base64("user=\(user)\u{1}auth=Bearer \(secret)\u{1}\u{1}")
        case .login, .cramMD5: return nil
        }
        // Tokens are long; servers that take them read longer lines (RFC 4954 §4: up to 12,288 octets).
        let isShort = "AUTH \(mechanism.rawValue) ".utf8.count + response.utf8.count <= Self.maximumCommand
        return isShort || mechanism == .xoauth2 ? response : nil
    }

    /// The line that answers a challenge.
    mutating func response(to challenge: String) throws(TransportError) -> String {
        challenges += 1
        guard challenges <= (mechanism == .login ? 2 : 1) else {
            throw TransportError(
                .authenticationFailed,
                "The server goes on asking after it was told everything. Check that it lets this user in.")
        }
        switch mechanism {
        case .plain: return plainResponse
        // What the server's words ask for differs, the order never does.
        case .login: return Self.base64(challenges == 1 ? user : secret)
        case .cramMD5:
            guard let octets = Data(base64Encoded: challenge), !octets.isEmpty else {
                throw TransportError(
                    .authenticationFailed, "The server's challenge is not in Base64. Check that it speaks CRAM-MD5.")
            }
            return Self.base64("\(user) " + (try digest(of: Array(octets))))
        // The challenge tells why the token was refused; an empty line asks for the reply.
        case .xoauth2: return ""
        }
    }

    /// The digest of CRAM-MD5 (RFC 2195 §2).
    private func digest(of challenge: [UInt8]) throws(TransportError) -> String {
        do throws(LibraryError) {
            let digest = try hmacMD5(key: Array(secret.utf8), message: challenge)
            return digest.map { SMTPPath.hexadecimal($0).lowercased() }.joined()
        } catch {
            throw TransportError(.authenticationFailed, error.description)
        }
    }

    /// What must never be shown although a server may repeat it: the secret, and the lines that hold it.
    var secrets: [String] {
        [secret, Self.base64(secret), plainResponse, initialResponse].compactMap(\.self)
    }

    /// User and password as PLAIN has them (RFC 4616 §2).
    private var plainResponse: String { Self.base64("\0\(user)\0\(secret)") }

    private static func base64(_ text: String) -> String { Base64.text(Array(text.utf8)) }

    /// The first mechanism that both sides know. Over a plain connection the one that does not send the password.
    static func mechanism(
        for credentials: SMTPCredentials, offered: [String], isEncrypted: Bool
    ) -> SMTPCredentials.Mechanism? {
        let wanted: [SMTPCredentials.Mechanism]
        if let mechanism = credentials.mechanism {
            wanted = [mechanism]
        } else {
            wanted = isEncrypted ? [.plain, .login, .cramMD5] : [.cramMD5, .plain, .login]
        }
        return wanted.first { offered.contains($0.rawValue) }
    }
}
