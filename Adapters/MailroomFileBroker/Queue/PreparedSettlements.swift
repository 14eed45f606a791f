import Foundation
import Mailroom

/// Settlements decided and encoded by whoever makes them, on the assumption that nothing happened to the jobs since they
/// were leased: the commit thread has only to see that this is so.
struct PreparedSettlements: Sendable {
    private let leases: [Lease.ID]
    private let entries: [JobEntry]
    private let slots: [Slot]
    private let record: EncodedRecord
    private let changes: [JobChange]
    private let dropped: [SHA256Digest]
    let results: [SettleResult]

    /// `nil` where the jobs are not all known, or one is settled twice.
    init?(_ settlements: [Settlement], read: [JobID: LeaseMemory.Job], at time: Date) {
        guard read.count == settlements.count else { return nil }
        var items: [ChangeCoding.Item] = []
        items.reserveCapacity(settlements.count)
        var results: [SettleResult] = []
        results.reserveCapacity(settlements.count)
        var dropped: [SHA256Digest] = []
        var slots: [Slot] = []
        slots.reserveCapacity(settlements.count)
        for settlement in settlements {
            guard let job = read[settlement.lease.job] else { return nil }
            var details = job.details
            let digests = details.content.digests
            let (result, change) = details.settle(
                settlement, job.entry, flags: job.entry.flags.intersection(.stored), isHeld: true, at: time)
            guard let change else { return nil }
            let given = details.content.isNone ? digests : []
            items.append(
                .init(change: change, entry: job.entry, details: details, dropped: given, header: job.header))
            results.append(result)
            slots.append(job.slot)
            dropped += given
        }
        (record, changes) = ChangeCoding.encoded(items)
        leases = settlements.map(\.lease)
        entries = items.map(\.entry)
        self.slots = slots
        self.dropped = dropped
        self.results = results
    }

    /// Adds them to a queue's group. False, and nothing done, where something happened to a job since.
    func append(to queue: FileQueue) -> Bool {
        for (index, lease) in leases.enumerated() {
            guard let slot = queue.table.slot(of: lease.job, hint: slots[index]),
                queue.table.leases.token(of: slot) == lease.token,
                isAsLeased(entries[index], queue.table[slot], in: queue.table)
            else { return false }
        }
        queue.append(record, changes, hints: slots)
        if !dropped.isEmpty { queue.attachments.release(dropped) }
        return true
    }

    /// Whether nothing happened to a job since it was handed out.
    private func isAsLeased(_ earlier: JobEntry, _ entry: JobEntry, in table: QueueTable) -> Bool {
        entry.segment == earlier.segment && entry.offset == earlier.offset && entry.attempts == earlier.attempts
            && table.flags(of: entry) == earlier.flags.intersection(.stored)
    }
}
