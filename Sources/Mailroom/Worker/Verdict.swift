import Foundation

/// How an attempt ends: the one place where an outcome turns into a settlement. Pure.
struct Verdict {
    var lease: Lease
    var policy: any RetryPolicy
    var unknownOutcomes: UnknownOutcomes
    var jobLimit: Duration
    var now: Date
    var random: UInt64

    /// What became of an attempt, seen by its worker.
    enum Ending: Sendable {
        case attempted(Attempt.Result)
        /// Cancelled at its time limit; this is what the transport said then.
        case timedOut(Attempt.Result)
        /// Cancelled because its lease went to another worker.
        case interrupted(Attempt.Result)
        /// It did not return after cancellation: everyone it was for is in doubt.
        case abandoned([Recipient])
        /// The attempt before this one was lost with its worker.
        case workerLost
    }

    /// What a settlement says, and the failed attempt's cause for the log.
    struct Decision {
        var settlement: Settlement
        var failure: String?
    }

    func decision(on ending: Ending) -> Decision {
        switch ending {
        case .workerLost:
            return failed(
                .workerLost, attempt: lease.attempt - 1,
                reason: "workerLost: the worker died during attempt \(lease.attempt - 1)")
        case .abandoned(let recipients):
            return reported(DeliveryReport(all: recipients, .unknown), nil)
        case .timedOut(.transportFailed(let error, let fingerprint)) where error.code == .cancelled:
            return failed(
                .timeLimit(jobLimit), reason: "the attempt was stopped at its limit of \(jobLimit)",
                fingerprint: fingerprint)
        case .timedOut(.renderingFailed(let error)) where error.code == .cancelled:
            return failed(.timeLimit(jobLimit), reason: "rendering was stopped at the job's limit of \(jobLimit)")
        case .interrupted(.transportFailed(let error, _)) where error.code == .cancelled:
            return Decision(settlement: Settlement(lease.id, next: .release))
        case .interrupted(.renderingFailed(let error)) where error.code == .cancelled:
            return Decision(settlement: Settlement(lease.id, next: .release))
        case .attempted(let result), .timedOut(let result), .interrupted(let result):
            return decision(on: result)
        }
    }

    private func decision(on result: Attempt.Result) -> Decision {
        switch result {
        case .delivered(let report, let fingerprint):
            return reported(report, fingerprint)
        case .transportFailed(let error, let fingerprint):
            if let wait = error.retryAfter { return snoozed(wait, reason: error.description, report: nil) }
            guard error.isTransient else {
                return ended(.dead, reason: error.description, report: nil, fingerprint: fingerprint)
            }
            return failed(.transport(error), reason: error.description, fingerprint: fingerprint)
        case .renderingFailed(let error):
            switch error.code {
            case .unavailable, .cancelled: return failed(.rendering(error), reason: error.reason)
            case .invalidValues: return ended(.dead, reason: error.reason, report: nil, fingerprint: nil)
            default: return ended(.held, reason: error.reason, report: nil, fingerprint: nil)
            }
        case .unfit(let reason):
            return ended(.held, reason: reason, report: nil, fingerprint: nil)
        }
    }

    private func reported(_ report: DeliveryReport, _ fingerprint: Fingerprint?) -> Decision {
        let owed = report.outcomes.filter { outcome in
            outcome.status == .refusedForNow || outcome.status == .unknown && unknownOutcomes == .retry
        }
        let reason = report.outcomes.first { $0.status != .accepted }.map(\.explanation)
        guard !owed.isEmpty else {
            // Whoever is in doubt and not to be tried again makes the broker hold the job.
            let isComplete = report.outcomes.allSatisfy { $0.status == .accepted }
            let settlement = Settlement(
                lease.id, report: report, next: isComplete ? .finished : .dead, reason: reason,
                fingerprint: fingerprint)
            return Decision(settlement: settlement, failure: reason)
        }
        if let wait = report.retryAfter, !owed.contains(where: { $0.status == .unknown }) {
            return snoozed(wait, reason: reason ?? "asked to wait", report: report, fingerprint: fingerprint)
        }
        return failed(.report(report), reason: reason ?? "refused", report: report, fingerprint: fingerprint)
    }

    /// Another attempt or the end, as the policy says.
    private func failed(
        _ cause: FailedAttempt.Cause, attempt: Int? = nil, reason: String, report: DeliveryReport? = nil,
        fingerprint: Fingerprint? = nil
    ) -> Decision {
        let elapsed = Duration.milliseconds(now.milliseconds - lease.submission.createdAt.milliseconds)
        let failure = FailedAttempt(
            attempt: attempt ?? lease.attempt, cause: cause, elapsed: elapsed, random: random)
        switch policy.decision(for: failure) {
        case .giveUp:
            return ended(.dead, reason: reason, report: report, fingerprint: fingerprint)
        case .retry(let wait):
            let due = now.advanced(by: wait)
            guard due < lease.submission.expiresAt else {
                return ended(
                    .dead, reason: "\(reason) (the message expires before another attempt)", report: report,
                    fingerprint: fingerprint)
            }
            let settlement = Settlement(
                lease.id, report: report, next: .retry(notBefore: due), reason: reason, fingerprint: fingerprint)
            return Decision(settlement: settlement, failure: reason)
        }
    }

    private func snoozed(
        _ wait: Duration, reason: String, report: DeliveryReport?, fingerprint: Fingerprint? = nil
    ) -> Decision {
        let until = now.advanced(by: max(wait, .seconds(1)))
        guard until < lease.submission.expiresAt else {
            return ended(
                .dead, reason: "\(reason) (the message expires before then)", report: report, fingerprint: fingerprint)
        }
        return Decision(
            settlement: Settlement(
                lease.id, report: report, next: .snooze(until: until), reason: reason, fingerprint: fingerprint))
    }

    private func ended(
        _ next: Settlement.Next, reason: String, report: DeliveryReport?, fingerprint: Fingerprint?
    ) -> Decision {
        Decision(
            settlement: Settlement(lease.id, report: report, next: next, reason: reason, fingerprint: fingerprint),
            failure: reason)
    }
}

extension RecipientOutcome {
    /// Why a recipient does not have the message, in one line.
    fileprivate var explanation: String {
        let words =
            reply?.description ?? (status == .unknown ? "the answer was lost after the message was sent" : "refused")
        return "<\(recipient)>: \(words)"
    }
}
