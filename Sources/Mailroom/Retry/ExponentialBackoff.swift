/// Waits that grow by a factor up to a maximum.
public struct ExponentialBackoff: RetryPolicy {
    /// The first wait.
    public let base: Duration
    /// How much longer each wait is than the one before.
    public let factor: Double
    /// No wait is longer.
    public let maximum: Duration
    /// Every try, the first included.
    public let attempts: Int
    /// The share of each wait that is random, from 0 (none) to 1: with 0.2 a wait of 10 s becomes 8 to 10 s.
    public let jitter: Double

    /// A growing schedule.
    public init(base: Duration, factor: Double, maximum: Duration, attempts: Int, jitter: Double = 0) {
        self.base = base
        self.factor = factor
        self.maximum = maximum
        self.attempts = attempts
        self.jitter = jitter
    }

    /// The next wait, or the end after the last attempt.
    public func decision(for failure: FailedAttempt) -> RetryDecision {
        guard failure.attempt < attempts else { return .giveUp }
        var wait = base.seconds
        // Multiplied step by step, so that a large attempt number stops at the maximum instead of overflowing.
        for _ in 1..<max(failure.attempt, 1) where wait < maximum.seconds { wait *= factor }
        wait = min(wait, maximum.seconds)
        let share = Double(failure.random >> 11) / Double(1 << 53)
        return .retry(after: .milliseconds(Int64((wait * (1 - jitter * share) * 1000).rounded())))
    }

    /// What is wrong with the numbers.
    public func configurationProblems() -> [ConfigurationProblem] {
        func problem(_ reason: String) -> ConfigurationProblem { ConfigurationProblem("retry policy", reason) }
        var problems: [ConfigurationProblem] = []
        if base <= .zero { problems.append(problem("the base must be positive")) }
        if !(factor >= 1) || !factor.isFinite { problems.append(problem("the factor must be 1 or more")) }
        if maximum < base { problems.append(problem("the maximum is shorter than the base")) }
        if attempts < 1 { problems.append(problem("there must be 1 attempt or more")) }
        if !(0...1).contains(jitter) { problems.append(problem("the jitter must lie between 0 and 1")) }
        return problems
    }
}

extension RetryPolicy where Self == ExponentialBackoff {
    /// Waits of `base`, `base × factor`, … up to `maximum`; `attempts` counts every try, the first included.
    /// A jitter of 0 follows the schedule to the letter.
    public static func exponential(
        base: Duration, factor: Double = 2, maximum: Duration, attempts: Int, jitter: Double = 0
    ) -> ExponentialBackoff {
        ExponentialBackoff(base: base, factor: factor, maximum: maximum, attempts: attempts, jitter: jitter)
    }
}
