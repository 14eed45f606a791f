import Foundation
import Mailroom

extension Listing {
    init(active jobs: [LeasedJob]) {
        self.init(
            columns: ["id", "queue", "worker", "attempt", "time_left", "recipients", "tags"],
            tableColumns: ["id", "queue", "worker", "attempt", "time_left", "recipients"])
        for leased in jobs {
            append([
                .text(leased.job.id.description), .text(leased.job.queue.rawValue), .text(leased.worker),
                .number(leased.job.attempts), .age(Int((leased.remaining / .seconds(1)).rounded(.down))),
                .text(leased.job.owedRecipients), .tags(leased.job.tags),
            ])
        }
    }

    /// Sorted by due time.
    init(scheduled jobs: [JobRecord]) {
        self.init(
            columns: ["due", "id", "queue", "attempts", "why", "recipients", "tags"],
            tableColumns: ["due", "id", "queue", "attempts", "recipients", "why"])
        for job in jobs.sorted(by: { ($0.notBefore, $0.id) < ($1.notBefore, $1.id) }) {
            append([
                .time(job.notBefore), .text(job.id.description), .text(job.queue.rawValue), .number(job.attempts),
                .text(job.reasonToWait), .text(job.owedRecipients), .tags(job.tags),
            ])
        }
    }

    init(workers: [WorkerRecord]) {
        self.init(columns: ["worker", "queues", "jobs", "last_seen"])
        for worker in workers {
            append([
                .text(worker.name), .text(worker.queues.map(\.rawValue).joined(separator: ",")),
                .number(worker.jobs), .time(worker.lastSeen),
            ])
        }
    }
}

extension JobRecord {
    /// Why a scheduled job is not due yet.
    fileprivate var reasonToWait: String {
        guard let reason = error ?? recipients.lazy.compactMap(\.error).first else {
            return attempts == 0 ? "submitted to start then" : "attempt \(attempts) was given back"
        }
        return attempts == 0 ? "asked to wait: \(reason)" : "attempt \(attempts) failed: \(reason)"
    }
}
