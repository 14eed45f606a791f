public import Foundation
public import Mailroom

extension FileBroker: SendRecords {
    /// The records of jobs, as of the log's end at this moment.
    public func records(of jobs: [JobID]) async throws(BrokerError) -> [JobRecord?] {
        try await run { (queue) throws(BrokerError) in jobs.map(queue.machine.record) }
    }

    /// The latest sends that match, other processes' among them.
    public func sends(matching query: SendQuery) async throws(BrokerError) -> [Send] {
        try await run { (queue) throws(BrokerError) in queue.machine.sends(matching: query) }
    }

    /// How many sends match, by status.
    public func sendCounts(matching query: SendQuery) async throws(BrokerError) -> [RecipientRecord.Status: Int] {
        try await run { (queue) throws(BrokerError) in queue.machine.sendCounts(matching: query) }
    }
}

extension FileBroker: BrokerAdministration {
    /// The jobs of each queue by state.
    public func counts() async throws(BrokerError) -> [QueueCounts] {
        let now = time.now()
        return try await run { (queue) throws(BrokerError) in queue.machine.counts(now: now) }
    }

    /// Ends jobs that no worker of any process holds; durable when it returns.
    public func cancel(_ jobs: [JobID], reason: String) async throws(BrokerError) -> [JobID] {
        let now = time.now()
        return try await run(room: 128 + reason.utf8.count + jobs.count * 16) { (queue) throws(BrokerError) in
            let ended = queue.machine.cancellable(jobs)
            if !ended.isEmpty { queue.append(.ended(ended, reason: reason, at: now)) }
            return ended
        }
    }

    /// Makes dead and held jobs ready again; durable when it returns.
    public func retry(_ jobs: [JobID]) async throws(BrokerError) -> [JobID] {
        let now = time.now()
        return try await run(room: 128 + jobs.count * 16) { (queue) throws(BrokerError) in
            let revived = queue.machine.revivable(jobs)
            if !revived.isEmpty { queue.append(.revived(revived, at: now)) }
            return revived
        }
    }

    /// Removes the records of jobs settled before a time, and the log's oldest segments where nothing in them is
    /// kept any more. Jobs whose idempotency key is alive stay.
    public func prune(settledBefore limit: Date, states: Set<JobState>) async throws(BrokerError) -> Int {
        let now = time.now()
        return try await run(room: 0) { (queue) throws(BrokerError) in
            let removed = queue.machine.prunable(settledBefore: limit, states: states, now: now)
            if !removed.isEmpty { queue.append(.removed(removed, at: now)) }
            return removed.count
        } then: { (queue, count) throws(BrokerError) in
            try queue.dropDeadSegments()
            return count
        }
    }

    /// A page of jobs, the latest arrival first.
    public func jobs(matching query: JobQuery) async throws(BrokerError) -> JobPage {
        let now = time.now()
        return try await run { (queue) throws(BrokerError) in queue.machine.jobs(matching: query, now: now) }
    }

    /// The jobs in the hands of any process' workers.
    public func leasedJobs() async throws(BrokerError) -> [LeasedJob] {
        let uptime = time.uptime()
        return try await run { (queue) throws(BrokerError) in queue.machine.leasedJobs(uptime: uptime) }
    }

    /// The workers with jobs in hand.
    public func workers() async throws(BrokerError) -> [WorkerRecord] {
        let now = time.now()
        return Dictionary(grouping: try await leasedJobs(), by: \.worker)
            .map { WorkerRecord(name: $0.key, queues: [], jobs: $0.value.count, lastSeen: now) }
            .sorted { $0.name < $1.name }
    }

    /// Removes jobs in one of these states; durable when it returns.
    public func forget(_ jobs: [JobID], in states: Set<JobState>) async throws(BrokerError) -> [JobID] {
        let now = time.now()
        return try await run(room: 128 + jobs.count * 16) { (queue) throws(BrokerError) in
            let removed = queue.machine.forgettable(jobs, in: states, now: now)
            if !removed.isEmpty { queue.append(.removed(removed, at: now)) }
            return removed
        }
    }

    /// Removes a recipient from every record.
    public func erase(recipient address: String) async throws(BrokerError) -> Erasure {
        let now = time.now()
        return try await run(room: 0) { (queue) throws(BrokerError) in
            let (removed, redacted, remaining) = queue.machine.erasable(address)
            if !removed.isEmpty { queue.append(.removed(removed, at: now)) }
            if !redacted.isEmpty { queue.append(.erased(redacted, recipient: address)) }
            return Erasure(removed: removed.count, redacted: redacted.count, remaining: remaining)
        }
    }
}

extension FileBroker: EventFeed {
    /// Where the feed ends.
    public func latestEvent() async throws(BrokerError) -> EventCursor {
        try await run { (queue) throws(BrokerError) in EventCursor(rawValue: String(queue.machine.eventCount)) }
    }

    /// Events after a place, other processes' among them.
    public func events(
        after cursor: EventCursor, limit: Int, wait: Duration
    ) async throws(BrokerError) -> EventBatch {
        let deadline = time.uptime() + wait
        inbox.addIdleWorker()
        defer { inbox.removeIdleWorker() }
        while true {
            let generation = changes.generation
            let batch = try await run { (queue) throws(BrokerError) in
                let batch = queue.machine.events(after: Int(cursor.rawValue), limit: limit)
                return EventBatch(
                    events: batch.events, next: EventCursor(rawValue: String(batch.next)), hasGap: batch.hasGap)
            }
            if !batch.events.isEmpty || batch.hasGap || time.uptime() >= deadline { return batch }
            do {
                try await changes.wait(after: generation, until: deadline, on: time)
            } catch {
                throw BrokerError(.cancelled, "the wait for an event was cancelled", mayHaveStored: false)
            }
        }
    }
}
