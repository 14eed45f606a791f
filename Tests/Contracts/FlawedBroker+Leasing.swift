import Foundation
import Mailroom
import MailroomTesting
import Synchronization

extension FlawedBroker {
    func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] {
        own.withLock { _ = $0.workers.insert(request.worker) }
        note { $0.lastSeen[request.worker] = clock.now() }
        if flaw == .retriesTheDead { _ = try await inner.retry(try await all().map(\.id)) }
        var leases = try await wait(changed(request))
        if flaw == .handsOutAgain {
            note { notes in
                if leases.isEmpty { leases = notes.lastLeases }
                notes.lastLeases = leases
            }
        }
        if flaw == .keepsTheOldExpiry {
            for lease in leases where submission(lease.id.job).expiresAt <= clock.now() {
                _ = try await inner.settle([Settlement(lease.id, next: .dead)])
            }
            leases.removeAll { submission($0.id.job).expiresAt <= clock.now() }
        }
        for index in leases.indices {
            let id = leases[index].id
            note { notes in
                notes.leases[id.job, default: []].append(id)
                notes.ends[id] = clock.uptime() + request.duration
                notes.workers[id] = request.worker
            }
            own.withLock { _ = $0.leases.insert(id) }
            leases[index] = flawed(leases[index])
        }
        return leases
    }

    private func changed(_ original: LeaseRequest) -> LeaseRequest {
        var request = original
        switch flaw {
        case .reversesQueues: request.queues.reverse()
        case .foldsQueues: request.queues = request.queues.map(folded)
        case .takesAnyQueue: request.queues = [.default]
        case .ignoresLimits: request.limit = 10
        case .limitsBatches: request.limit = min(500, request.limit)
        case .leasesEndAtOnce: request.duration = .zero
        case .ignoresDurations: request.duration = .seconds(30)
        case .doesNotWait: request.wait = .zero
        case .waitsTooLong: request.wait *= 1000
        default: break
        }
        return request
    }

    private func wait(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] {
        var now = request
        now.wait = .zero
        let inner = inner
        let deadline = clock.uptime() + request.wait
        switch flaw {
        case .latestFirst: return try await take(now) { $0 > $1 }
        case .ordersByArrival: return try await take(now) { $0 < $1 }
        case .sleepsUntilTheEnd:
            try? await clock.sleep(until: deadline)
            return try await inner.lease(now)
        case .wakesForSubmissionsOnly:
            while true {
                let generation = store.submitted.generation
                let leases = try await inner.lease(now)
                if !leases.isEmpty || clock.uptime() >= deadline { return leases }
                do {
                    try await store.submitted.wait(after: generation, until: deadline, on: clock)
                } catch {
                    throw BrokerError(.cancelled, "Cancelled.")
                }
            }
        case .ignoresCancellation:
            let call = Task { () async -> Result<[Lease], BrokerError> in
                do throws(BrokerError) { return .success(try await inner.lease(request)) } catch {
                    return .failure(error)
                }
            }
            return try await call.value.get()
        case .answersWhenCancelled:
            do throws(BrokerError) {
                return try await inner.lease(request)
            } catch {
                if error.code == .cancelled { return [] }
                throw error
            }
        case .cancelledCallsGoOn:
            do throws(BrokerError) {
                return try await inner.lease(request)
            } catch {
                note { $0.orphans.append(now) }
                throw error
            }
        default: return try await inner.lease(request)
        }
    }

    /// Takes all, and gives back what comes later by its arrival.
    private func take(
        _ request: LeaseRequest, _ areInOrder: (Int, Int) -> Bool
    ) async throws(BrokerError) -> [Lease] {
        var all = request
        all.limit = 1000
        let arrivals = note { $0.arrivals }
        let leases = try await inner.lease(all)
            .sorted { areInOrder(arrivals[$0.id.job] ?? 0, arrivals[$1.id.job] ?? 0) }
        _ = try await inner.settle(leases.dropFirst(request.limit).map { Settlement($0.id, next: .release) })
        return Array(leases.prefix(request.limit))
    }

    func submission(_ job: JobID) -> Submission {
        note { $0.submissions[job] }
            ?? Submission(
                id: job, messageID: "", recipients: [], createdAt: clock.now(), expiresAt: clock.now())
    }

    private func flawed(_ original: Lease) -> Lease {
        var lease = original
        let job = lease.id.job
        switch flaw {
        case .reusesTokens:
            lease = Lease(
                id: .init(job: job, token: 1), submission: lease.submission, attempt: lease.attempt,
                recipients: lease.recipients)
        case .dropsAttachmentsOfTheFinished, .dropsAttachmentsOfTheRemoved:
            let dropped = note { $0.dropped }
            lease.submission.attachments.removeAll { dropped.contains($0.digest) }
        case .keepsTheLastFingerprint: lease.fingerprint = note { $0.fingerprints[job] }
        case .countsEveryLease: lease.attempt = note { $0.leases[job]?.count ?? 1 }
        case .forgetsLostAttempts: lease.earlierAttemptLost = false
        case .callsAllLost: lease.earlierAttemptLost = lease.attempt > 1
        case .forgetsRevival: lease.isRevived = false
        case .forgetsDuplicates:
            for index in lease.recipients.indices { lease.recipients[index].isPossibleDuplicate = false }
        case .letsFactsGoBack:
            for index in lease.recipients.indices {
                switch note({ $0.outcomes[job]?[lease.recipients[index].recipient.address] }) {
                case .accepted: lease.recipients[index].status = .sent
                case .refused: lease.recipients[index].status = .failed
                case .unknown: lease.recipients[index].status = .unknown
                case .refusedForNow, nil: lease.recipients[index].status = .pending
                }
            }
        default: break
        }
        return lease
    }

    // MARK: Extending

    func extend(_ leases: [Lease.ID], by time: Duration) async throws(BrokerError) -> [Lease.ID] {
        let leases = leases.map(real)
        noteCall(leases)
        switch flaw {
        case .ignoresExtensions: return []
        case .extendsTooLong: return try await inner.extend(leases, by: time + .seconds(25))
        case .endsLeasesByTheClock:
            let ends = note { $0.ends }
            let over = leases.filter { ends[$0].map { $0 <= clock.uptime() } ?? false }
            let lost = try await inner.extend(leases.filter { !over.contains($0) }, by: time)
            return leases.filter { over.contains($0) || lost.contains($0) }
        case .expiresInHand where leases.contains(where: isExpired): return leases
        case .tellsLeasesApart where leases.contains(where: { !isOwn($0) }): return leases
        default: break
        }
        let lost = try await inner.extend(leases, by: time)
        switch flaw {
        case .tellsNoLoss: return []
        case .losesAllTogether: return lost.isEmpty ? [] : leases
        case .forgetsUnknownLeases: return lost.filter { id in note { $0.submissions[id.job] != nil } }
        default: return lost
        }
    }

    /// The lease that a broker which reuses tokens means.
    func real(_ lease: Lease.ID) -> Lease.ID {
        flaw == .reusesTokens ? note { $0.leases[lease.job]?.last } ?? lease : lease
    }

    func isOwn(_ lease: Lease.ID) -> Bool { own.withLock { $0.leases.contains(lease) } }

    func isExpired(_ lease: Lease.ID) -> Bool { submission(lease.job).expiresAt <= clock.now() }

    func noteCall(_ leases: [Lease.ID]) {
        note { notes in for lease in leases { if let who = notes.workers[lease] { notes.lastSeen[who] = clock.now() } }
        }
    }
}
