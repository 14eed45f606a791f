/// A broker that could not do what it was asked.
public struct BrokerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public struct Code: Hashable, Sendable, RawRepresentable {
        /// The code's name, as logs show it.
        public let rawValue: String

        /// A code of a broker's own.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The store cannot be reached.
        public static let unavailable = Code(rawValue: "unavailable")
        /// The store has no room.
        public static let full = Code(rawValue: "full")
        /// The call brings more than the broker can store at once: submit in several calls.
        public static let tooLarge = Code(rawValue: "tooLarge")
        /// What is stored is damaged.
        public static let corrupt = Code(rawValue: "corrupt")
        /// An idempotency key was used before, with other content.
        public static let conflict = Code(rawValue: "conflict")
        /// This broker does not have that ability.
        public static let unsupported = Code(rawValue: "unsupported")
        /// The task was cancelled, or the broker is shut down.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// What went wrong.
    public let code: Code
    /// What happened and what to do about it. Never holds a credential.
    public let reason: String
    /// Whether the call may have stored something all the same. Decides about falling back: only where this is false
    /// may a message go another way. True unless the broker is certain.
    public let mayHaveStored: Bool

    /// An error.
    public init(_ code: Code, _ reason: String, mayHaveStored: Bool = true) {
        self.code = code
        self.reason = reason
        self.mayHaveStored = mayHaveStored
    }

    /// What a person should read.
    public var description: String { reason }
}
