import Foundation

extension QueueMachine {
    func settle(_ settlement: Settlement, at time: Date) -> SettleResult {
        guard let job = jobs[settlement.lease.job] else { return .unknownJob }
        // The answer to the first time was lost: all of it is done already.
        if job.settledToken == settlement.lease.token { return .settled(job.state) }
        if let report = settlement.report { merge(report, into: job, at: time) }
        guard job.holds(settlement.lease) else {
            settleByLateFacts(job, at: time)
            return .leaseLost
        }
        job.settledToken = settlement.lease.token
        job.updatedAt = time
        if job.fingerprint == nil { job.fingerprint = settlement.fingerprint }
        if let reason = settlement.reason { job.error = reason }
        switch settlement.next {
        case .finished, .dead:
            finish(job, reason: settlement.reason, at: time)
        case .retry(let due):
            wait(job, until: due, now: time)
            job.lostAttempts = 0
            note(.retrying, job.header.id, at: time)
        case .snooze(let until):
            setAttempts(of: job, to: job.attempts - 1)
            wait(job, until: until, now: time)
            note(.snoozed, job.header.id, at: time)
        case .release:
            setAttempts(of: job, to: job.attempts - 1)
            wait(job, until: job.due, now: max(time, job.due))
            note(.released, job.header.id, at: time)
        case .held:
            move(job, to: .held)
            note(.held, job.header.id, at: time)
        }
        return .settled(job.state)
    }

    /// A late fact may leave nobody to be owed anything: then there is nothing to hand out again, and what was given up
    /// has arrived all the same.
    private func settleByLateFacts(_ job: Job, at time: Date) {
        switch job.state {
        case .ready, .scheduled:
            if !job.recipients.contains(where: { $0.status == .pending || $0.status == .unknown }) {
                finish(job, reason: job.error, at: time)
            }
        case .dead, .held:
            if job.recipients.allSatisfy({ $0.status == .sent }) { finish(job, reason: nil, at: time) }
        case .leased, .finished: break
        }
    }

    func end(_ id: JobID, reason: String, at time: Date) {
        guard let job = jobs[id], !job.state.isSettled else { return }
        finish(job, reason: reason, at: time)
    }

    /// Settles a job by what is recorded of its recipients: whoever is still owed the message has failed; anyone in
    /// doubt is left to a person.
    private func finish(_ job: Job, reason: String?, at time: Date) {
        job.updatedAt = time
        let reason = reason ?? job.error ?? job.recipients.first { $0.status != .sent }?.error
        for index in job.recipients.indices where job.recipients[index].status == .pending {
            job.recipients[index].status = .failed
            job.recipients[index].updatedAt = time
            if job.recipients[index].error == nil { job.recipients[index].error = reason }
        }
        if job.recipients.contains(where: { $0.status == .unknown }) {
            job.error = reason
            move(job, to: .held)
        } else if job.recipients.contains(where: { $0.status == .failed }) {
            job.error = reason
            move(job, to: .dead)
        } else {
            job.error = nil
            move(job, to: .finished)
            dropContent(of: job)
        }
        note(job.state == .finished ? .finished : job.state == .dead ? .dead : .held, job.header.id, at: time)
    }

    /// Merges what a delivery learnt. Facts only move forward: sent stays sent.
    private func merge(_ report: DeliveryReport, into job: Job, at time: Date) {
        for outcome in report.outcomes {
            for index in job.recipients.indices where job.recipients[index].recipient.address == outcome.recipient {
                merge(outcome, into: &job.recipients[index], mayRepeat: job.mayHaveBeenSent, at: time)
            }
        }
    }

    private func merge(
        _ outcome: RecipientOutcome, into record: inout RecipientRecord, mayRepeat: Bool, at time: Date
    ) {
        let wasSent = record.status == .sent
        if outcome.status == .accepted {
            record.isPossibleDuplicate = record.isPossibleDuplicate || mayRepeat || wasSent || record.status == .unknown
        }
        guard !wasSent else { return }
        record.updatedAt = time
        if !outcome.route.isEmpty { record.route = outcome.route }
        switch outcome.status {
        case .accepted:
            record.status = .sent
            record.sentAt = time
            record.error = nil
            record.remoteID = outcome.remoteID
        case .refused:
            record.status = .failed
            record.error = outcome.reply?.description
        case .refusedForNow:
            record.error = outcome.reply?.description
        case .unknown:
            if record.status == .pending { record.status = .unknown }
            record.error = outcome.reply?.description ?? "the answer was lost: it may or may not have been accepted"
        }
    }
}
