package import Foundation

/// A queue: a table of its jobs, and a store of their details. What a call does is decided here, once for every broker
/// that keeps its jobs this way; the store brings it about.
package protocol StoredQueue: AnyObject {
    var table: QueueTable { get }

    /// What is recorded of a job.
    func details(of slot: Slot) throws(BrokerError) -> JobDetails

    /// Keeps the new details of jobs, each job once, and tells the table.
    func store(_ jobs: [ChangedJob]) throws(BrokerError)

    /// Removes what is kept of jobs, and tells the table.
    func remove(_ jobs: [Slot], at time: Date) throws(BrokerError)
}

/// A job whose details are to be stored anew.
package struct ChangedJob: Sendable {
    package var slot: Slot
    package var change: JobChange
    package var details: JobDetails
    /// The attachments that the job has given up with its content.
    package var dropped: [SHA256Digest]

    package init(slot: Slot, change: JobChange, details: JobDetails, dropped: [SHA256Digest] = []) {
        self.slot = slot
        self.change = change
        self.details = details
        self.dropped = dropped
    }
}

extension JobDetails.Content {
    /// The attachments that the content has.
    package var digests: [SHA256Digest] {
        switch self {
        case .bytes(_, let attachments): attachments.map(\.digest)
        case .stored(_, _, _, let digests): digests
        case .none: []
        }
    }

    package var isNone: Bool { if case .none = self { true } else { false } }
}

extension StoredQueue {
    // MARK: Coming in

    /// What enqueueing answers, and which of the submissions, by position, are new. All or nothing: a conflict of one
    /// refuses all.
    package func admissions(
        for submissions: [Submission], now: Date
    ) throws(BrokerError) -> (answers: [Admission], new: [Int]) {
        var answers: [Admission] = []
        var new: [Int] = []
        answers.reserveCapacity(submissions.count)
        new.reserveCapacity(submissions.count)
        var ownIDs: Set<JobID> = []
        var ownKeys: [String: (JobID, Fingerprint)] = [:]
        for (index, submission) in submissions.enumerated() {
            if table.slot(of: submission.id) != nil
                || submissions.count > 1 && !ownIDs.insert(submission.id).inserted
            {
                answers.append(.duplicate(of: submission.id))
                continue
            }
            if let guarded = submission.idempotency {
                var known = ownKeys[guarded.key]
                if known == nil { known = try liveJob(forKey: guarded.key, now: now) }
                if let known {
                    guard known.1 == guarded.fingerprint else {
                        throw BrokerError(
                            .conflict,
                            "the idempotency key \"\(guarded.key)\" belongs to job \(known.0), which says something "
                                + "else: give another message another key",
                            mayHaveStored: false)
                    }
                    answers.append(.duplicate(of: known.0))
                    continue
                }
                ownKeys[guarded.key] = (submission.id, guarded.fingerprint)
            }
            answers.append(.queued(submission.id))
            new.append(index)
        }
        return (answers, new)
    }

    /// The job that a key stands for, while the key lives: until settlement and its lifetime after that.
    private func liveJob(forKey key: String, now: Date) throws(BrokerError) -> (JobID, Fingerprint)? {
        for slot in table.slots(withKeyHash: JobFilter.hash(key: key)) {
            guard table[slot].keyIsAlive(now.milliseconds) else { continue }
            let header = try details(of: slot).header
            if let guarded = header.idempotency, guarded.key == key { return (header.id, guarded.fingerprint) }
        }
        return nil
    }

    // MARK: Settling

    /// Merges facts and takes the decisions of leases that hold. `known` are details that the caller has read already,
    /// as they still are.
    package func settle(
        _ settlements: [Settlement], known: [Slot: JobDetails] = [:], at time: Date
    ) throws(BrokerError) -> [SettleResult] {
        var results: [SettleResult] = []
        results.reserveCapacity(settlements.count)
        var changed: [ChangedJob] = []
        changed.reserveCapacity(settlements.count)
        var touched: Set<Slot> = []
        for settlement in settlements {
            guard let slot = table.slot(of: settlement.lease.job) else {
                results.append(.unknownJob)
                continue
            }
            let isAgain = settlements.count > 1 && !touched.insert(slot).inserted
            if isAgain {
                try store(changed)
                changed.removeAll(keepingCapacity: true)
                touched = [slot]
            }
            let entry = table[slot]
            var details: JobDetails
            if !isAgain, let read = known[slot] { details = read } else { details = try self.details(of: slot) }
            let digests = details.content.digests
            let (result, change) = details.settle(
                settlement, entry, flags: table.flags(of: entry),
                isHeld: table.leases.token(of: slot) == settlement.lease.token, at: time)
            results.append(result)
            guard let change else { continue }
            changed.append(
                ChangedJob(
                    slot: slot, change: change, details: details, dropped: details.content.isNone ? digests : []))
        }
        if !changed.isEmpty { try store(changed) }
        return results
    }

