/// What submitting does when the broker certainly stored nothing.
public enum Fallback: Hashable, Sendable {
    /// It throws.
    case none
    /// The message is delivered there and then, in one attempt; the receipt says how that went. A message that was to
    /// start more than a minute later is not sent early, and one with an idempotency key not at all, since only the broker
    /// knows whether the key was used before: their receipts say `notSent`.
    case sendNow
}

/// What happens to recipients whose outcome is in doubt: the answer was lost after everything had been sent.
public enum UnknownOutcomes: Hashable, Sendable {
    /// Tried again on the same route with the same bytes and Message-ID, and recorded as possible duplicates.
    case retry
    /// Left to a person: the job is held.
    case hold
}

/// How long the records of settled jobs are kept. Workers remove older ones every ten minutes,
/// where the broker is a ``BrokerAdministration``.
public struct Retention: Hashable, Sendable {
    /// Of finished jobs, whose content is gone already.
    public var finished: Duration
    /// Of dead and held jobs with their content; `nil` keeps them until a person removes them.
    public var failed: Duration?

    /// Thirty days for finished jobs, and no end for the others, unless said otherwise.
    public init(finished: Duration = .seconds(30 * 86_400), failed: Duration? = nil) {
        self.finished = finished
        self.failed = failed
    }

    func problems() -> [ConfigurationProblem] {
        guard finished < .zero || (failed ?? .zero) < .zero else { return [] }
        return [ConfigurationProblem("retention", "it is negative")]
    }
}
