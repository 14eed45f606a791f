import Foundation

extension Pipeline {
    /// The record of a job; `nil` when it is unknown or pruned.
    public func status(of job: JobID) async throws(BrokerError) -> JobRecord? {
        try await records().records(of: [job])[0]
    }

    /// Ends jobs that no worker holds yet. Answers those that were ended; the others are on their way or settled.
    public func cancel(_ jobs: [JobID]) async throws(BrokerError) -> [JobID] {
        let ended = try await administration.cancel(jobs, reason: "cancelled")
        for job in ended { emit(.settled(.dead, attempts: 0, error: "cancelled"), job: job) }
        return ended
    }

    /// Ends a job that no worker holds yet; says whether it was ended.
    @discardableResult
    public func cancel(_ job: JobID) async throws(BrokerError) -> Bool { try await !cancel([job]).isEmpty }

    /// Waits until a job is settled, and answers its record; `nil` when it is unknown, pruned, or not settled within
    /// the time. Noticed at once, whichever process settles it, where the broker is an ``EventFeed``; with another
    /// broker, what this process settles is noticed at once, what another does within a quarter of a second.
    public func outcome(of job: JobID, within limit: Duration = .seconds(3600)) async throws(BrokerError) -> JobRecord?
    {
        let records = try records()
        let deadline = time.uptime() + limit
        let changes = Wakeup()
        let number = jobWatch?.add(changes, for: job)
        defer { if let number { jobWatch?.remove(number, for: job) } }
        let ownEvents = jobWatch == nil ? watch(job, changes) : nil
        defer { ownEvents?.cancel() }
        while true {
            let generation = changes.generation
            let isFollowed = jobWatch?.isFollowing ?? false
            guard let record = try await records.records(of: [job])[0] else { return nil }
            if record.state.isSettled { return record }
            let now = time.uptime()
            guard now < deadline else { return nil }
            let nextLook = isFollowed ? deadline : min(deadline, now + .milliseconds(250))
            do {
                try await changes.wait(after: generation, until: nextLook, on: time)
            } catch {
                throw BrokerError(.cancelled, "the wait for job \(job) was cancelled", mayHaveStored: false)
            }
        }
    }

    /// Wakes `changes` when this process does something to the job.
    private func watch(_ job: JobID, _ changes: Wakeup) -> Task<Void, Never> {
        let events = events()
        return Task {
            for await event in events where event.job == job { changes.signal() }
        }
    }

    /// How far a set of jobs is, such as those of one call to submit.
    public func progress(of jobs: [JobID]) async throws(BrokerError) -> BatchProgress {
        BatchProgress(try await records().records(of: jobs))
    }

    private func records() throws(BrokerError) -> any SendRecords {
        if let records = broker as? any SendRecords { return records }
        throw BrokerError(
            .unsupported, "this broker keeps no records of sends: use one that is SendRecords", mayHaveStored: false)
    }
}

/// How far a set of jobs is.
public struct BatchProgress: Hashable, Sendable {
    /// All jobs asked about.
    public let total: Int
    /// Those in each state; pruned and unknown ones are in none.
    public let jobs: [JobState: Int]

    init(_ records: [JobRecord?]) {
        total = records.count
        var jobs: [JobState: Int] = [:]
        for record in records { if let record { jobs[record.state, default: 0] += 1 } }
        self.jobs = jobs
    }

    /// The jobs in a state.
    public subscript(state: JobState) -> Int { jobs[state] ?? 0 }

    /// The jobs to which nothing happens any more by itself, pruned ones included.
    public var settled: Int { total - self[.scheduled] - self[.ready] - self[.leased] }

    /// Whether all are settled.
    public var isComplete: Bool { settled == total }
}
