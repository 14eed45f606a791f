/// What became of one delivery, recipient by recipient.
public struct DeliveryReport: Hashable, Sendable {
    /// An outcome for each recipient of the envelope.
    public var outcomes: [RecipientOutcome]
    /// The next hop asked to be left alone for this long. Recipients refused for now wait for it without using up
    /// an attempt.
    public var retryAfter: Duration?

    /// A report.
    public init(_ outcomes: [RecipientOutcome], retryAfter: Duration? = nil) {
        self.outcomes = outcomes
        self.retryAfter = retryAfter
    }

    /// A report in which everyone met the same outcome.
    public init(all recipients: [Recipient], _ status: RecipientOutcome.Status, reply: Reply? = nil, route: String = "")
    {
        outcomes = recipients.map {
            RecipientOutcome(recipient: $0.address, status: status, reply: reply, route: route)
        }
    }
}
