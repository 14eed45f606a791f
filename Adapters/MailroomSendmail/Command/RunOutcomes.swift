import Mailroom

/// What is known of each recipient while a mail's runs follow each other.
struct RunOutcomes {
    private let recipients: [Recipient]
    private let route: String
    private var outcomes: [Int: RecipientOutcome] = [:]
    private var failures: [Int: TransportError] = [:]
    private var firstFailure: TransportError?

    init(_ recipients: [Recipient], route: String) {
        self.recipients = recipients
        self.route = route
    }

    mutating func refuse(_ index: Int, _ reply: Reply) { note(.reported(.refused, reply), for: [index]) }

    mutating func note(_ verdict: Verdict, for indices: [Int]) {
        switch verdict {
        case .reported(let status, let reply):
            for index in indices {
                outcomes[index] = RecipientOutcome(
                    recipient: recipients[index].address, status: status, reply: reply, route: route)
            }
        case .failed(let error, _):
            if firstFailure == nil { firstFailure = error }
            for index in indices { failures[index] = error }
        }
    }

    /// An outcome for everyone; throws where nobody has one. Those of a run that failed, or that was not begun because
    /// of it, are refused for now.
    func report() throws(TransportError) -> DeliveryReport {
        if outcomes.isEmpty, let firstFailure { throw firstFailure }
        return DeliveryReport(
            recipients.enumerated().map { index, recipient in
                if let outcome = outcomes[index] { return outcome }
                let error = failures[index] ?? firstFailure
                let reply = error.map { $0.reply ?? Reply(code: 0, text: $0.reason) }
                return RecipientOutcome(
                    recipient: recipient.address, status: .refusedForNow, reply: reply, route: route)
            })
    }
}
