package import Foundation

extension QueueMachine {
    /// A page of jobs, the latest arrival first. The cursor counts arrivals that were removed, too, so that it stays
    /// good.
    package func jobs(matching query: JobQuery, now: Date) -> JobPage {
        promote(now: now)
        let last = query.after.map { UInt64($0.rawValue) ?? 0 } ?? .max
        var found: [JobRecord] = []
        for job in arrivals.reversed() where job.number < last && !job.isRemoved && query.matches(job) {
            found.append(record(job))
            if found.count == query.limit {
                return JobPage(jobs: found, next: .init(rawValue: String(job.number)))
            }
        }
        return JobPage(jobs: found, next: nil)
    }

    /// Jobs in hand, with the worker as records name it.
    package func leasedJobs(uptime: Duration) -> [LeasedJob] {
        jobs.values.filter { $0.state == .leased }.sorted { $0.token < $1.token }
            .map { LeasedJob(job: record($0), worker: $0.worker, remaining: $0.expires - uptime) }
    }

    /// The jobs among these that may be removed.
    package func forgettable(_ ids: [JobID], in states: Set<JobState>, now: Date) -> [JobID] {
        promote(now: now)
        return ids.filter { id in jobs[id].map { $0.state != .leased && states.contains($0.state) } ?? false }
    }

    /// What erasing a recipient would do: jobs to remove, jobs to take the recipient out of, jobs left.
    package func erasable(_ address: String) -> (removed: [JobID], redacted: [JobID], remaining: [JobID]) {
        var (removed, redacted, remaining): ([JobID], [JobID], [JobID]) = ([], [], [])
        for job in arrivals where !job.isRemoved && job.header.recipients.contains(where: { $0.hasAddress(address) }) {
            if job.state == .leased {
                remaining.append(job.header.id)
            } else if job.header.recipients.allSatisfy({ $0.hasAddress(address) }) {
                removed.append(job.header.id)
            } else if job.state.isSettled {
                redacted.append(job.header.id)
            } else {
                remaining.append(job.header.id)
            }
        }
        return (removed, redacted, remaining)
    }

    func erase(_ address: String, from id: JobID) {
        guard let job = jobs[id], job.state.isSettled else { return }
        job.header.recipients.removeAll { $0.hasAddress(address) }
        job.recipients.removeAll { $0.recipient.hasAddress(address) }
        job.header.tags = job.header.tags.filter { !($0.key + "\n" + $0.value).containsAddress(address) }
        if job.error?.containsAddress(address) == true { job.error = "erased" }
        for index in job.recipients.indices where job.recipients[index].error?.containsAddress(address) == true {
            job.recipients[index].error = "erased"
        }
        if let key = job.header.idempotency?.key, key.containsAddress(address) {
            if keys[key] === job { keys[key] = nil }
            job.header.idempotency = nil
        }
        dropContent(of: job)
    }
}

extension JobQuery {
    fileprivate func matches(_ job: QueueMachine.Job) -> Bool {
        (states.isEmpty || states.contains(job.state)) && (queues.isEmpty || queues.contains(job.header.queue))
    }
}
