/// What became of one recipient in one delivery.
public struct RecipientOutcome: Hashable, Sendable {
    /// How it went.
    public enum Status: UInt8, Sendable {
        /// The next hop took responsibility. Accepted is not yet read by a person.
        case accepted
        /// Refused, but another try may do: a reply of class 4.
        case refusedForNow
        /// Refused for good: a reply of class 5.
        case refused
        /// Nobody can say: the answer was lost after everything had been sent.
        case unknown
    }

    /// The address, as the envelope had it.
    public var recipient: String
    /// How it went.
    public var status: Status
    /// What the next hop said.
    public var reply: Reply?
    /// The route that was taken, by the transport's own name for it; a recipient in doubt stays on it.
    public var route: String
    /// What the next hop calls the message, if it said.
    public var remoteID: String?

    /// An outcome.
    public init(
        recipient: String, status: Status, reply: Reply? = nil, route: String = "", remoteID: String? = nil
    ) {
        self.recipient = recipient
        self.status = status
        self.reply = reply
        self.route = route
        self.remoteID = remoteID
    }
}
