/// A delivery that reached nobody: no recipient was accepted, none is in doubt.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public struct Code: Hashable, Sendable, RawRepresentable {
        /// The code's name, as logs show it.
        public let rawValue: String

        /// A code of a transport's own.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// No connection could be made.
        public static let connectionFailed = Code(rawValue: "connectionFailed")
        /// The connection was lost before anything was at stake.
        public static let connectionLost = Code(rawValue: "connectionLost")
        /// A wait ran out before anything was at stake.
        public static let timedOut = Code(rawValue: "timedOut")
        /// The next hop refused the session or the whole message.
        public static let refused = Code(rawValue: "refused")
        /// The next hop refused the credentials.
        public static let authenticationFailed = Code(rawValue: "authenticationFailed")
        /// The next hop answered something that its protocol does not allow.
        public static let protocolViolation = Code(rawValue: "protocolViolation")
        /// The next hop cannot carry this message.
        public static let unsupported = Code(rawValue: "unsupported")
        /// A rate limit: wait for ``TransportError/retryAfter``.
        public static let throttled = Code(rawValue: "throttled")
        /// The delivery was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// What went wrong.
    public let code: Code
    /// Whether another try may do. Permanent errors end the job.
    public let isTransient: Bool
    /// What happened and what to do about it. Never holds a credential.
    public let reason: String
    /// What the next hop said.
    public let reply: Reply?
    /// A wait that was asked for; it uses up no attempt.
    public let retryAfter: Duration?

    /// An error.
    public init(
        _ code: Code, _ reason: String, isTransient: Bool = true, reply: Reply? = nil, retryAfter: Duration? = nil
    ) {
        self.code = code
        self.reason = reason
        self.isTransient = isTransient
        self.reply = reply
        self.retryAfter = retryAfter
    }

    /// What a person should read.
    public var description: String { reply.map { "\(reason): \($0)" } ?? reason }
}
