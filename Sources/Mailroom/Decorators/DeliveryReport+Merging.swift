extension DeliveryReport {
    /// This report with one outcome for everyone: whom the transport left out is in doubt, whom it was not given is
    /// left out.
    func completed(for recipients: [Recipient]) -> DeliveryReport {
        let isPlain =
            outcomes.count == recipients.count && zip(outcomes, recipients).allSatisfy { $0.recipient == $1.address }
        guard !isPlain else { return self }
        var known = Dictionary(outcomes.map { ($0.recipient, $0) }, uniquingKeysWith: { $1.merged(after: $0) })
        return DeliveryReport(
            recipients.compactMap { recipient in
                known.removeValue(forKey: recipient.address)
                    ?? RecipientOutcome(recipient: recipient.address, status: .unknown)
            }, retryAfter: retryAfter)
    }
}

extension RecipientOutcome {
    /// One of two outcomes that were reported for the same address: acceptance counts, then doubt.
    fileprivate func merged(after earlier: RecipientOutcome) -> RecipientOutcome {
        let weight: [Status: Int] = [.accepted: 3, .unknown: 2, .refusedForNow: 1, .refused: 0]
        return weight[status, default: 0] >= weight[earlier.status, default: 0] ? self : earlier
    }

    /// What a thrown error means for a recipient, where others of the same mail were reported on. It ends nobody's
    /// doubt: whom an earlier attempt may have reached is not refused for good by one that did not.
    init(_ recipient: Recipient, _ error: TransportError, in mail: Mail) {
        let earlierRoute = mail.earlierRoutes[recipient.address]
        self.init(
            recipient: recipient.address,
            status: error.isTransient || earlierRoute != nil ? .refusedForNow : .refused,
            reply: error.reply ?? Reply(code: 0, text: error.reason), route: earlierRoute ?? "")
    }
}

extension TransportError {
    /// What several failed deliveries of one mail come to: worth another try if any of them is, a wait that uses up no
    /// attempt if all of them asked to wait.
    static func combined(_ errors: [(name: String, error: TransportError)], _ title: String) -> TransportError {
        guard let first = errors.first?.error else {
            return TransportError(.unsupported, "There is no transport: add one.", isTransient: false)
        }
        guard errors.count > 1 else { return first }
        let all = errors.map(\.error)
        if let cancelled = all.first(where: { $0.code == .cancelled }) { return cancelled }
        let wait = all.map(\.retryAfter).commonWait
        let isTransient = all.contains(where: \.isTransient)
        let telling = all.first { $0.isTransient == isTransient && ($0.retryAfter == nil) == (wait == nil) }
        return TransportError(
            (telling ?? first).code,
            "\(title) " + errors.map { "\($0.name): \($0.error)" }.joined(separator: "; "), isTransient: isTransient,
            retryAfter: wait)
    }
}

extension Collection<Duration?> {
    /// The shortest wait, if all of them asked for one.
    var commonWait: Duration? {
        let waits = compactMap { $0 }
        return waits.count == count ? waits.min() : nil
    }
}
