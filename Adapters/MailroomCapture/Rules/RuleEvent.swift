/// Something a client did that the rules are asked about.
struct RuleEvent {
    var stage: CaptureRule.Stage
    /// Whether it is (also) a BDAT.
    var isChunk = false
    var sender: String?
    /// At RCPT the one; afterwards all so far.
    var recipients: [String] = []

    /// Whether the rule's conditions hold, but for those that count.
    func meets(_ rule: CaptureRule) -> Bool {
        guard rule.stage == stage || rule.stage == .any || rule.stage == .bdat && isChunk else { return false }
        if let pattern = rule.sender {
            guard let sender, RulePattern.matches(pattern, sender) else { return false }
        }
        if let pattern = rule.recipient {
            guard recipients.contains(where: { RulePattern.matches(pattern, $0) }) else { return false }
        }
        if let pattern = rule.domain {
            let senders = stage == .rcpt ? [] : [sender].compactMap(\.self)
            guard (senders + recipients).contains(where: { RulePattern.matches(pattern, RulePattern.domain(of: $0)) })
            else { return false }
        }
        return true
    }
}
