package import Foundation

extension StoredQueue {
    /// The record of a job; `nil` where it is unknown.
    package func record(of id: JobID) throws(BrokerError) -> JobRecord? {
        guard let slot = table.slot(of: id) else { return nil }
        return try details(of: slot).record(table[slot])
    }

    /// A page of jobs, the latest arrival first.
    package func jobs(matching query: JobQuery, now: Date) throws(BrokerError) -> JobPage {
        table.promote(now: now.milliseconds)
        let lanes = table.numbers(of: query.queues)
        var found: [JobRecord] = []
        var last: JobEntry?
        for slot in table.slots(before: query.after) {
            let entry = table[slot]
            guard !entry.isRemoved, query.states.isEmpty || query.states.contains(entry.state),
                lanes?.contains(entry.lane) ?? true
            else { continue }
            if found.count >= query.limit { return JobPage(jobs: found, next: last.map(JobPage.Cursor.init)) }
            found.append(try details(of: slot).record(entry))
            last = entry
        }
        return JobPage(jobs: found, next: nil)
    }

    /// Jobs in hand, the oldest lease first, with the worker as leases name it.
    package func leasedJobs(uptime: Duration) throws(BrokerError) -> [LeasedJob] {
        var leased: [LeasedJob] = []
        for (slot, term) in table.leases.all.sorted(by: { $0.term.token < $1.term.token }) {
            let record = try details(of: slot).record(table[slot])
            leased.append(LeasedJob(job: record, worker: term.worker, remaining: term.expires - uptime))
        }
        return leased
    }

    /// The latest sends that match.
    package func sends(matching query: SendQuery) throws(BrokerError) -> [Send] {
        var sends: [Send] = []
        guard query.limit > 0 else { return [] }
        let filter = query.filter
        for slot in table.slots(before: nil) {
            let entry = table[slot]
            guard !entry.isRemoved, entry.filter & filter == filter else { continue }
            let details = try details(of: slot)
            guard query.matches(details.header.tags) else { continue }
            let record = details.record(entry)
            for recipient in details.recipients where query.matches(recipient) {
                sends.append(Send(job: record, recipient: recipient))
                if sends.count == query.limit { return sends }
            }
        }
        return sends
    }

    /// Counts sends by status among some of the jobs, the latest first; adds to what was counted. Answers where to go
    /// on, `nil` at the end.
    package func countSends(
        matching query: SendQuery, after cursor: JobPage.Cursor?, reading most: Int,
        into counts: inout [RecipientRecord.Status: Int]
    ) throws(BrokerError) -> JobPage.Cursor? {
        let filter = query.filter
        var read = 0
        for slot in table.slots(before: cursor) {
            let entry = table[slot]
            guard !entry.isRemoved, entry.filter & filter == filter else { continue }
            let details = try details(of: slot)
            if query.matches(details.header.tags) {
                for recipient in details.recipients where query.matches(recipient) {
                    counts[recipient.status, default: 0] += 1
                }
            }
            read += 1
            if read == most { return .init(entry) }
        }
        return nil
    }
}

extension QueueTable {
    /// Slots before a place, backwards; all of them without one.
    func slots(before cursor: JobPage.Cursor?) -> ReversedCollection<Range<Slot>> {
        guard let cursor else { return (0..<Slot(entries.count)).reversed() }
        guard let number = UInt64(cursor.rawValue) else { return (0..<0).reversed() }
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return (0..<Slot(low)).reversed()
    }

    /// Jobs on record for which the body says so, at most so many, in the order of their arrival.
    func slots(atMost most: Int = .max, where isMeant: (JobEntry) -> Bool) -> [Slot] {
        var found: [Slot] = []
        for index in 0..<entries.count where found.count < most {
            let entry = entries[index]
            if !entry.isRemoved, isMeant(entry) { found.append(Slot(index)) }
        }
        return found
    }

    /// The lanes of queues; `nil` for all.
    func numbers(of queues: [QueueName]) -> Set<UInt16>? {
        queues.isEmpty ? nil : Set(queues.compactMap { laneNumbers[$0] })
    }
}

extension JobPage.Cursor {
    fileprivate init(_ entry: JobEntry) { self.init(rawValue: String(entry.number)) }
}

extension JobEntry {
    /// Whether the job's idempotency key, if it has one, still guards against submitting it again.
    func keyIsAlive(_ now: Int64) -> Bool {
        keyHash != 0 && (!state.isSettled || now < Int64(clamping: sequence))
    }
}

extension SendQuery {
    /// The bits that a job has if it can match.
    fileprivate var filter: UInt32 {
        var filter: UInt32 = 0
        for tag in tags { filter |= JobFilter.bit(tag: tag.key, tag.value) }
        if let recipient { filter |= JobFilter.bit(recipient: recipient) }
        return filter
    }

    fileprivate func matches(_ jobTags: [String: String]) -> Bool {
        tags.allSatisfy { jobTags[$0.key] == $0.value }
    }

    /// Whether a recipient of a job with the query's tags is meant.
    fileprivate func matches(_ record: RecipientRecord) -> Bool {
        if let status, record.status != status { return false }
        return recipient.map(record.recipient.hasAddress) ?? true
    }
}
