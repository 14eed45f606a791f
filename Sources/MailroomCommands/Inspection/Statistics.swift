import Foundation
import Mailroom

/// Measures of the jobs on record.
struct Statistics {
    /// The queue; `nil` for all that were asked about.
    var queue: QueueName?
    var total = 0
    var retried = 0
    var finished = 0
    var failed = 0
    var waiting = 0
    var inHand = 0
    /// How long ago the oldest ready job became due.
    var oldestReady: Int?

    var settled: Int { finished + failed }

    func share(_ part: Int, of whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }

    init(_ counts: QueueCounts) {
        queue = counts.queue
        total = counts.jobs.values.reduce(0, +)
        retried = counts.retried
        finished = counts[.finished]
        failed = counts[.dead] + counts[.held]
        waiting = counts[.scheduled] + counts[.ready]
        inHand = counts[.leased]
    }

    init(sumOf parts: [Statistics]) {
        for part in parts {
            total += part.total
            retried += part.retried
            finished += part.finished
            failed += part.failed
            waiting += part.waiting
            inHand += part.inHand
        }
        oldestReady = parts.compactMap(\.oldestReady).max()
    }
}

extension BrokerAdministration {
    /// Reads all ready jobs, a batch at a time, for the oldest of them.
    func statistics(of queues: [QueueName], now: Date) async throws(BrokerError) -> [Statistics] {
        var statistics = try await counts().of(queues).map { Statistics($0) }
        var oldest: [QueueName: Date] = [:]
        try await forEachBatch(JobQuery(states: [.ready], queues: queues)) { jobs throws(BrokerError) in
            for job in jobs { oldest[job.queue] = min(oldest[job.queue] ?? job.notBefore, job.notBefore) }
        }
        for index in statistics.indices {
            guard let due = statistics[index].queue.flatMap({ oldest[$0] }) else { continue }
            statistics[index].oldestReady = max(0, Int(now.timeIntervalSince(due)))
        }
        return statistics
    }
}

extension Listing {
    /// A row a queue; for people a row for all of them, too.
    init(statistics: [Statistics], as format: Format) {
        self.init(columns: [
            "queue", "jobs", "waiting", "in_hand", "delivered", "retried", "failed", "oldest_ready",
        ])
        let sum = format == .table && statistics.count != 1 ? [Statistics(sumOf: statistics)] : []
        for row in statistics + sum {
            append([
                .text(row.queue?.rawValue ?? "(all)"), .number(row.total), .number(row.waiting), .number(row.inHand),
                .share(row.share(row.finished, of: row.settled)), .share(row.share(row.retried, of: row.total)),
                .share(row.share(row.failed, of: row.settled)), .age(row.oldestReady),
            ])
        }
    }
}
