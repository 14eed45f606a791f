import Foundation
import Mailroom
import MailroomMemoryBroker
import MailroomTesting
import Synchronization

/// A broker in memory with a flaw. Several may stand before one store.
final class FlawedBroker: Broker {
    enum Flaw: CaseIterable {
        case none
        // Taking jobs in
        case losesTags, forgetsRoles, takesAgain, takesAgainInOneCall, readmitsTheFinished, failsOnNothing
        case limitsBatches, forgetsKeys, keysEndAtSettlement, keysEndByTime, keysNeverEnd, keysEndWithFailure
        case storesBeforeConflicts, ignoresConflicts, doubtsConflicts, ignoresKeysInOneCall, foldsKeys
        case cutsAtNUL, cutsPayloads, cutsLongText, foldsQueues, takesAnyQueue, mergesAttachments
        case dropsAttachmentsOfTheFinished, dropsAttachmentsOfTheRemoved, ignoresDueTimes
        case ignoresExpiry, forgetsExpiryOfScheduled
        // Leasing
        case latestFirst, ordersByArrival, releasesToTheEnd, reversesQueues, ignoresLimits, expiresInHand
        case leasesEndAtOnce, ignoresDurations, reusesTokens, ignoresExtensions, extendsTooLong, losesAllTogether
        case forgetsUnknownLeases, endsLeasesByTheClock, tellsNoLoss, handsOutAgain
        // Waiting
        case doesNotWait, sleepsUntilTheEnd, wakesForSubmissionsOnly, waitsTooLong, ignoresCancellation
        case answersWhenCancelled, cancelledCallsGoOn
        // Settling
        case answersWhatWasAsked, callsAllScheduled, retriesAtOnce, answersInReverse, knowsEveryJob
        case losesSettledLeases, settlesTwiceInOneCall, takesBackWhatIsToldAgain, retriesTheDead
        case forgetsFingerprints, keepsTheLastFingerprint, takesLateDecisions, letsFactsGoBack, countsTheMissing
        case trustsStrangers, forgetsDuplicates, dropsLateFacts, mergesAgain, forgetsErrors, keepsErrors
        case countsEveryLease, forgetsLostAttempts, callsAllLost, countsAttemptsAtTheirEnd
        // Administration
        case countsLeasedAsReady, countsTheRemoved, countsUnsorted, forgetsRetries, listsLeasesInReverse
        case hidesLeasesThatRanOut, listsBusyWorkersOnly, forgetsQueuesOfWorkers, seesWorkersLeaseOnly
        case listsTheOldestFirst, pagesByNumber, overlapsPages, listsByPlan
        case cancelsInHand, cancelsInName, cancelsWithoutReason, takesNoneForAll
        case forgetsRevival, revivesAll, keepsTheOldExpiry, forgetsInAnyState, forgetsInName, keepsForgottenKeys
        case prunesLivingKeys, prunesTheNew, prunesAnyState
        case erasesExactly, removesWhatItRedacts, forgetsWhatRemains, erasesSimilar, keepsTagsOfTheErased
        case erasesInName, freesKeysOfTheRedacted
        // Records and events
        case skipsTheUnknown, updatesWhenRead, forgetsRoutes, datesSendsAnew, listsSendsOldestFirst, matchesAnyTag
        case matchesExactly, countsUpToTheLimit, remembersTheRemoved
        case tellsReleasesAsRetries, tellsDoubtAsDeath, hidesRevivals, tellsTwice, tellsDuplicates
        case ignoresEventLimits, startsOver, beginsWithTheFirst, takesAnyCursor, doesNotWaitForEvents
        case waitsTooLongForEvents
        // Sharing
        case sharesNothing, tellsLeasesApart, keysOfItsOwn, workersOfItsOwn, cursorsOfItsOwn
    }

    /// What brokers on one store know, beside the store itself.
    final class Store: Sendable {
        struct Notes {
            var submissions: [JobID: Submission] = [:]
            var arrivals: [JobID: Int] = [:]
            var leases: [JobID: [Lease.ID]] = [:]
            var ends: [Lease.ID: Duration] = [:]
            var workers: [Lease.ID: String] = [:]
            var lastSeen: [String: Date] = [:]
            var settled: Set<Lease.ID> = []
            var toldAgain: Set<JobID> = []
            var outcomes: [JobID: [String: RecipientOutcome.Status]] = [:]
            var fingerprints: [JobID: Fingerprint] = [:]
            var reasons: [JobID: String] = [:]
            var dropped: Set<SHA256Digest> = []
            /// How often a key was freed.
            var freed: [String: Int] = [:]
            var forgottenKeys: [String: JobID] = [:]
            var removed: [JobID: JobRecord] = [:]
            var lastLeases: [Lease] = []
            /// Lease calls that were cancelled.
            var orphans: [LeaseRequest] = []
        }

        let inner: any BrokerAdministration & SendRecords & EventFeed
        let notes = Mutex(Notes())
        let submitted = Wakeup()

        init(_ clock: ManualClock) { inner = MemoryBroker(time: clock) }
    }

    let flaw: Flaw
    let clock: ManualClock
    let store: Store
    /// Tells brokers on one store apart.
    let number: Int
    /// The leases and workers that went through this broker.
    let own = Mutex<(leases: Set<Lease.ID>, workers: Set<String>)>(([], []))

    var inner: any BrokerAdministration & SendRecords & EventFeed { store.inner }

    init(_ flaw: Flaw, _ clock: ManualClock, _ store: Store, number: Int = 1) {
        self.flaw = flaw
        self.clock = clock
        self.store = store
        self.number = number
    }

