/// Decides whether and when a failed attempt is followed by another.
///
/// Pure: the same failed attempt always gets the same answer.
public protocol RetryPolicy: Sendable {
    /// The decision after an attempt that left someone without the message.
    func decision(for failure: FailedAttempt) -> RetryDecision

    /// What is contradictory about the policy itself; asked once, when the pipeline is built.
    func configurationProblems() -> [ConfigurationProblem]
}

extension RetryPolicy {
    /// No problems.
    public func configurationProblems() -> [ConfigurationProblem] { [] }
}

/// What follows a failed attempt.
public enum RetryDecision: Hashable, Sendable {
    /// Try again after this wait.
    case retry(after: Duration)
    /// No further attempt.
    case giveUp
}
