/// An attempt that left someone without the message: what a retry policy decides on.
public struct FailedAttempt: Sendable {
    /// Why.
    public enum Cause: Hashable, Sendable {
        /// The report has recipients that were refused for now, or are in doubt.
        case report(DeliveryReport)
        /// The transport reached nobody.
        case transport(TransportError)
        /// The document could not be rendered for now.
        case rendering(RenderError)
        /// The worker died or lost its lease during the attempt.
        case workerLost
        /// The job's time limit ran out.
        case timeLimit(Duration)
    }

    /// Which attempt it was, from 1.
    public var attempt: Int
    /// Why it failed.
    public var cause: Cause
    /// Time since the message was submitted.
    public var elapsed: Duration
    /// A random number for jitter.
    public var random: UInt64

    /// A failed attempt.
    public init(attempt: Int, cause: Cause, elapsed: Duration = .zero, random: UInt64 = 0) {
        self.attempt = attempt
        self.cause = cause
        self.elapsed = elapsed
        self.random = random
    }
}