    static func pair(_ flaw: Flaw, _ clock: ManualClock) -> [any Broker] {
        let store = Store(clock)
        let other = flaw == .sharesNothing ? Store(clock) : store
        return [FlawedBroker(flaw, clock, store), FlawedBroker(flaw, clock, other, number: 2)]
    }

    func note<Value>(_ body: (inout Store.Notes) -> Value) -> Value { store.notes.withLock { body(&$0) } }

    /// Every job, the latest first.
    func all() async throws(BrokerError) -> [JobRecord] {
        try await inner.jobs(matching: JobQuery(limit: 10_000)).jobs
    }

    // MARK: Taking jobs in

    func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        if flaw == .failsOnNothing, submissions.isEmpty { throw BrokerError(.unavailable, "Nothing to do.") }
        var changed: [Submission] = []
        for submission in submissions { changed.append(try await flawed(submission, with: changed)) }
        if flaw == .limitsBatches { changed = Array(changed.prefix(500)) }
        for submission in changed {
            note { notes in
                if notes.submissions[submission.id] != nil { return }
                notes.arrivals[submission.id] = notes.arrivals.count
                notes.submissions[submission.id] = submission
            }
        }
        var answers: [Admission]
        do {
            answers = try await inner.enqueue(changed)
        } catch {
            if flaw == .storesBeforeConflicts { for one in changed { _ = try? await inner.enqueue([one]) } }
            throw BrokerError(error.code, error.reason, mayHaveStored: flaw == .doubtsConflicts)
        }
        store.submitted.signal()
        if flaw == .cancelledCallsGoOn { for orphan in note({ $0.orphans }) { _ = try await inner.lease(orphan) } }
        for (index, answer) in answers.enumerated() {
            if flaw == .keepsForgottenKeys, let key = changed[index].idempotency?.key,
                let job = note({ $0.forgottenKeys[key] })
            {
                answers[index] = .duplicate(of: job)
            }
            if flaw == .tellsDuplicates, case .duplicate = answer {
                let other = again(changed[index])
                _ = try await inner.enqueue([other])
                _ = try await inner.cancel([other.id], reason: "a duplicate")
            }
        }
        return answers
    }

    private func again(_ submission: Submission) -> Submission {
        Submission(
            id: JobID(at: submission.createdAt, random: .system), queue: submission.queue,
            messageID: submission.messageID, recipients: submission.recipients, createdAt: submission.createdAt,
            notBefore: submission.notBefore, expiresAt: submission.expiresAt, payload: submission.payload,
            attachments: submission.attachments)
    }

    private func flawed(_ original: Submission, with earlier: [Submission]) async throws(BrokerError) -> Submission {
        var submission = original
        let isKnown = note { $0.submissions[original.id] != nil }
        switch flaw {
        case .losesTags: submission.tags = [:]
        case .forgetsRoles:
            for index in submission.recipients.indices { submission.recipients[index].role = .to }
        case .takesAgain: if isKnown { submission = again(submission) }
        case .takesAgainInOneCall:
            if earlier.contains(where: { $0.id == original.id }) { submission = again(submission) }
        case .readmitsTheFinished: _ = try await inner.forget([submission.id], in: [.finished])
        case .cutsAtNUL: submission.tags = submission.tags.mapValues { String($0.prefix { $0 != "\0" }) }
        case .cutsPayloads: submission.payload = Array(submission.payload.prefix { $0 != 0 })
        case .cutsLongText:
            for index in submission.recipients.indices {
                submission.recipients[index].address = String(submission.recipients[index].address.prefix(1000))
            }
        case .foldsQueues: submission.queue = folded(submission.queue)
        case .takesAnyQueue: submission.queue = .default
        case .mergesAttachments:
            var seen: Set<SHA256Digest> = []
            submission.attachments.removeAll { !seen.insert($0.digest).inserted }
        case .ignoresDueTimes: submission.notBefore = submission.createdAt
        case .ignoresExpiry: submission.expiresAt += 1e6
        case .forgetsExpiryOfScheduled where submission.notBefore > submission.createdAt:
            submission.expiresAt += 1e6
        default: break
        }
        submission.idempotency = flawed(original, with: earlier)
        return submission
    }

    private func flawed(_ submission: Submission, with earlier: [Submission]) -> Submission.Idempotency? {
        guard var guarded = submission.idempotency else { return nil }
        switch flaw {
        case .forgetsKeys: return nil
        case .keysEndAtSettlement: guarded.lifetime = .zero
        case .keysNeverEnd: guarded.lifetime = .seconds(1_000_000)
        case .keysEndByTime:
            let isOver = note { notes in
                notes.submissions.values.contains {
                    $0.idempotency?.key == guarded.key && clock.now().timeIntervalSince($0.createdAt) > 60
                }
            }
            if isOver { return nil }
        case .ignoresConflicts: guarded.fingerprint = Fingerprint(rawValue: 0)
        case .ignoresKeysInOneCall:
            if earlier.contains(where: { $0.idempotency?.key == guarded.key }) { return nil }
        case .foldsKeys: guarded.key = guarded.key.lowercased()
        case .keysOfItsOwn: guarded.key += " of \(number)"
        case .keysEndWithFailure, .freesKeysOfTheRedacted:
            let freed = note { $0.freed[guarded.key] ?? 0 }
            if freed > 0 { guarded.key += " \(freed)" }
        default: break
        }
        return guarded
    }

    func folded(_ queue: QueueName) -> QueueName {
        let name = queue.rawValue.lowercased().trimmingCharacters(in: .whitespaces)
        return QueueName(String(name.map { $0.isLetter ? $0 : "_" }))
    }
}
