import Foundation
import Mailroom

/// One view of the monitor.
struct MonitorView {
    let time: Date
    let uptime: Duration
    let counts: [QueueCounts]

    private func sum(_ number: (QueueCounts) -> Int) -> Int { counts.map(number).reduce(0, +) }

    /// The table, and what happened since an earlier view.
    func lines(of place: String, since earlier: MonitorView?, _ happened: Happened, isFiltered: Bool) -> [String] {
        let table = Listing(counts: counts, as: .table).text(as: .table)
        var lines = ["\(place)  \(time.formatted(.iso8601))", ""]
        lines += table.split(separator: "\n").map(String.init)
        if let earlier { lines += ["", throughput(since: earlier, happened, isFiltered: isFiltered)] }
        return lines
    }

    /// Told by events where they tell everything; otherwise the difference of the counts.
    private func throughput(since earlier: MonitorView, _ happened: Happened, isFiltered: Bool) -> String {
        let seconds = max(0.001, (uptime - earlier.uptime) / .seconds(1))
        let isExact = happened.isComplete && !isFiltered
        func number(_ kinds: [JobEvent.Kind], _ count: (QueueCounts) -> Int) -> Int {
            isExact
                ? kinds.reduce(0) { $0 + (happened.counts[$1] ?? 0) } : max(0, sum(count) - earlier.sum(count))
        }
        let sent = number([.finished]) { $0[.finished] }
        let failed = number([.dead, .held]) { $0.failed }
        let submitted = number([.submitted]) { $0.jobs.values.reduce(0, +) }
        let retrying = isExact ? ", \(happened.counts[.retrying] ?? 0) to be retried" : ""
        let rate = (Double(sent) / seconds * 10).rounded() / 10
        return "in \((seconds * 10).rounded() / 10) s: \(submitted) submitted, \(sent) sent (\(rate) a second)"
            + "\(retrying), \(failed) failed"
    }
}

/// The latest failures, looked up when something may have changed them.
struct LatestFailures {
    static let count = 5

    let queues: [QueueName]
    private var jobs: [JobRecord] = []

    init(queues: [QueueName]) { self.queues = queues }

    mutating func look(at broker: any BrokerAdministration, _ failed: [JobID]) async throws {
        let query = JobQuery(states: [.dead, .held], queues: queues, limit: 100)
        var found = try await broker.jobs(matching: query).jobs
        if let records = broker as? any SendRecords {
            found += try await records.records(of: failed + jobs.map(\.id)).compactMap(\.self)
        }
        var seen: Set<JobID> = []
        jobs = found.filter { job in
            (job.state == .dead || job.state == .held) && (queues.isEmpty || queues.contains(job.queue))
                && seen.insert(job.id).inserted
        }
        .sorted { $0.updatedAt > $1.updatedAt }
        jobs = Array(jobs.prefix(Self.count))
    }

    var lines: [String] {
        guard !jobs.isEmpty else { return [] }
        var listing = Listing(columns: ["failed_at", "id", "queue", "cause"])
        for job in jobs {
            listing.append([
                .time(job.updatedAt), .text(job.id.description), .text(job.queue.rawValue), .text(job.cause),
            ])
        }
        return [""] + listing.text(as: .table).split(separator: "\n").map(String.init)
    }
}
