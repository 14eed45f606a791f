/// What is wrong with a rule given as text or JSON: the word, and what is possible in its place.
public struct CaptureRuleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to write instead.
    public let description: String

    init(_ description: String) { self.description = description }
}
