extension Arguments.Option {
    static let broker = Self("broker", "URL", "where jobs are kept, such as file:./queue; also MAILROOM_BROKER")
    static let transport = Self(
        "transport", "URL",
        "what delivers mail, such as smtp://127.0.0.1:1025 or failover(smtp://a,smtp://b); also MAILROOM_TRANSPORT, "
            + "where other users do not see a password")
    static let templates = Self(
        "templates", "PATH", "a template or a folder of them; also MAILROOM_TEMPLATES")
    static let format = Self("format", "FORMAT", "table (default), json (one object a line) or csv")
}

extension Arguments {
    /// The format of a listing.
    func format() throws(UsageError) -> Listing.Format { try choice("format", of: Listing.Format.self) ?? .table }
}

extension Arguments.Option {
    static let queues = Self("queue", "A,B", "only these queues")
    static let yes = Self("yes", "asks no question")
    static let dryRun = Self("dry-run", "says what would be done, and does nothing")
}
