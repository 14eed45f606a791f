import Foundation

/// Asks every client for a name and a password (RFC 7617) before any route answers.
///
///     routes.authentication = HTTPBasicAuthentication { attempt in
///         attempt.decide(attempt.credentials == expected ? .right : .wrong)
///     }
///
/// The password travels readably: for loopback, or behind TLS.
public struct HTTPBasicAuthentication: Sendable {
    /// What a client sent.
    public struct Credentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
        /// The name; without colon.
        public let user: String
        /// The password; not to be logged.
        public let password: String

        /// The name; never the password.
        public var description: String { user }
        /// Shows no more than the description.
        public var customMirror: Mirror { Mirror(self, children: ["user": user]) }

        /// A name and its password.
        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// What is found out about a client's credentials.
    public enum Verdict: Sendable, Hashable {
        /// The route answers.
        case right
        /// 401.
        case wrong
        /// They could not be looked at: 503, with the seconds after which to try again.
        case busy(retryAfter: Int)
    }

    /// A client that wants to be let in.
    public struct Attempt: Sendable {
        /// What it sent.
        public let credentials: Credentials
        /// Its numeric address, without a port.
        public let remoteAddress: String
        private let pending: HTTPPendingAnswer
        private let answer: @Sendable (Verdict) -> HTTPResponse

        fileprivate init(
            _ credentials: Credentials, _ remoteAddress: String, _ pending: HTTPPendingAnswer,
            answer: @escaping @Sendable (Verdict) -> HTTPResponse
        ) {
            self.credentials = credentials
            self.remoteAddress = remoteAddress
            self.pending = pending
            self.answer = answer
        }

        /// Decides, from any thread. Only the first call counts.
        public func decide(_ verdict: Verdict) { pending.complete { [answer] in answer(verdict) } }

        /// Calls `body` once when the client is gone or the server stops before the decision, at once if that has
        /// happened: then nobody needs it any more.
        public func onEnd(_ body: @escaping @Sendable () -> Void) { pending.onEnd(body) }
    }

    /// The value of `WWW-Authenticate`.
    public var challenge: String
    /// Has an attempt decided on, at once or later. Called on the server's thread, which it must not block.
    public var check: @Sendable (Attempt) -> Void

    /// A check of credentials. A client without any, or with wrong ones, gets 401 and no body.
    public init(
        challenge: String = "Basic realm=\"Mailroom\", charset=\"UTF-8\"",
        check: @escaping @Sendable (Attempt) -> Void
    ) {
        self.challenge = challenge
        self.check = check
    }

    /// The answer of `route` for whoever may have it.
    func answer(to request: HTTPRequest, by route: @escaping @Sendable () -> HTTPResponse) -> HTTPResponse {
        let refusal = HTTPResponse(401, headers: ["WWW-Authenticate": challenge])
        guard let credentials = Self.credentials(of: request) else { return refusal }
        let (check, address) = (check, request.remoteAddress)
        return HTTPResponse { pending in
            check(
                Attempt(credentials, address, pending) { verdict in
                    switch verdict {
                    case .right: return route()
                    case .wrong: return refusal
                    case .busy(let seconds):
                        var response = HTTPResponse(503, text: "Too many logins are being checked. Try again.\n")
                        response.headers["Retry-After"] = "\(seconds)"
                        return response
                    }
                })
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
