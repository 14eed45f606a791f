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
            if !removed.isEmpty { queue.append(.removed(removed)) }
            return removed.count
        } then: { (queue, count) throws(BrokerError) in
            try queue.dropDeadSegments()
            return count
        }
    }
}
