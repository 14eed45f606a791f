public import Foundation
public import Mailroom
import MailroomFiles

extension FileBroker: SendRecords {
    /// The records of jobs, as of the log's end at this moment.
    public func records(of jobs: [JobID]) async throws(BrokerError) -> [JobRecord?] {
        try await run { (queue) throws(BrokerError) in
            var records: [JobRecord?] = []
            for job in jobs { records.append(try queue.record(of: job)) }
            return records
        }
    }

    /// The latest sends that match, other processes' among them. Reads as many jobs as it takes to find them.
    public func sends(matching query: SendQuery) async throws(BrokerError) -> [Send] {
        try await run { (queue) throws(BrokerError) in try queue.sends(matching: query) }
    }

    /// How many sends match, by status. Reads every job that may match, some thousands at a time.
    public func sendCounts(matching query: SendQuery) async throws(BrokerError) -> [RecipientRecord.Status: Int] {
        var counts: [RecipientRecord.Status: Int] = [:]
        var cursor: JobPage.Cursor?
        repeat {
            let (part, next) = try await run { [cursor] (queue) throws(BrokerError) in
                var part: [RecipientRecord.Status: Int] = [:]
                let next = try queue.countSends(matching: query, after: cursor, reading: 4096, into: &part)
                return (part, next)
            }
            counts.merge(part, uniquingKeysWith: +)
            cursor = next
        } while cursor != nil
        return counts
    }
}

extension FileBroker: BrokerAdministration {
    /// The jobs of each queue by state, in constant time.
    public func counts() async throws(BrokerError) -> [QueueCounts] {
        let now = time.now()
        return try await run { (queue) throws(BrokerError) in queue.table.counts(now: now) }
    }

    /// A page of jobs, the latest arrival first.
    public func jobs(matching query: JobQuery) async throws(BrokerError) -> JobPage {
        let now = time.now()
        return try await run { (queue) throws(BrokerError) in try queue.jobs(matching: query, now: now) }
    }

    /// The jobs in the hands of any process' workers.
    public func leasedJobs() async throws(BrokerError) -> [LeasedJob] {
        let uptime = time.uptime()
        let jobs = try await run { (queue) throws(BrokerError) in try queue.leasedJobs(uptime: uptime) }
        return jobs.map { job in
            var job = job
            job.worker = WorkerLocks.worker(of: job.worker)
            return job
        }
    }

    /// The workers of every process that lives.
    public func workers() async throws(BrokerError) -> [WorkerRecord] {
        let jobs = Dictionary(grouping: try await leasedJobs(), by: \.worker).mapValues(\.count)
        let known = try await run { (queue) throws(BrokerError) in
            try before { () throws(FileError) in try queue.workers.records() }
        }
        return known.map { worker in
            var worker = worker
            worker.jobs = jobs[worker.name] ?? 0
            return worker
        }
        .sorted { $0.name < $1.name }
    }

    /// Ends jobs that no worker of any process holds; durable when it returns.
    public func cancel(_ jobs: [JobID], reason: String) async throws(BrokerError) -> [JobID] {
        let now = time.now()
        return try await run(room: roomForChanges(jobs.count)) { (queue) throws(BrokerError) in
            try queue.cancel(jobs, reason: reason, at: now)
        }
    }

    /// Makes dead and held jobs ready again; durable when it returns.
    public func retry(_ jobs: [JobID]) async throws(BrokerError) -> [JobID] {
        let now = time.now()
        return try await run(room: roomForChanges(jobs.count)) { (queue) throws(BrokerError) in
            try queue.retry(jobs, at: now)
        }
    }

    /// Removes jobs in one of these states; durable when it returns.
    public func forget(_ jobs: [JobID], in states: Set<JobState>) async throws(BrokerError) -> [JobID] {
        let now = time.now()
        return try await run(room: 128 + jobs.count * 24) { (queue) throws(BrokerError) in
            try queue.forget(jobs, in: states, at: now)
        }
    }

    /// Removes the records of jobs settled before a time, some thousands at once. The log's segments follow when more
    /// than half of it is of no use. Jobs whose idempotency key is alive stay.
    public func prune(settledBefore limit: Date, states: Set<JobState>) async throws(BrokerError) -> Int {
        let now = time.now()
        let piece = 10_000
        var removed = 0
        while true {
            let count = try await run(room: piece * 24) { (queue) throws(BrokerError) in
                try queue.prune(settledBefore: limit, states: states, atMost: piece, now: now)
            }
            removed += count
            if count < piece { return removed }
        }
    }

    /// Removes a recipient from every record, then writes everything that is kept anew, so that no segment has the
    /// address any more. Takes as long as reading and writing the whole queue. What a repair set aside in the folder
    /// `damaged` is not looked through: delete it.
    public func erase(recipient address: String) async throws(BrokerError) -> Erasure {
        let now = time.now()
        let (erasure, segment) = try await run(room: 4096) { (queue) throws(BrokerError) in
            // The draft of a segment is the segment, under a second name.
            try before { () throws(FileError) in try queue.log.folder.removeLeftovers() }
            let erasure = try queue.erase(address, at: now)
            // Also where no job has it any more: jobs that were forgotten, and an erasure that was interrupted, have left
            // it in the segments.
            try queue.beginSegment()
            return (erasure, queue.log.segment.number)
        }
        try await purge(before: segment)
        return erasure
    }

    private func roomForChanges(_ count: Int) -> Int { 128 + count * 1024 }
}
