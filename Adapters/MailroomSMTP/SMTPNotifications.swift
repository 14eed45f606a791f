/// Which delivery status notifications servers are asked for (RFC 3461). They go to the reverse path, and name the job
/// as envelope identifier and the recipient as it was given.
///
/// A server that does not offer DSN is not asked; it sends its notices of failure as always.
public struct SMTPNotifications: Hashable, Sendable {
    /// What is worth a notice.
    public enum Occasion: String, Hashable, Sendable, CaseIterable {
        /// It reached the mailbox.
        case success = "SUCCESS"
        /// It could not be delivered.
        case failure = "FAILURE"
        /// It waits somewhere for unusually long.
        case delay = "DELAY"
    }

    /// How much of the message a notice of failure holds.
    public enum Content: String, Hashable, Sendable {
        /// Its header.
        case header = "HDRS"
        /// All of it.
        case full = "FULL"
    }

    /// What is worth a notice; nothing means that none is wanted, not even of failure.
    public var occasions: Set<Occasion>
    /// How much of the message a notice of failure holds; the server decides where it is `nil`.
    public var content: Content?

    /// Notices on these occasions.
    public init(on occasions: Set<Occasion>, content: Content? = nil) {
        self.occasions = occasions
        self.content = content
    }

    /// The parameter of RCPT.
    var parameter: String {
        guard !occasions.isEmpty else { return " NOTIFY=NEVER" }
        return " NOTIFY=" + Occasion.allCases.filter(occasions.contains).map(\.rawValue).joined(separator: ",")
    }
}
