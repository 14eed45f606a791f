/// A submission that was refused. Nothing of the whole call was stored or sent.
public struct SubmissionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why.
    public struct Code: Hashable, Sendable, RawRepresentable {
        /// The code's name, as logs show it.
        public let rawValue: String

        /// A code.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The message cannot be sent as it is: ``SubmissionError/field`` names where.
        public static let invalidMessage = Code(rawValue: "invalidMessage")
        /// The idempotency key was used before, with other content.
        public static let conflict = Code(rawValue: "conflict")
        /// The broker took nothing and the pipeline does not fall back.
        public static let brokerFailed = Code(rawValue: "brokerFailed")
    }

    /// Why it was refused.
    public let code: Code
    /// The message at fault, counted from 0, where several were submitted.
    public let messageIndex: Int
    /// The property at fault, such as `recipients[2].address` or `document.values.club`.
    public let field: String
    /// What is wrong and what would be right.
    public let reason: String

    /// An error.
    public init(_ code: Code, messageIndex: Int = 0, field: String, reason: String) {
        self.code = code
        self.messageIndex = messageIndex
        self.field = field
        self.reason = reason
    }

    /// What a person should read.
    public var description: String { field.isEmpty ? reason : "\(field): \(reason)" }
}
