/// How a message is to be queued.
public struct SubmitOptions: Hashable, Sendable {
    /// The queue that takes it.
    public var queue: QueueName = .default
    /// A countdown: the first attempt waits this long.
    public var delay: Duration = .zero
    /// Too late to be of use after this, counted from submitting: then it is given up, with the error saying so.
    public var expiresAfter: Duration = .seconds(5 * 86_400)
    /// The app's own name for what is being said. Submitting again under the same key answers
    /// ``Receipt/Outcome/duplicate`` as long as the job is unsettled, and for ``keyLifetime`` after that.
    public var idempotencyKey: String?
    /// How long a key guards after its job is settled.
    public var keyLifetime: Duration = .seconds(86_400)
    /// The pipeline's policy for this message, by the name it was given in the builder; `nil` is the default one.
    public var retryPolicy: String?
    /// What the app wants to find its sends by, such as the club or the sending user.
    public var tags: [String: String] = [:]

    /// The default queue, no delay, five days until it expires.
    public init() {}
}
