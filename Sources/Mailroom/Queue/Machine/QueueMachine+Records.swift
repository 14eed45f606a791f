package import Foundation

extension QueueMachine {
    package func record(of id: JobID) -> JobRecord? { jobs[id].map(record) }

    func record(_ job: Job) -> JobRecord {
        JobRecord(
            id: job.header.id, queue: job.header.queue, channel: job.header.channel, messageID: job.header.messageID,
            tags: job.header.tags, state: job.state, attempts: job.attempts, createdAt: job.header.createdAt,
            updatedAt: job.updatedAt, notBefore: job.due, error: job.error, recipients: job.recipients)
    }

    package func sends(matching query: SendQuery) -> [Send] {
        var sends: [Send] = []
        for job in arrivals.reversed() where job.matches(query.tags) {
            guard sends.count < query.limit else { break }
            let record = record(job)
            for recipient in job.recipients where query.matches(recipient) {
                if sends.count < query.limit { sends.append(Send(job: record, recipient: recipient)) }
            }
        }
        return sends
    }

    package func sendCounts(matching query: SendQuery) -> [RecipientRecord.Status: Int] {
        var counts: [RecipientRecord.Status: Int] = [:]
        for job in arrivals where job.matches(query.tags) {
            for recipient in job.recipients where query.matches(recipient) {
                counts[recipient.status, default: 0] += 1
            }
        }
        return counts
    }

    /// Jobs by queue and state at this moment.
    package func counts(now: Date) -> [QueueCounts] {
        promote(now: now)
        return lanes.map { queue, lane in
            let states = zip(JobState.allCases, lane.counts).filter { $0.1 > 0 }
            return QueueCounts(
                queue: queue, jobs: Dictionary(uniqueKeysWithValues: states), retried: lane.retried)
        }
        .sorted { $0.queue.rawValue < $1.queue.rawValue }
    }

    /// The jobs among these that can be ended: nobody holds them, nothing has settled them.
    package func cancellable(_ ids: [JobID]) -> [JobID] {
        ids.filter { jobs[$0].map { $0.state == .ready || $0.state == .scheduled } ?? false }
    }

    /// The jobs among these that a person can make ready again.
    package func revivable(_ ids: [JobID]) -> [JobID] {
        ids.filter { jobs[$0].map { ($0.state == .dead || $0.state == .held) && !$0.content.isNone } ?? false }
    }

    /// The jobs that may be forgotten: settled long enough ago, and guarded by no living key.
    package func prunable(settledBefore time: Date, states: Set<JobState>, now: Date) -> [JobID] {
        arrivals.filter { job in
            !job.isRemoved && job.state.isSettled && states.contains(job.state) && job.updatedAt < time
                && !keyIsAlive(of: job, now: now)
        }.map(\.header.id)
    }

    func revive(_ id: JobID, at time: Date) {
        guard let job = jobs[id], job.state == .dead || job.state == .held, !job.content.isNone else { return }
        setAttempts(of: job, to: 0)
        for index in job.recipients.indices {
            let status = job.recipients[index].status
            guard status == .failed || status == .unknown else { continue }
            job.recipients[index].isPossibleDuplicate = status == .unknown || job.recipients[index].isPossibleDuplicate
            job.recipients[index].status = .pending
            job.recipients[index].updatedAt = time
        }
        job.lostAttempts = 0
        // Whoever retries a job that renders otherwise has decided that this is right.
        job.fingerprint = nil
        job.isRevived = true
        let lifetime = job.header.expiresAt.timeIntervalSince(job.header.createdAt)
        job.header.expiresAt = max(job.header.expiresAt, time.addingTimeInterval(lifetime))
        job.updatedAt = time
        wait(job, until: time, now: time)
        note(.revived, id, at: time)
    }

    func remove(_ id: JobID, at time: Date) {
        guard let job = jobs.removeValue(forKey: id) else { return }
        lanes[job.header.queue]?.counts[Int(job.state.rawValue)] -= 1
        setAttempts(of: job, to: 0)
        note(.removed, id, at: time)
        if let key = job.header.idempotency?.key, keys[key] === job { keys[key] = nil }
        dropContent(of: job)
        job.isRemoved = true
        removedArrivals += 1
        if removedArrivals * 2 > arrivals.count {
            arrivals.removeAll(where: \.isRemoved)
            removedArrivals = 0
        }
    }
}

extension QueueMachine.Job {
    /// Whether a job that is still on record carries all of these tags.
    fileprivate func matches(_ tags: [String: String]) -> Bool {
        !isRemoved && tags.allSatisfy { header.tags[$0.key] == $0.value }
    }
}

extension SendQuery {
    /// Whether a recipient of a job with the query's tags is meant.
    package func matches(_ record: RecipientRecord) -> Bool {
        if let status, record.status != status { return false }
        return recipient.map(record.recipient.hasAddress) ?? true
    }
}
