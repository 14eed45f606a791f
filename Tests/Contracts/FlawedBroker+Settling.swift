import Mailroom
import MailroomTesting

extension FlawedBroker {
    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        noteCall(settlements.map(\.lease))
        var results: [SettleResult] = []
        var inThisCall: Set<Lease.ID> = []
        for settlement in settlements {
            let isRepeatedHere = !inThisCall.insert(settlement.lease).inserted
            results.append(try await settle(settlement, isRepeatedHere: isRepeatedHere))
        }
        if flaw == .answersInReverse { results.reverse() }
        return results
    }

    private func settle(_ original: Settlement, isRepeatedHere: Bool) async throws(BrokerError) -> SettleResult {
        var settlement = original
        settlement.lease = real(settlement.lease)
        let (lease, job) = (settlement.lease, settlement.lease.job)
        let isRepeated = note { !$0.settled.insert(lease).inserted }
        if isRepeated {
            if flaw == .losesSettledLeases || flaw == .settlesTwiceInOneCall && isRepeatedHere { return .leaseLost }
            note { _ = $0.toldAgain.insert(job) }
        }
        if flaw == .expiresInHand, isExpired(lease) { return .leaseLost }
        if flaw == .tellsLeasesApart, !isOwn(lease) { return .leaseLost }
        change(&settlement)
        note { notes in
            for outcome in settlement.report?.outcomes ?? [] {
                notes.outcomes[job, default: [:]][outcome.recipient] = outcome.status
            }
            if let told = settlement.fingerprint { notes.fingerprints[job] = told }
            if let reason = settlement.reason { notes.reasons[job] = reason }
        }
        let result = try await inner.settle([settlement])[0]
        if case .settled(let state) = result { after(state, of: job) }
        if flaw == .takesBackWhatIsToldAgain, isRepeated, let current = note({ $0.leases[job]?.last }), current != lease
        {
            _ = try await inner.settle([Settlement(current, next: .release)])
        }
        return answer(result, to: settlement.next)
    }

    private func change(_ settlement: inout Settlement) {
        let job = settlement.lease.job
        let current = note { $0.leases[job]?.last }
        let people = submission(job).recipients.map(\.address)
        let outcomes = settlement.report?.outcomes ?? []
        switch (flaw, settlement.next) {
        case (.releasesToTheEnd, .release): settlement.next = .snooze(until: clock.now())
        case (.retriesAtOnce, .retry): settlement.next = .retry(notBefore: clock.now())
        case (.takesLateDecisions, _): if let current { settlement.lease = current }
        case (.dropsLateFacts, _): if current != settlement.lease { settlement.report = nil }
        case (.forgetsFingerprints, _): settlement.fingerprint = nil
        case (.countsTheMissing, _) where settlement.report != nil:
            settlement.report?.outcomes += people.filter { who in !outcomes.contains { $0.recipient == who } }
                .map { RecipientOutcome(recipient: $0, status: .refused) }
        case (.trustsStrangers, _):
            settlement.report?.outcomes += outcomes.filter { !people.contains($0.recipient) }
                .map { RecipientOutcome(recipient: people.last ?? "", status: $0.status) }
        default: break
        }
    }

    private func after(_ state: JobState, of job: JobID) {
        if flaw == .dropsAttachmentsOfTheFinished, state.isSettled {
            note { $0.dropped.formUnion($0.submissions[job]?.attachments.map(\.digest) ?? []) }
        }
        if flaw == .keysEndWithFailure, state == .dead || state == .held { freeKey(of: job) }
    }

    func freeKey(of job: JobID) {
        note { notes in
            if let key = notes.submissions[job]?.idempotency?.key { notes.freed[key, default: 0] += 1 }
        }
    }

    private func answer(_ result: SettleResult, to next: Settlement.Next) -> SettleResult {
        switch (flaw, result, next) {
        case (.answersWhatWasAsked, .settled, .finished): .settled(.finished)
        case (.answersWhatWasAsked, .settled, .dead): .settled(.dead)
        case (.callsAllScheduled, .settled(.ready), _): .settled(.scheduled)
        case (.knowsEveryJob, .unknownJob, _): .leaseLost
        default: result
        }
    }
}