    /// Ends jobs that ran out of time in line. Nobody holds them.
    package func end(_ ids: [JobID], reason: String, at time: Date) throws(BrokerError) {
        try change(ids) { details, entry, flags in details.end(reason: reason, entry, flags: flags, at: time) }
    }

    private func change(
        _ ids: [JobID], _ body: (inout JobDetails, JobEntry, JobEntry.Flags) -> JobChange
    ) throws(BrokerError) {
        var changed: [ChangedJob] = []
        for id in ids {
            guard let slot = table.slot(of: id) else { continue }
            var details = try details(of: slot)
            let digests = details.content.digests
            let entry = table[slot]
            let change = body(&details, entry, table.flags(of: entry))
            changed.append(
                ChangedJob(
                    slot: slot, change: change, details: details, dropped: details.content.isNone ? digests : []))
        }
        if !changed.isEmpty { try store(changed) }
    }

    // MARK: What people do

    /// Ends jobs that nobody holds and nothing has settled. Answers those it ended.
    package func cancel(_ ids: [JobID], reason: String, at time: Date) throws(BrokerError) -> [JobID] {
        let ended = chosen(ids) { $0.state == .ready || $0.state == .scheduled }
        try end(ended, reason: reason, at: time)
        return ended
    }

    /// Makes dead and held jobs ready again. Answers those it revived.
    package func retry(_ ids: [JobID], at time: Date) throws(BrokerError) -> [JobID] {
        let revived = chosen(ids) { ($0.state == .dead || $0.state == .held) && $0.flags.contains(.hasContent) }
        try change(revived) { details, entry, flags in details.revive(entry, flags: flags, at: time) }
        return revived
    }

    /// Removes jobs in one of these states. Answers those it removed.
    package func forget(_ ids: [JobID], in states: Set<JobState>, at time: Date) throws(BrokerError) -> [JobID] {
        table.promote(now: time.milliseconds)
        let removed = chosen(ids) { $0.state != .leased && states.contains($0.state) }
        try remove(removed.compactMap { table.slot(of: $0) }, at: time)
        return removed
    }

    /// Each of these ids once, where the job is there and as asked.
    private func chosen(_ ids: [JobID], where isMeant: (JobEntry) -> Bool) -> [JobID] {
        var seen: Set<JobID> = []
        return ids.filter { id in
            guard let slot = table.slot(of: id), isMeant(table[slot]) else { return false }
            return ids.count == 1 || seen.insert(id).inserted
        }
    }

    /// Removes jobs that were settled long enough ago and are guarded by no living key, at most so many. Answers how
    /// many.
    package func prune(
        settledBefore limit: Date, states: Set<JobState>, atMost most: Int, now: Date
    ) throws(BrokerError) -> Int {
        let (limit, nowMilliseconds) = (limit.milliseconds, now.milliseconds)
        let settled = states.filter(\.isSettled)
        let found = table.slots(atMost: most) { entry in
            entry.time < limit && settled.contains(entry.state) && !entry.keyIsAlive(nowMilliseconds)
        }
        if !found.isEmpty { try remove(found, at: now) }
        return found.count
    }

    /// Removes a recipient from everything that names it.
    package func erase(_ address: String, at time: Date) throws(BrokerError) -> Erasure {
        var erasure = Erasure()
        let bit = JobFilter.bit(recipient: address)
        var removed: [Slot] = []
        var redacted: [JobID] = []
        for slot in table.slots(where: { $0.filter & bit != 0 }) {
            let entry = table[slot]
            switch try details(of: slot).erasing(address, entry.state) {
            case .remove: removed.append(slot)
            case .redact: redacted.append(entry.id)
            case .leave: erasure.remaining.append(entry.id)
            case nil: break
            }
        }
        if !removed.isEmpty { try remove(removed, at: time) }
        try change(redacted) { details, entry, flags in details.erase(address, entry, flags: flags, at: time) }
        erasure.removed = removed.count
        erasure.redacted = redacted.count
        return erasure
    }
}
