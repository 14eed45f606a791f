/// One mail's way through a group of transports: who still goes on, and what became of the others.
struct DeliveryRound {
    private let mail: Mail
    private let book: RouteBook
    /// Whom any transport may be given.
    private var free: Set<String> = []
    /// Who belongs to one transport, because an earlier attempt may have reached them there.
    private var bound: [String: (child: Int, route: String)] = [:]
    private var outcomes: [String: RecipientOutcome] = [:]
    private var waits: [String: Duration] = [:]
    private var errors: [(name: String, error: TransportError)] = []
    private var isReported = false

    init(_ mail: Mail, _ book: RouteBook) {
        self.mail = mail
        self.book = book
        for recipient in mail.envelope.recipients {
            guard let route = mail.earlierRoutes[recipient.address] else {
                free.insert(recipient.address)
                continue
            }
            if let owner = book.owner(of: route) {
                bound[recipient.address] = owner
            } else {
                outcomes[recipient.address] = RouteBook.held(recipient, on: route)
                isReported = true
            }
        }
    }

    /// What a transport is to be given; `nil` where nobody is left for it.
    func mail(for child: Int) -> Mail? {
        let recipients = mail.envelope.recipients.filter {
            free.contains($0.address) || bound[$0.address]?.child == child
        }
        guard !recipients.isEmpty else { return nil }
        var routes: [String: String] = [:]
        for recipient in recipients {
            if let route = bound[recipient.address]?.route, !route.isEmpty { routes[recipient.address] = route }
        }
        return mail.restricted(to: recipients, earlierRoutes: routes)
    }

    /// Whether cancellation or the deadline keeps it from the next transport.
    mutating func mayGoOn() -> Bool {
        if errors.last?.error.code == .cancelled { return false }
        if Task.isCancelled {
            errors.append(("cancelled", TransportError(.cancelled, "The delivery was cancelled between transports.")))
            return false
        }
        if ContinuousClock.now >= mail.deadline {
            if errors.isEmpty {
                errors.append(("time", TransportError(.timedOut, "The mail's time ran out between transports.")))
            }
            return false
        }
        return true
    }

    mutating func take(_ report: DeliveryReport, of child: Int, for part: Mail) {
        let report = book.report(report, of: child, for: part.envelope.recipients)
        isReported = true
        for outcome in report.outcomes {
            outcomes[outcome.recipient] = outcome
            waits[outcome.recipient] = report.retryAfter
            bound[outcome.recipient] = nil
            let isOfNextHop = outcome.status == .refusedForNow && (report.retryAfter != nil || outcome.isAboutNextHop)
            if !isOfNextHop { free.remove(outcome.recipient) }
        }
    }

    mutating func take(_ error: TransportError, of child: Int, for part: Mail) {
        errors.append((book.children[child].name, error))
        for recipient in part.envelope.recipients where bound[recipient.address] != nil {
            outcomes[recipient.address] = RecipientOutcome(recipient, error, in: mail)
            waits[recipient.address] = error.retryAfter
            bound[recipient.address] = nil
        }
    }

    /// The report on everyone; throws if no transport reported.
    func result() throws(TransportError) -> DeliveryReport {
        let error = TransportError.combined(errors, "No transport took the mail.")
        guard isReported else { throw error }
        let all = mail.envelope.recipients.map { recipient in
            outcomes[recipient.address] ?? RecipientOutcome(recipient, error, in: mail)
        }
        let reported = all.filter { $0.status == .refusedForNow && outcomes[$0.recipient] != nil }
        let asked = reported.map { waits[$0.recipient] } + errors.map(\.error.retryAfter)
        return DeliveryReport(all, retryAfter: asked.commonWait)
    }
}

extension RecipientOutcome {
    /// Whether a refusal is about the next hop itself rather than the recipient: another may take the mail.
    fileprivate var isAboutNextHop: Bool {
        guard let reply else { return false }
        return reply.code == 421 || ["4.3.", "4.4."].contains { reply.enhancedStatus?.hasPrefix($0) == true }
    }
}
