import Foundation

/// Asks every client for a name and a password (RFC 7617) before any route answers.
///
///     routes.authentication = HTTPBasicAuthentication { credentials, decide in
///         decide(credentials == expected)
///     }
///
/// The password travels readably: for loopback, or behind TLS.
public struct HTTPBasicAuthentication: Sendable {
    /// What a client sent.
    public struct Credentials: Sendable, Hashable {
        /// The name; without colon.
        public let user: String
        /// The password; not to be logged.
        public let password: String

        /// A name and its password.
        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// The value of `WWW-Authenticate`.
    public var challenge: String
    /// Decides on a client's credentials: by calling the closure it is given, at once or later and from any thread.
    /// Called on the server's thread.
    public var check: @Sendable (Credentials, @escaping @Sendable (Bool) -> Void) -> Void

    /// A check of credentials. A client without any, or with wrong ones, gets 401 and no body.
    public init(
        challenge: String = "Basic realm=\"Mailroom\", charset=\"UTF-8\"",
        check: @escaping @Sendable (Credentials, @escaping @Sendable (Bool) -> Void) -> Void
    ) {
        self.challenge = challenge
        self.check = check
    }

    /// The answer of `route` for whoever may have it.
    func answer(to request: HTTPRequest, by route: @escaping @Sendable () -> HTTPResponse) -> HTTPResponse {
        let refusal = HTTPResponse(401, headers: ["WWW-Authenticate": challenge])
        guard let credentials = Self.credentials(of: request) else { return refusal }
        let check = check
        return HTTPResponse { pending in
            check(credentials) { isRight in pending.complete { isRight ? route() : refusal } }
        }
    }

    static func credentials(of request: HTTPRequest) -> Credentials? {
        let values = request.headers.values("Authorization")
        guard values.count == 1 else { return nil }
        let words = values[0].split(separator: " ", maxSplits: 1)
        guard words.count == 2, equalsIgnoringCase(String(words[0]), "Basic"),
            let bytes = Data(base64Encoded: String(words[1].drop { $0 == " " })).map({ [UInt8]($0) }),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")), isUTF8(bytes)
        else { return nil }
        return Credentials(
            user: String(decoding: bytes[..<colon], as: UTF8.self),
            password: String(decoding: bytes[(colon + 1)...], as: UTF8.self))
    }
}
