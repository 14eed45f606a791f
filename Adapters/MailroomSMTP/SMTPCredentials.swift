/// Who logs in at a server (RFC 4954). Its description shows the user alone.
///
/// Credentials cross an encrypted connection, or one to this machine itself, and no other.
public struct SMTPCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How the server is convinced.
    public enum Mechanism: String, Hashable, Sendable, CaseIterable {
        /// User and password in one message (RFC 4616).
        case plain = "PLAIN"
        /// The same in two messages, as old servers know it.
        case login = "LOGIN"
        /// A keyed digest of the server's challenge (RFC 2195): the password itself is not sent.
        case cramMD5 = "CRAM-MD5"
        /// An OAuth 2.0 access token, as Google and Microsoft take it.
        case xoauth2 = "XOAUTH2"
    }

    /// Gives a token that is valid now. Asked for each new connection, on the connection's own time: keep the token
    /// until shortly before it expires.
    public typealias TokenProvider = @Sendable () async throws -> String

    enum Secret: Sendable {
        case password(String)
        case token(TokenProvider)
    }

    /// The user's name.
    public let user: String
    /// The only mechanism to use; `nil` takes the first one that the server offers: PLAIN, LOGIN and CRAM-MD5 in this
    /// order over an encrypted connection, CRAM-MD5 first over a plain one; XOAUTH2 for tokens.
    public let mechanism: Mechanism?
    let secret: Secret

    /// A user with a password.
    public static func password(_ password: String, of user: String, by mechanism: Mechanism? = nil) -> Self {
        Self(user: user, mechanism: mechanism, secret: .password(password))
    }

    /// A user with an OAuth 2.0 access token.
    public static func token(of user: String, from provider: @escaping TokenProvider) -> Self {
        Self(user: user, mechanism: .xoauth2, secret: .token(provider))
    }

    private init(user: String, mechanism: Mechanism?, secret: Secret) {
        self.user = user
        self.mechanism = mechanism
        self.secret = secret
    }

    /// The user alone.
    public var description: String { "credentials of \(user)" }
    /// The user alone.
    public var debugDescription: String { description }
    /// The user alone.
    public var customMirror: Mirror { Mirror(self, children: ["user": user]) }

    var problems: [String] {
        var problems: [String] = []
        func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 != 0 } }
        if user.isEmpty { problems.append("the user's name is empty") }
        if !isPlain(user) { problems.append("the user's name holds a NUL") }
        if case .password(let password) = secret {
            if password.isEmpty { problems.append("the password is empty") }
            if !isPlain(password) { problems.append("the password holds a NUL") }
        }
        return problems
    }
}
