/// A promise that was not kept.
public struct ContractViolation: Error, Sendable, CustomStringConvertible {
    /// The promise.
    public let clause: String
    /// What was seen instead.
    public let observation: String

    /// Both in one line.
    public var description: String { "\(clause): \(observation)" }
}
