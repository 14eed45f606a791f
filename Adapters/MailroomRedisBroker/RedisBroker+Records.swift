import Foundation
public import Mailroom

extension RedisBroker: SendRecords {
    /// The records of these jobs, in this order.
    public func records(of jobs: [JobID]) async throws(BrokerError) -> [JobRecord?] {
        var records: [JobRecord?] = []
        var rest = jobs[...]
        while !rest.isEmpty {
            let part = rest.prefix(JobSearch.step)
            rest = rest.dropFirst(part.count)
            var arguments = arguments(reserving: 128 + part.count * 24)
            for job in part { arguments.write(job.octets) }
            guard let parts = try await call(Scripts.records, arguments).array, parts.count == 2,
                let now = parts[0].integer, let found = parts[1].array, found.count == part.count
            else { throw unexpected }
            for value in found {
                if let bytes = value.bytes {
                    records.append(try StoredJob(bytes).record(at: now))
                } else {
                    records.append(nil)
                }
            }
        }
        return records
    }

    /// The latest sends that match. Those of a tag are found by an index; else it looks through all jobs until it has
    /// enough.
    public func sends(matching query: SendQuery) async throws(BrokerError) -> [Send] {
        var sends: [Send] = []
        var search = JobSearch(query)
        while sends.count < query.limit {
            let page = try await find(search, limit: query.limit - sends.count)
            for record in try page.records() {
                for recipient in record.recipients where query.matches(recipient) {
                    if sends.count < query.limit { sends.append(Send(job: record, recipient: recipient)) }
                }
            }
            guard let next = page.next else { break }
            search.start = next
        }
        return sends
    }

    /// Counts sends by status, in the server. Those of a tag are found by an index; else it looks through all jobs, a
    /// thousand in one step.
    public func sendCounts(matching query: SendQuery) async throws(BrokerError) -> [RecipientRecord.Status: Int] {
        var counts: [RecipientRecord.Status: Int] = [:]
        var search = JobSearch(query)
        while true {
            var arguments = arguments()
            search.write(limit: 0, answering: "counts", to: &arguments)
            guard let parts = try await call(Scripts.find, arguments).array, parts.count == 3,
                let numbers = parts[2].array, numbers.count == RecipientRecord.Status.allCases.count
            else { throw unexpected }
            for (status, number) in zip(RecipientRecord.Status.allCases, numbers.map { Int($0.integer ?? 0) })
            where number > 0 {
                counts[status, default: 0] += number
            }
            guard let next = parts[0].string, !next.isEmpty else { return counts }
            search.start = next
        }
    }

    /// Looks for jobs in one step.
    func find(_ search: JobSearch, limit: Int) async throws(BrokerError) -> FoundJobs {
        guard limit > 0 else { return FoundJobs(jobs: [], now: 0, next: search.start) }
        var arguments = arguments()
        search.write(limit: limit, answering: "jobs", to: &arguments)
        guard let parts = try await call(Scripts.find, arguments).array, parts.count == 3, let now = parts[1].integer,
            let jobs = parts[2].array
        else { throw unexpected }
        let next = parts[0].string ?? ""
        return FoundJobs(jobs: jobs.compactMap(\.bytes), now: now, next: next.isEmpty ? nil : next)
    }
}

extension JobSearch {
    fileprivate init(_ query: SendQuery) {
        tags = query.tags
        recipient = query.recipient
        status = query.status
    }
}

extension SendQuery {
    /// Whether a recipient of a job with the query's tags is meant.
    fileprivate func matches(_ record: RecipientRecord) -> Bool {
        if let status, record.status != status { return false }
        return recipient.map(record.recipient.hasAddress) ?? true
    }
}
