import Foundation
import Mailroom
import MailroomTesting
import Synchronization

extension FlawedBroker: BrokerAdministration {
    func counts() async throws(BrokerError) -> [QueueCounts] {
        var counts = try await inner.counts()
        let removed = note { $0.removed.count }
        for index in counts.indices {
            switch flaw {
            case .countsLeasedAsReady:
                let leased = counts[index].jobs.removeValue(forKey: .leased) ?? 0
                counts[index].jobs[.ready, default: 0] += leased
            case .countsTheRemoved: counts[index].jobs[.dead, default: 0] += removed
            case .forgetsRetries: counts[index].retried = 0
            default: break
            }
        }
        return flaw == .countsUnsorted ? counts.reversed() : counts
    }

    func jobs(matching query: JobQuery) async throws(BrokerError) -> JobPage {
        switch flaw {
        case .listsTheOldestFirst:
            let page = try await inner.jobs(matching: query)
            return JobPage(jobs: page.jobs.reversed(), next: page.next)
        case .pagesByNumber, .overlapsPages:
            let start = query.after.flatMap { Int($0.rawValue) } ?? 0
            let found = try await all()
            let jobs = Array(found.dropFirst(start).prefix(query.limit))
            let end = start + jobs.count - (flaw == .overlapsPages ? 1 : 0)
            let isLast = start + jobs.count >= found.count
            return JobPage(jobs: jobs, next: isLast ? nil : .init(rawValue: String(end)))
        case .listsByPlan where query.states == [.scheduled]:
            return JobPage(jobs: try await all().filter { $0.notBefore > $0.createdAt }, next: nil)
        default: return try await inner.jobs(matching: query)
        }
    }

    func leasedJobs() async throws(BrokerError) -> [LeasedJob] {
        let leased = try await inner.leasedJobs()
        switch flaw {
        case .listsLeasesInReverse: return leased.reversed()
        case .hidesLeasesThatRanOut: return leased.filter { $0.remaining > .zero }
        default: return leased
        }
    }

    func workers() async throws(BrokerError) -> [WorkerRecord] {
        var workers = try await inner.workers()
        for index in workers.indices {
            if flaw == .forgetsQueuesOfWorkers { workers[index].queues = [] }
            // The memory broker's own book, where it is not kept at every call.
            if flaw != .seesWorkersLeaseOnly, let seen = note({ $0.lastSeen[workers[index].name] }) {
                workers[index].lastSeen = max(seen, workers[index].lastSeen)
            }
            if flaw == .seesWorkersLeaseOnly { workers[index].lastSeen = Date(timeIntervalSince1970: 1_700_000_000) }
        }
        if flaw == .listsBusyWorkersOnly { workers.removeAll { $0.jobs == 0 } }
        if flaw == .workersOfItsOwn {
            workers.removeAll { worker in !own.withLock { $0.workers.contains(worker.name) } }
        }
        return workers
    }

    func cancel(_ jobs: [JobID], reason: String) async throws(BrokerError) -> [JobID] {
        let inHand = try await inner.leasedJobs().map(\.job.id)
        let jobs = flaw == .takesNoneForAll && jobs.isEmpty ? try await all().map(\.id) : jobs
        if flaw == .cancelsInName { return jobs.filter { !inHand.contains($0) } }
        let ended = try await inner.cancel(jobs, reason: flaw == .cancelsWithoutReason ? "cancelled" : reason)
        return flaw == .cancelsInHand ? jobs.filter { ended.contains($0) || inHand.contains($0) } : ended
    }

    func retry(_ jobs: [JobID]) async throws(BrokerError) -> [JobID] {
        let revived = try await inner.retry(jobs)
        return flaw == .revivesAll ? jobs : revived
    }

    func forget(_ jobs: [JobID], in states: Set<JobState>) async throws(BrokerError) -> [JobID] {
        let states = flaw == .forgetsInAnyState ? Set(JobState.allCases) : states
        if flaw == .forgetsInName { return jobs }
        let before = try await all()
        let removed = try await inner.forget(jobs, in: states)
        for record in before where removed.contains(record.id) {
            note { notes in
                notes.removed[record.id] = record
                if let key = notes.submissions[record.id]?.idempotency?.key { notes.forgottenKeys[key] = record.id }
                if flaw == .dropsAttachmentsOfTheRemoved {
                    notes.dropped.formUnion(notes.submissions[record.id]?.attachments.map(\.digest) ?? [])
                }
            }
        }
        return removed
    }

    func prune(settledBefore time: Date, states: Set<JobState>) async throws(BrokerError) -> Int {
        let before = try await all()
        var count = 0
        switch flaw {
        case .prunesLivingKeys:
            let old = before.filter { $0.updatedAt < time && states.contains($0.state) }.map(\.id)
            count = try await inner.forget(old, in: states).count
        case .prunesTheNew: count = try await inner.prune(settledBefore: time + 1000, states: states)
        case .prunesAnyState:
            count = try await inner.prune(settledBefore: time, states: Set(JobState.allCases))
        default: count = try await inner.prune(settledBefore: time, states: states)
        }
        let left = try await all().map(\.id)
        for record in before where !left.contains(record.id) { note { $0.removed[record.id] = record } }
        return count
    }

    func erase(recipient address: String) async throws(BrokerError) -> Erasure {
        let jobs = try await all()
        let people = jobs.flatMap(\.recipients).map(\.recipient.address)
        switch flaw {
        case .erasesExactly where !people.contains(address): return Erasure()
        case .erasesInName: return Erasure(redacted: 1)
        case .removesWhatItRedacts:
            let shared = jobs.filter { $0.state.isSettled && $0.recipients.count > 1 }.map(\.id)
            _ = try await inner.forget(shared, in: [.finished, .dead, .held])
        case .erasesSimilar:
            for who in Set(people) where who.contains(address) { _ = try await inner.erase(recipient: who) }
        case .freesKeysOfTheRedacted: for job in jobs { freeKey(of: job.id) }
        default: break
        }
        var erasure = try await inner.erase(recipient: address)
        if flaw == .forgetsWhatRemains { erasure.remaining = [] }
        return erasure
    }
}
