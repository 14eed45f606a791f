public import Foundation
public import Mailroom
import Synchronization

extension MemoryBroker: SendRecords {
    /// The records of these jobs, in this order.
    public func records(of jobs: [JobID]) async throws(BrokerError) -> [JobRecord?] {
        machine.withLock { machine in jobs.map(machine.record) }
    }

    /// The latest sends that match; looks through all jobs.
    public func sends(matching query: SendQuery) async throws(BrokerError) -> [Send] {
        machine.withLock { $0.sends(matching: query) }
    }

    /// Counts sends by status; looks through all jobs.
    public func sendCounts(matching query: SendQuery) async throws(BrokerError) -> [RecipientRecord.Status: Int] {
        machine.withLock { $0.sendCounts(matching: query) }
    }
}

extension MemoryBroker: BrokerAdministration {
    /// Jobs by queue and state, in constant time.
    public func counts() async throws(BrokerError) -> [QueueCounts] {
        let now = time.now()
        return machine.withLock { $0.counts(now: now) }
    }

    /// Ends jobs that no worker holds.
    public func cancel(_ jobs: [JobID], reason: String) async throws(BrokerError) -> [JobID] {
        let now = time.now()
        return machine.withLock { machine in
            let ended = machine.cancellable(jobs)
            machine.apply(.ended(ended, reason: reason, at: now))
            changes.signal()
            return ended
        }
    }

    /// Makes dead and held jobs ready again.
    public func retry(_ jobs: [JobID]) async throws(BrokerError) -> [JobID] {
        let now = time.now()
        let revived = machine.withLock { machine in
            let revived = machine.revivable(jobs)
            machine.apply(.revived(revived, at: now))
            return revived
        }
        changes.signal()
        return revived
    }

    /// Removes records of jobs settled before a time.
    public func prune(settledBefore limit: Date, states: Set<JobState>) async throws(BrokerError) -> Int {
        let now = time.now()
        return machine.withLock { machine in
            defer { changes.signal() }
            let removed = machine.prunable(settledBefore: limit, states: states, now: now)
            machine.apply(.removed(removed, at: now))
            return removed.count
        }
    }

    /// A page of jobs, the latest arrival first.
    public func jobs(matching query: JobQuery) async throws(BrokerError) -> JobPage {
        let now = time.now()
        return machine.withLock { $0.jobs(matching: query, now: now) }
    }

    /// The jobs in hand.
    public func leasedJobs() async throws(BrokerError) -> [LeasedJob] {
        let uptime = time.uptime()
        return machine.withLock { $0.leasedJobs(uptime: uptime) }
    }

    /// The workers that called in the last day.
    public func workers() async throws(BrokerError) -> [WorkerRecord] {
        workerBook.records(of: try await leasedJobs(), now: time.now())
    }

    /// Removes jobs in one of these states.
    public func forget(_ jobs: [JobID], in states: Set<JobState>) async throws(BrokerError) -> [JobID] {
        let now = time.now()
        let removed = machine.withLock { machine in
            let removed = machine.forgettable(jobs, in: states, now: now)
            machine.apply(.removed(removed, at: now))
            return removed
        }
        changes.signal()
        return removed
    }

    /// Removes a recipient from everything; looks through all jobs.
    public func erase(recipient address: String) async throws(BrokerError) -> Erasure {
        let now = time.now()
        return machine.withLock { machine in
            let (removed, redacted, remaining) = machine.erasable(address)
            machine.apply(.removed(removed, at: now))
            machine.apply(.erased(redacted, recipient: address))
            changes.signal()
            return Erasure(removed: removed.count, redacted: redacted.count, remaining: remaining)
        }
    }
}

extension MemoryBroker: EventFeed {
    /// Where the feed ends.
    public func latestEvent() async throws(BrokerError) -> EventCursor {
        EventCursor(rawValue: String(machine.withLock { $0.eventCount }))
    }

    /// Events after a place. The latest ten thousand are kept.
    public func events(
        after cursor: EventCursor, limit: Int, wait: Duration
    ) async throws(BrokerError) -> EventBatch {
        let deadline = time.uptime() + wait
        while true {
            let generation = changes.generation
            let batch = machine.withLock { $0.events(after: Int(cursor.rawValue), limit: limit) }
            if !batch.events.isEmpty || batch.hasGap || time.uptime() >= deadline {
                return EventBatch(
                    events: batch.events, next: EventCursor(rawValue: String(batch.next)), hasGap: batch.hasGap)
            }
            do {
                try await changes.wait(after: generation, until: deadline, on: time)
            } catch {
                throw BrokerError(.cancelled, "the wait for an event was cancelled", mayHaveStored: false)
            }
        }
    }
}
