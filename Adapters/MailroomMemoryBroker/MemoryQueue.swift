import Foundation
import Mailroom

/// A queue whose jobs' details are in memory.
final class MemoryQueue: StoredQueue {
    private(set) var table = QueueTable()
    /// By slot.
    private var kept: [JobDetails?] = []
    private(set) var events = EventRing()

    func details(of slot: Slot) throws(BrokerError) -> JobDetails {
        guard let details = kept[Int(slot)] else {
            throw BrokerError(.corrupt, "the job is not in memory any more", mayHaveStored: false)
        }
        return details
    }

    func admit(_ submission: Submission) {
        var header = submission
        header.payload = []
        header.attachments = []
        let content = JobDetails.Content.bytes(payload: submission.payload, attachments: submission.attachments)
        guard table.admit(JobArrival(submission), to: submission.queue) != nil else { return }
        kept.append(JobDetails(header, content: content))
        events.append(JobEvent(job: submission.id, kind: .submitted, time: submission.createdAt))
    }

    func store(_ jobs: [ChangedJob]) throws(BrokerError) {
        for job in jobs {
            kept[Int(job.slot)] = job.details
            table.apply(job.change)
            note(job.change.event, job.change.job, at: Date(milliseconds: job.change.time))
        }
    }

    func remove(_ jobs: [Slot], at time: Date) throws(BrokerError) {
        for slot in jobs {
            let id = table[slot].id
            kept[Int(slot)] = nil
            table.remove(id)
            note(.removed, id, at: time)
        }
        if table.removedCount > 1024, table.removedCount > table.count { compact() }
    }

    private func note(_ kind: JobEvent.Kind?, _ job: JobID, at time: Date) {
        if let kind { events.append(JobEvent(job: job, kind: kind, time: time)) }
    }

    /// Gives the places of removed jobs back.
    private func compact() {
        var left: [JobDetails?] = []
        left.reserveCapacity(table.count)
        table = table.compacted { slot in left.append(kept[Int(slot)]) }
        kept = left
    }

    /// Hands out jobs, with their content.
    func lease(_ request: LeaseRequest, now: Date, uptime: Duration) throws(BrokerError) -> [Lease] {
        let picks = table.pick(request, now: now, uptime: uptime)
        if !picks.expired.isEmpty { try end(picks.expired, reason: JobDetails.expiredInLine, at: now) }
        var leases: [Lease] = []
        leases.reserveCapacity(picks.leases.count)
        for id in picks.leases {
            table.grant(id, worker: request.worker, expires: uptime + request.duration)
            guard let slot = table.slot(of: id.job) else { continue }
            let details = try details(of: slot)
            var lease = details.lease(id, table[slot])
            if case .bytes(let payload, let attachments) = details.content {
                lease.submission.payload = payload
                lease.submission.attachments = attachments
            }
            leases.append(lease)
        }
        return leases
    }
}
