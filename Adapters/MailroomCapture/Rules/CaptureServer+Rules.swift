extension CaptureServer {
    /// How the server misbehaves, the first rule that applies deciding. Setting them counts from nothing, and draws the
    /// chances from the seed anew; it takes effect at each connection's next command.
    public var rules: [CaptureRule] {
        get { ruleBook.rules }
        set { ruleBook.rules = newValue }
    }

    /// Replaces the rules, and what the chances are drawn from: the same seed, rules and sequence of events give the same
    /// decisions. Clients that are connected at the same time have no order among them.
    public func setRules(_ rules: [CaptureRule], seed: UInt64) { ruleBook.replace(rules, seed: seed) }

    /// How often each rule has decided, in the order of ``rules``.
    public var ruleHits: [Int] { ruleBook.entries.map(\.hits) }
}
