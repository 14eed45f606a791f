import Foundation

extension BrokerAdministration {
    /// Why jobs failed, the most frequent cause first. Reads the jobs in batches: memory grows with the number of
    /// causes, not with that of jobs.
    public func failureCauses(
        of states: Set<JobState> = [.dead, .held], in queues: [QueueName] = []
    ) async throws(BrokerError) -> [FailureCause] {
        var causes: [String?: FailureCause] = [:]
        try await forEachBatch(JobQuery(states: states, queues: queues)) { jobs throws(BrokerError) in
            for job in jobs {
                let cause = job.cause
                var group =
                    causes[cause] ?? FailureCause(cause: cause, count: 0, example: job.id, latest: job.updatedAt)
                group.count += 1
                if job.updatedAt > group.latest { (group.example, group.latest) = (job.id, job.updatedAt) }
                causes[cause] = group
            }
        }
        return causes.values.sorted { ($0.count, $1.cause ?? "") > ($1.count, $0.cause ?? "") }
    }

    /// Makes dead and held jobs ready again, as ``retry(_:)`` does: all of them, those of some queues, or those of one
    /// cause as ``JobRecord/cause`` tells it. Answers how many.
    ///
    /// Goes through the jobs in batches of 1,000, the latest arrival first. Each batch is done wholly or not at all: when
    /// this throws, earlier ones are done, and calling it again does the rest. No job is retried twice in one call, even
    /// if it fails again meanwhile. `onProgress` is told after each batch how many are done.
    @discardableResult
    public func retryAll(
        of states: Set<JobState> = [.dead, .held], in queues: [QueueName] = [], cause: String? = nil,
        onProgress: (Int) -> Void = { _ in }
    ) async throws(BrokerError) -> Int {
        var count = 0
        let states = states.intersection([.dead, .held])
        guard !states.isEmpty else { return 0 }
        try await forEachBatch(JobQuery(states: states, queues: queues)) { jobs throws(BrokerError) in
            let chosen = jobs.filter { cause == nil || $0.cause == cause }
            if !chosen.isEmpty { count += try await retry(chosen.map(\.id)).count }
            onProgress(count)
        }
        return count
    }

    /// Removes every dead and held job with its record. Answers how many. In batches, as
    /// ``retryAll(of:in:cause:onProgress:)`` does.
    @discardableResult
    public func flush(
        _ queues: [QueueName] = [], onProgress: (Int) -> Void = { _ in }
    ) async throws(BrokerError) -> Int {
        try await forgetAll(of: [.dead, .held], in: queues, onProgress: onProgress)
    }

    /// Removes every job that waits, due or not: nobody gets these messages. Jobs in workers' hands stay. Answers how
    /// many. In batches, as ``retryAll(of:in:cause:onProgress:)`` does; jobs that come in meanwhile may go, too.
    ///
    /// - Parameters:
    ///   - queues: which queues; empty is every queue.
    ///   - onProgress: told after each batch how many are done.
    @discardableResult
    public func clear(
        _ queues: [QueueName], onProgress: (Int) -> Void = { _ in }
    ) async throws(BrokerError) -> Int {
        try await forgetAll(of: [.scheduled, .ready], in: queues, onProgress: onProgress)
    }

    private func forgetAll(
        of states: Set<JobState>, in queues: [QueueName], onProgress: (Int) -> Void
    ) async throws(BrokerError) -> Int {
        var count = 0
        // Again until nothing is found, so that none stays that came into such a state behind the place that was
        // read; not for ever, where jobs come in as fast as they go.
        for _ in 0..<10 {
            let before = count
            try await forEachBatch(JobQuery(states: states, queues: queues)) { jobs throws(BrokerError) in
                count += try await forget(jobs.map(\.id), in: states).count
                onProgress(count)
            }
            if count == before { break }
        }
        return count
    }

    /// Calls `body` with all jobs that match, a batch at a time; the query's limit does not count.
    package func forEachBatch(
        _ query: JobQuery, _ body: ([JobRecord]) async throws(BrokerError) -> Void
    ) async throws(BrokerError) {
        var query = query
        query.limit = 1000
        while true {
            let page = try await jobs(matching: query)
            if !page.jobs.isEmpty { try await body(page.jobs) }
            guard let next = page.next else { return }
            query.after = next
        }
    }
}
