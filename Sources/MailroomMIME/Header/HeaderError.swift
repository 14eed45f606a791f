/// Why something cannot be written in the header of a message.
public struct HeaderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field, or the part of the message, that is meant.
    public let field: String
    /// What is wrong and what to do about it; never contains the value.
    public let reason: String

    package init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }

    /// The field and the reason.
    public var description: String { "\(field): \(reason)" }
}
