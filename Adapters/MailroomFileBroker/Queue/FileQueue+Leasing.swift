import Foundation
import Mailroom
import MailroomFiles

/// A job that was handed out, whose details and content the caller reads for itself.
struct Handout: Sendable {
    let lease: Lease.ID
    let slot: Slot
    let entry: JobEntry
}

extension FileQueue {
    /// Picks due jobs and records that they were handed out.
    func pick(_ request: LeaseRequest, now: Date, uptime: Duration) throws(BrokerError) -> [Handout] {
        let worker = try before { () throws(FileError) in try workers.ownName(for: request, at: now) }
        let picks = table.pick(request, now: now, uptime: uptime)
        do {
            for job in picks.expired { try endExpired(job, at: now) }
            guard !picks.leases.isEmpty else { return [] }
            try leaseIsAwaited(picks.slots)
        } catch {
            table.putBack(picks)
            throw error
        }
        let expires = uptime + request.duration
        log.append(.leased(picks.leases, worker: worker, expires: expires))
        var handouts: [Handout] = []
        handouts.reserveCapacity(picks.leases.count)
        for (lease, slot) in zip(picks.leases, picks.slots) {
            table.grant(lease, worker: worker, expires: expires, hint: slot)
            handouts.append(Handout(lease: lease, slot: slot, entry: table[slot]))
        }
        return handouts
    }

    /// The workers of these leases were heard of.
    func heard(from leases: [Lease.ID], at time: Date) {
        // One process asks for one worker's leases at a time.
        guard let first = leases.first, let slot = table.slot(of: first.job) else { return }
        if let term = table.leases[slot], term.token == first.token { workers.touch(term.worker, at: time) }
    }

    /// Settles leases, with the details that whoever leased the jobs has read. What was read of a job that changed since
    /// is of no use.
    func settle(
        _ settlements: [Settlement], read: [JobID: LeaseMemory.Job], at time: Date
    ) throws(BrokerError) -> [SettleResult] {
        var known: [Slot: JobDetails] = [:]
        known.reserveCapacity(settlements.count)
        for settlement in settlements {
            guard let slot = table.slot(of: settlement.lease.job) else { continue }
            let entry = table[slot]
            if let job = read[settlement.lease.job], entry.segment == job.entry.segment,
                entry.offset == job.entry.offset
            {
                known[slot] = job.details
            } else if known[slot] == nil {
                known[slot] = try readOrSetAside(slot, at: time)
            }
        }
        return try settle(settlements, known: known, at: time)
    }

    private func endExpired(_ job: JobID, at time: Date) throws(BrokerError) {
        guard let slot = table.slot(of: job) else { return }
        _ = try readOrSetAside(slot, at: time)
        try end([job], reason: JobDetails.expiredInLine, at: time)
    }

    /// The details of a job; where they are damaged, those it has afterwards.
    private func readOrSetAside(_ slot: Slot, at time: Date) throws(BrokerError) -> JobDetails {
        do throws(BrokerError) {
            return try details(of: slot)
        } catch {
            guard error.code == .corrupt else { throw error }
            try setAside(table[slot].id, because: error.reason, at: time)
            return try details(of: slot)
        }
    }

    /// Sets a job aside whose record cannot be read: it waits for a person, who is told.
    func setAside(_ job: JobID, because reason: String, at time: Date) throws(BrokerError) {
        guard let slot = table.slot(of: job) else { return }
        let entry = table[slot]
        var details: JobDetails
        if let readable = try? self.details(of: slot) {
            details = readable
        } else {
            details = JobDetails(
                Submission(
                    id: job, queue: table.queue(of: entry), messageID: "", recipients: [], createdAt: job.createdAt,
                    expiresAt: Date(milliseconds: entry.expires)),
                content: .none)
        }
        details.error = reason
        details.updatedAt = time
        var flags = table.flags(of: entry)
        if details.content.isNone { flags.remove(.hasContent) }
        let change = JobChange(
            job: job, time: time.milliseconds, event: .held, next: .settled(.held, keyUntil: .max),
            expires: entry.expires, attempts: entry.attempts, lostAttempts: entry.lostAttempts, flags: flags,
            keyHash: entry.keyHash)
        try store([ChangedJob(slot: slot, change: change, details: details)])
    }
}

extension JobID {
    /// When the id was made.
    var createdAt: Date { Date(milliseconds: Int64(high >> 16)) }
}
