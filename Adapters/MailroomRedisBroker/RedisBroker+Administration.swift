public import Foundation
public import Mailroom

extension RedisBroker: BrokerAdministration {
    /// Jobs by queue and state; as fast for a million jobs as for one.
    public func counts() async throws(BrokerError) -> [QueueCounts] {
        let queues = try await call(Scripts.counts, arguments()).array ?? []
        return queues.compactMap { queue in
            guard let parts = queue.array, parts.count == 8, let name = parts[0].string else { return nil }
            let numbers = parts.dropFirst().map { Int($0.integer ?? 0) }
            let states = zip(JobState.allCases, numbers).filter { $0.1 > 0 }
            // A queue that once was is none any more.
            guard !states.isEmpty else { return nil }
            return QueueCounts(
                queue: QueueName(name), jobs: Dictionary(uniqueKeysWithValues: states), retried: numbers[6])
        }
        .sorted { $0.queue.rawValue < $1.queue.rawValue }
    }

    /// A page of jobs, the latest arrival first. Looks through a few thousand jobs at most for each page.
    public func jobs(matching query: JobQuery) async throws(BrokerError) -> JobPage {
        var search = JobSearch(states: query.states, queues: query.queues)
        search.start = query.after?.rawValue ?? "+inf"
        if Double(search.start.drop { $0 == "(" }) == nil { search.start = "-1" }
        var jobs: [JobRecord] = []
        for _ in 0..<JobSearch.rounds {
            let page = try await find(search, limit: query.limit - jobs.count)
            jobs += try page.records()
            guard let next = page.next else { return JobPage(jobs: jobs, next: nil) }
            search.start = next
            if jobs.count >= query.limit { break }
        }
        return JobPage(jobs: jobs, next: .init(rawValue: search.start))
    }

    /// The jobs in hand.
    public func leasedJobs() async throws(BrokerError) -> [LeasedJob] { try await hands().jobs }

    /// The workers that called in the last day, and those that hold jobs.
    public func workers() async throws(BrokerError) -> [WorkerRecord] {
        let (jobs, workers, now) = try await hands()
        var held: [String: Int] = [:]
        for job in jobs { held[job.worker, default: 0] += 1 }
        return workers.compactMap { worker in
            var worker = worker
            worker.jobs = held[worker.name] ?? 0
            return worker.jobs > 0 || now.timeIntervalSince(worker.lastSeen) < 86_400 ? worker : nil
        }
        .sorted { $0.name < $1.name }
    }

    private func hands() async throws(BrokerError) -> (jobs: [LeasedJob], workers: [WorkerRecord], now: Date) {
        guard let parts = try await call(Scripts.leased, arguments()).array, parts.count == 3,
            let now = parts[0].integer, let pairs = parts[1].array, let fields = parts[2].array
        else { throw unexpected }
        var jobs: [(token: Int64, job: LeasedJob)] = []
        for index in stride(from: 0, to: pairs.count - 1, by: 2) {
            guard let bytes = pairs[index].bytes, let left = pairs[index + 1].number else { throw unexpected }
            let job = try StoredJob(bytes)
            jobs.append(
                (
                    job.token,
                    LeasedJob(job: try job.record(at: now), worker: job.worker, remaining: .milliseconds(left))
                ))
        }
        let workers = stride(from: 0, to: fields.count - 1, by: 2).compactMap { index in
            fields[index].string.flatMap { WorkerRecord(name: $0, entry: fields[index + 1].bytes ?? []) }
        }
        return (jobs.sorted { $0.token < $1.token }.map(\.job), workers, Date(milliseconds: now))
    }

    /// Ends jobs that no worker holds, in one step. Not made again where its answer is lost: then it throws, in doubt.
    public func cancel(_ jobs: [JobID], reason: String) async throws(BrokerError) -> [JobID] {
        try await act("cancel", reason, on: jobs)
    }

    /// Makes dead and held jobs ready again, in one step. Not made again where its answer is lost: then it throws, in doubt.
    public func retry(_ jobs: [JobID]) async throws(BrokerError) -> [JobID] { try await act("retry", "", on: jobs) }

