import Mailroom

extension BrokerProbe {
    /// The record of a job that must be on record.
    func record(_ job: JobID) async throws -> JobRecord {
        let found = try await records.records(of: [job])
        guard found.count == 1, let record = found[0] else {
            throw ContractViolation(clause: clause, observation: "a job has no record")
        }
        return record
    }

    func requireState(_ job: JobID, _ state: JobState, _ moment: String) async throws {
        try requireEqual(try await record(job).state, state, "the job's state \(moment)")
    }

    /// Requires a queue to have so many jobs in these states, and none in another.
    func requireCounts(
        _ promised: [JobState: Int], retried: Int = 0, in queue: QueueName = .default, _ moment: String
    ) async throws {
        let found = try await administration.counts().filter { $0.queue == queue }
        try require(found.count < 2, "a queue is counted \(found.count) times \(moment)")
        try requireEqual(
            found.first?.jobs ?? [:], promised.filter { $0.value > 0 }, "the jobs of a queue by state \(moment)")
        try requireEqual(found.first?.retried ?? 0, retried, "how many needed more than one attempt \(moment)")
    }

    /// Every job that matches, page by page.
    func jobs(_ query: JobQuery = JobQuery()) async throws -> [JobID] {
        var query = query
        var found: [JobID] = []
        for _ in 0..<100 {
            let page = try await administration.jobs(matching: query)
            try require(
                page.jobs.count <= query.limit, "a page of at most \(query.limit) jobs had \(page.jobs.count)")
            found += page.jobs.map(\.id)
            guard let next = page.next else { return found }
            query.after = next
        }
        throw ContractViolation(clause: clause, observation: "a list of jobs did not end after 100 pages")
    }

    func sends(_ query: SendQuery) async throws -> [String] {
        try await records.sends(matching: query).map(\.recipient.recipient.address)
    }

    /// What is told after a place, following the feed to its end.
    func events(after cursor: EventCursor, limit: Int = 100) async throws -> [JobEvent] {
        var (cursor, found): (EventCursor, [JobEvent]) = (cursor, [])
        for _ in 0..<100 {
            let batch = try await feed.events(after: cursor, limit: limit, wait: .zero)
            try require(!batch.hasGap, "there was a gap after the feed's latest event")
            try require(batch.events.count <= limit, "\(batch.events.count) events were told at once, not \(limit)")
            if batch.events.isEmpty { return found }
            found += batch.events
            cursor = batch.next
        }
        throw ContractViolation(clause: clause, observation: "the feed did not end after 100 batches")
    }

    /// Requires that doing something makes these events, of whichever jobs, and no others.
    func requireEvents(
        _ promised: [JobEvent.Kind], _ what: String, _ body: () async throws -> Void
    ) async throws {
        let start = try await feed.latestEvent()
        try await body()
        let told = try await events(after: start)
        try requireEqual(told.map(\.kind), promised, "what was told of \(what)")
    }
}
