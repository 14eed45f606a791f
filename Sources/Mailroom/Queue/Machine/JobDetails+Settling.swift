package import Foundation

extension JobDetails {
    /// Merges what a worker says and takes its decision if its lease holds. Answers the change to be told, if any.
    package mutating func settle(
        _ settlement: Settlement, _ entry: JobEntry, flags: JobEntry.Flags, isHeld: Bool, at time: Date
    ) -> (result: SettleResult, change: JobChange?) {
        // The answer to the first time was lost: all of it is done already.
        if settledToken == settlement.lease.token { return (.settled(entry.state), nil) }
        var change = JobChange(entry, at: time.milliseconds, flags: flags)
        if let report = settlement.report { merge(report, mayRepeat: flags.contains(.mayHaveBeenSent), at: time) }
        guard isHeld else {
            settleByLateFacts(entry.state, &change, at: time)
            let isNews = settlement.report != nil || change.event != nil
            return (.leaseLost, isNews ? change : nil)
        }
        settledToken = settlement.lease.token
        updatedAt = time
        if fingerprint == nil { fingerprint = settlement.fingerprint }
        if let reason = settlement.reason { error = reason }
        switch settlement.next {
        case .finished, .dead:
            finish(reason: settlement.reason, &change, at: time)
        case .retry(let due):
            change.next = .waiting(due: due.milliseconds)
            change.lostAttempts = 0
            change.event = .retrying
        case .snooze(let until):
            change.next = .waiting(due: until.milliseconds)
            change.attempts -= min(1, change.attempts)
            change.event = .snoozed
        case .release:
            // At once, even where the clock was set back since it came into line.
            change.next = .waiting(due: min(entry.time, time.milliseconds))
            change.attempts -= min(1, change.attempts)
            change.event = .released
        case .held:
            change.next = .settled(.held, keyUntil: keyUntil(time))
            change.event = .held
        }
        return (.settled(change.state ?? entry.state), change)
    }

    /// A late fact may leave nobody to be owed anything: then there is nothing to hand out again, and what was given up
    /// has arrived all the same.
    private mutating func settleByLateFacts(_ state: JobState, _ change: inout JobChange, at time: Date) {
        switch state {
        case .ready, .scheduled:
            if !recipients.contains(where: { $0.status == .pending || $0.status == .unknown }) {
                finish(reason: error, &change, at: time)
            }
        case .dead, .held:
            if recipients.allSatisfy({ $0.status == .sent }) { finish(reason: nil, &change, at: time) }
        case .leased, .finished: break
        }
    }

    /// Settles a job by what is recorded of its recipients: whoever is still owed the message has failed; anyone in
    /// doubt is left to a person.
    mutating func finish(reason: String?, _ change: inout JobChange, at time: Date) {
        updatedAt = time
        let reason = reason ?? error ?? recipients.first { $0.status != .sent }?.error
        for index in recipients.indices where recipients[index].status == .pending {
            recipients[index].status = .failed
            recipients[index].updatedAt = time
            if recipients[index].error == nil { recipients[index].error = reason }
        }
        let state: JobState
        if recipients.contains(where: { $0.status == .unknown }) {
            state = .held
        } else if recipients.contains(where: { $0.status == .failed }) {
            state = .dead
        } else {
            state = .finished
            content = .none
            change.flags.remove(.hasContent)
        }
        error = state == .finished ? nil : reason
        change.next = .settled(state, keyUntil: keyUntil(time))
        change.event = state == .finished ? .finished : state == .dead ? .dead : .held
    }

    /// Merges what a delivery learnt. Facts only move forward: sent stays sent.
    private mutating func merge(_ report: DeliveryReport, mayRepeat: Bool, at time: Date) {
        for outcome in report.outcomes {
            for index in recipients.indices where recipients[index].recipient.address == outcome.recipient {
                recipients[index].merge(outcome, mayRepeat: mayRepeat, at: time)
            }
        }
    }
}

extension JobChange {
    /// The state that the job is in afterwards; `nil` where it stays in its state.
    package var state: JobState? {
        switch next {
        case .same: nil
        case .waiting(let due): due > time ? .scheduled : .ready
        case .settled(let state, _): state
        }
    }
}

extension RecipientRecord {
    fileprivate mutating func merge(_ outcome: RecipientOutcome, mayRepeat: Bool, at time: Date) {
        let wasSent = status == .sent
        if outcome.status == .accepted {
            isPossibleDuplicate = isPossibleDuplicate || mayRepeat || wasSent || status == .unknown
        }
        guard !wasSent else { return }
        updatedAt = time
        if !outcome.route.isEmpty { route = outcome.route }
        switch outcome.status {
        case .accepted:
            status = .sent
            sentAt = time
            error = nil
            remoteID = outcome.remoteID
        case .refused:
            status = .failed
            error = outcome.reply?.description
        case .refusedForNow:
            error = outcome.reply?.description
        case .unknown:
            if status == .pending { status = .unknown }
            error = outcome.reply?.description ?? "the answer was lost: it may or may not have been accepted"
        }
    }
}