    /// Removes jobs in one of these states, in one step. Not made again where its answer is lost: then it throws, in doubt.
    public func forget(_ jobs: [JobID], in states: Set<JobState>) async throws(BrokerError) -> [JobID] {
        try await act("forget", JobSearch.digits(states), on: jobs)
    }

    private func act(_ what: String, _ argument: String, on jobs: [JobID]) async throws(BrokerError) -> [JobID] {
        guard !jobs.isEmpty else { return [] }
        var arguments = arguments(reserving: 128 + jobs.count * 24)
        arguments.write(what)
        arguments.write(argument)
        for job in jobs { arguments.write(job.octets) }
        let done = try await callOnce(Scripts.act, arguments).array ?? []
        return done.compactMap { $0.integer.map { jobs[Int($0)] } }
    }

    /// Removes records of jobs settled before a time, a thousand in one step: those removed before an error stay removed.
    public func prune(settledBefore time: Date, states: Set<JobState>) async throws(BrokerError) -> Int {
        var removed = 0
        for state in states where state.isSettled {
            var passed = 0
            while true {
                var arguments = arguments()
                arguments.write(time.milliseconds)
                arguments.write(Int(state.rawValue))
                arguments.write(passed)
                let counts: [Int64]
                do throws(BrokerError) {
                    counts = try await callOnce(Scripts.prune, arguments).array?.compactMap(\.integer) ?? []
                } catch {
                    throw BrokerError(error.code, error.reason, mayHaveStored: error.mayHaveStored || removed > 0)
                }
                guard counts.count == 2 else { throw unexpected }
                removed += Int(counts[1])
                passed += Int(counts[0] - counts[1])
                if counts[0] < 1000 { break }
            }
        }
        return removed
    }

    /// Removes a recipient from everything in one step; looks through all jobs for that. Not made again where its answer is
    /// lost: then it throws, in doubt.
    public func erase(recipient address: String) async throws(BrokerError) -> Erasure {
        for _ in 0..<20 {
            if let erasure = try await erase(address) { return erasure }
        }
        throw BrokerError(
            .unavailable, "\(configuration): the jobs of this recipient change too fast: try again later",
            mayHaveStored: false)
    }

    /// `nil` where a job changed between looking and erasing: then nothing was done.
    private func erase(_ address: String) async throws(BrokerError) -> Erasure? {
        var search = JobSearch()
        search.recipient = address
        var erasure = Erasure()
        var arguments = arguments()
        var next: String? = search.start
        while let start = next {
            search.start = start
            let page = try await find(search, limit: 1000)
            next = page.next
            for bytes in page.jobs {
                let job = try StoredJob(bytes)
                let submission = try job.submission()
                var replacement: [UInt8]?
                if job.state != Int64(JobState.leased.rawValue) {
                    if submission.recipients.allSatisfy({ $0.hasAddress(address) }) {
                        erasure.removed += 1
                        replacement = []
                    } else if job.state > Int64(JobState.leased.rawValue) {
                        erasure.redacted += 1
                        replacement = try job.redacted(of: address).encoded(isNew: false)
                    }
                }
                guard let replacement else {
                    erasure.remaining.append(submission.id)
                    continue
                }
                arguments.write(submission.id.octets)
                arguments.write(bytes)
                arguments.write(replacement)
            }
        }
        erasure.remaining.reverse()
        guard erasure.removed + erasure.redacted > 0 else { return erasure }
        return try await callOnce(Scripts.erase, arguments).integer == 1 ? erasure : nil
    }
}

extension WorkerRecord {
    /// From what the scripts note.
    fileprivate init?(name: String, entry: [UInt8]) {
        do {
            var reader = MessagePackReader(entry)
            guard try reader.array() == 2 else { return nil }
            let seen = try reader.integer()
            var queues: [QueueName] = []
            for _ in 0..<(try reader.array()) { queues.append(QueueName(try reader.string())) }
            self.init(name: name, queues: queues, jobs: 0, lastSeen: Date(milliseconds: seen))
        } catch {
            return nil
        }
    }
}
