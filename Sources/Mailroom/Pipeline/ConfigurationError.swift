/// One thing that is wrong with a configuration.
public struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// Which setting or adapter.
    public let subject: String
    /// What is wrong and what would be right.
    public let reason: String

    /// A problem.
    public init(_ subject: String, _ reason: String) {
        self.subject = subject
        self.reason = reason
    }

    /// What a person should read.
    public var description: String { "\(subject): \(reason)" }
}

/// A pipeline that cannot be built: every problem at once.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// All of them, at least one.
    public let problems: [ConfigurationProblem]

    /// An error of one or more problems.
    public init(_ problems: [ConfigurationProblem]) { self.problems = problems }

    /// What a person should read.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
