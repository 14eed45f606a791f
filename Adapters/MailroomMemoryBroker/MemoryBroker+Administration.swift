public import Foundation
public import Mailroom
import Synchronization

extension MemoryBroker: SendRecords {
    /// The records of these jobs, in this order.
    public func records(of jobs: [JobID]) async throws(BrokerError) -> [JobRecord?] {
        try queue.withLock { (queue) throws(BrokerError) in
            var records: [JobRecord?] = []
            for job in jobs { records.append(try queue.record(of: job)) }
            return records
        }
    }

    /// The latest sends that match; may look through all jobs.
    public func sends(matching query: SendQuery) async throws(BrokerError) -> [Send] {
        try queue.withLock { (queue) throws(BrokerError) in try queue.sends(matching: query) }
    }

    /// Counts sends by status; looks through all jobs.
    public func sendCounts(matching query: SendQuery) async throws(BrokerError) -> [RecipientRecord.Status: Int] {
        try queue.withLock { (queue) throws(BrokerError) in
            var counts: [RecipientRecord.Status: Int] = [:]
            _ = try queue.countSends(matching: query, after: nil, reading: .max, into: &counts)
            return counts
        }
    }
}

extension MemoryBroker: BrokerAdministration {
    /// Jobs by queue and state, in constant time.
    public func counts() async throws(BrokerError) -> [QueueCounts] {
        let now = time.now()
        return queue.withLock { $0.table.counts(now: now) }
    }

    /// A page of jobs, the latest arrival first.
    public func jobs(matching query: JobQuery) async throws(BrokerError) -> JobPage {
        let now = time.now()
        return try queue.withLock { (queue) throws(BrokerError) in try queue.jobs(matching: query, now: now) }
    }

    /// The jobs in hand.
    public func leasedJobs() async throws(BrokerError) -> [LeasedJob] {
        let uptime = time.uptime()
        return try queue.withLock { (queue) throws(BrokerError) in try queue.leasedJobs(uptime: uptime) }
    }

    /// The workers that called in the last day.
    public func workers() async throws(BrokerError) -> [WorkerRecord] {
        workerBook.records(of: try await leasedJobs(), now: time.now())
    }

    /// Ends jobs that no worker holds.
    public func cancel(_ jobs: [JobID], reason: String) async throws(BrokerError) -> [JobID] {
        try change { (queue, now) throws(BrokerError) in try queue.cancel(jobs, reason: reason, at: now) }
    }

    /// Makes dead and held jobs ready again.
    public func retry(_ jobs: [JobID]) async throws(BrokerError) -> [JobID] {
        try change { (queue, now) throws(BrokerError) in try queue.retry(jobs, at: now) }
    }

    /// Removes jobs in one of these states.
    public func forget(_ jobs: [JobID], in states: Set<JobState>) async throws(BrokerError) -> [JobID] {
        try change { (queue, now) throws(BrokerError) in try queue.forget(jobs, in: states, at: now) }
    }

    /// Removes records of jobs settled before a time; looks through all jobs.
    public func prune(settledBefore limit: Date, states: Set<JobState>) async throws(BrokerError) -> Int {
        try change { (queue, now) throws(BrokerError) in
            try queue.prune(settledBefore: limit, states: states, atMost: .max, now: now)
        }
    }

    /// Removes a recipient from everything; looks through all jobs.
    public func erase(recipient address: String) async throws(BrokerError) -> Erasure {
        try change { (queue, now) throws(BrokerError) in try queue.erase(address, at: now) }
    }

    /// Changes something, and wakes whoever waits for a change.
    private func change<Answer: Sendable>(
        _ body: (MemoryQueue, Date) throws(BrokerError) -> Answer
    ) throws(BrokerError) -> Answer {
        let now = time.now()
        let answer = try queue.withLock { (queue) throws(BrokerError) in try body(queue, now) }
        changes.signal()
        return answer
    }
}

extension MemoryBroker: EventFeed {
    /// Where the feed ends.
    public func latestEvent() async throws(BrokerError) -> EventCursor {
        EventCursor(rawValue: String(queue.withLock { $0.events.end }))
    }

    /// Events after a place. The latest ten thousand are kept.
    public func events(
        after cursor: EventCursor, limit: Int, wait: Duration
    ) async throws(BrokerError) -> EventBatch {
        try await changes.search(for: "an event", within: wait, on: time) { _ in
            let batch = queue.withLock { $0.events.events(after: Int(cursor.rawValue), limit: limit) }
            return Look(
                EventBatch(
                    events: batch.events, next: EventCursor(rawValue: String(batch.next)), hasGap: batch.hasGap))
        }
    }
}
