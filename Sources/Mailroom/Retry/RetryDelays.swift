/// A schedule followed to the letter: the waits between attempts, in order. There is one attempt more than waits.
public struct RetryDelays: RetryPolicy {
    /// The waits.
    public let delays: [Duration]
    private let attempts: Int?

    /// A schedule. Where `attempts` is said as well it must be one more than the waits, or the pipeline is refused.
    public init(_ delays: [Duration], attempts: Int? = nil) {
        self.delays = delays
        self.attempts = attempts
    }

    /// The wait after this attempt, or the end after the last.
    public func decision(for failure: FailedAttempt) -> RetryDecision {
        failure.attempt >= 1 && failure.attempt <= delays.count ? .retry(after: delays[failure.attempt - 1]) : .giveUp
    }

    /// Whether attempts and waits fit, and no wait is negative.
    public func configurationProblems() -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        if let attempts, attempts != delays.count + 1 {
            problems.append(
                ConfigurationProblem(
                    "retry policy",
                    "\(attempts) attempts do not fit \(delays.count) delays: attempts count every try, the first "
                        + "included, so say \(delays.count + 1) attempts or give \(max(attempts - 1, 0)) delays"))
        }
        for (index, delay) in delays.enumerated() where delay < .zero {
            problems.append(ConfigurationProblem("retry policy", "delay \(index + 1) is negative"))
        }
        return problems
    }
}

extension RetryPolicy where Self == RetryDelays {
    /// One attempt, no other.
    public static var never: RetryDelays { RetryDelays([]) }

    /// These waits between attempts, to the letter: `.delays([.seconds(10), .seconds(30), .seconds(90)])` makes up to
    /// four attempts. `attempts`, where given, is checked against the waits when the pipeline is built.
    public static func delays(_ delays: [Duration], attempts: Int? = nil) -> RetryDelays {
        RetryDelays(delays, attempts: attempts)
    }
}
