import Foundation
import Mailroom

/// What a log's records come to: the table of the jobs, the places of attachments, the boot that wrote last.
final class QueueFold {
    let table: QueueTable
    var attachments: StoredAttachments
    private(set) var boot: String
    /// Told of each worker that leased.
    var noteWorker: ((String) -> Void)?

    init(_ checkpoint: Checkpoint?) {
        table = checkpoint?.table ?? QueueTable()
        attachments = checkpoint?.attachments ?? StoredAttachments()
        boot = checkpoint?.boot ?? ""
    }

    func apply(_ record: StoredRecord, in folder: FolderLayout) throws(BrokerError) {
        do {
            try fold(record)
        } catch {
            throw BrokerError(
                .corrupt,
                "\(folder.segmentPath(record.position.segment)) holds a record at \(record.position.offset) that cannot "
                    + "be read although it is whole: a newer version may have written it; update this program",
                mayHaveStored: false)
        }
    }

    /// Another boot begins.
    func begin(_ boot: String, at time: Date) {
        if !self.boot.isEmpty { table.noteRestart(at: time) }
        self.boot = boot
    }

    private func fold(_ record: StoredRecord) throws(ByteReader.Malformed) {
        switch record.kind {
        case .enqueued:
            try EncodedArrivals.visit(record) { arrival, queue, digests in
                if table.admit(arrival, to: queue) != nil { attachments.retain(digests) }
            }
        case .leased:
            let (leases, worker, expires) = try record.leases()
            for lease in leases { table.grant(lease, worker: worker, expires: expires) }
            noteWorker?(worker)
        case .extended:
            let (leases, expires) = try record.extensions()
            for lease in leases { table.extend(lease, until: expires) }
        case .changed:
            try ChangeCoding.visit(record) { stored in
                if table.slot(of: stored.change.job) == nil {
                    table.restore(stored)
                    attachments.retain((try? DetailsBlock.digests(in: stored.block)) ?? [])
                } else {
                    table.apply(stored.change)
                    attachments.release(stored.dropped)
                }
            }
        case .moved:
            try MoveCoding.visit(record) { moved in
                // Where what came before was dropped, an earlier record of the job may have been taken for its beginning.
                if let slot = table.slot(of: moved.entry.id), !table[slot].agrees(with: moved.entry) {
                    table.remove(moved.entry.id)
                }
                if table.slot(of: moved.entry.id) == nil {
                    table.restore(moved.entry, to: moved.queue, under: moved.term)
                    attachments.retain(moved.digests)
                } else {
                    let entry = moved.entry
                    table.move(
                        entry.id, to: entry.segment, entry.offset, length: entry.length,
                        contentLength: entry.contentLength)
                }
            }
        case .removed:
            for job in try record.removals().jobs where table.slot(of: job.id) != nil {
                table.remove(job.id)
                attachments.release(job.dropped)
            }
        case .attachment: try attachments.note(record)
        case .boot:
            let read = try record.boot()
            if boot != read.id { begin(read.id, at: read.time) }
            table.count(from: read.lastToken, read.lastSequence)
        case .end: break
        }
    }
}

extension QueueTable {
    /// A job of which only a change is left.
    fileprivate func restore(_ stored: ChangeCoding.Stored) {
        let change = stored.change
        let arrival = JobArrival(
            id: change.job, createdAt: change.time, due: change.time, expires: change.expires,
            keyHash: change.keyHash, filter: stored.filter)
        var entry = JobEntry(arrival, lane: 0, sequence: lastSequence + 1)
        entry.segment = change.segment
        entry.offset = change.offset
        entry.length = change.length
        entry.contentLength = stored.contentLength
        entry.attempts = change.attempts
        entry.lostAttempts = change.lostAttempts
        entry.flags = change.flags.intersection(.stored)
        switch change.next {
        case .same:
            entry.state = stored.state
            entry.time = stored.due
        case .waiting(let due):
            entry.time = due
            entry.state = change.state ?? .ready
        case .settled(let state, let keyUntil):
            entry.state = state
            entry.sequence = UInt64(max(0, keyUntil))
        }
        restore(entry, to: stored.queue, under: nil)
    }
}

extension JobEntry {
    /// Whether both tell of the same moment of a job.
    fileprivate func agrees(with other: JobEntry) -> Bool {
        state.isSettled == other.state.isSettled && attempts == other.attempts
            && (state == .leased) == (other.state == .leased)
    }
}
