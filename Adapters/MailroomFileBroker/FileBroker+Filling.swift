import Foundation
import Mailroom

extension FileBroker {
    /// Reads the jobs that were handed out, on the caller's time. A job whose record or content is damaged is set aside
    /// and not answered.
    func fill(_ handouts: [Handout], now: Date) async throws(BrokerError) -> [Lease] {
        var leases: [Lease] = []
        leases.reserveCapacity(handouts.count)
        var read: [(JobID, LeaseMemory.Job)] = []
        read.reserveCapacity(handouts.count)
        var ahead = ReadAhead(readers)
        for (index, handout) in handouts.enumerated() {
            do throws(BrokerError) {
                ahead.begin(handouts, at: index)
                let (lease, job) = try await filled(handout, &ahead)
                leases.append(lease)
                read.append((lease.id.job, job))
            } catch {
                if error.code == .corrupt {
                    try await setAside(handout.lease, because: error.reason, now: now)
                } else {
                    // Nobody gets these leases: an attempt must not be used up by an error of the disk.
                    await giveBack(handouts.map(\.lease), now: now)
                    throw error
                }
            }
        }
        memory.note(read)
        return leases
    }

    private func filled(
        _ handout: Handout, _ ahead: inout ReadAhead
    ) async throws(BrokerError) -> (Lease, LeaseMemory.Job) {
        var entry = handout.entry
        while true {
            do throws(BrokerError) {
                return try await filled(handout.lease, handout.slot, entry, &ahead)
            } catch {
                // It was moved, and the segment deleted, since it was handed out.
                guard error.code == .segmentIsGone else { throw error }
                let now = try await run { (queue) throws(BrokerError) in
                    queue.table.slot(of: handout.lease.job).map { queue.table[$0] }
                }
                guard let now, now.segment != entry.segment else {
                    throw BrokerError(.corrupt, error.reason, mayHaveStored: false)
                }
                entry = now
            }
        }
    }

    private func filled(
        _ lease: Lease.ID, _ slot: Slot, _ entry: JobEntry, _ ahead: inout ReadAhead
    ) async throws(BrokerError) -> (Lease, LeaseMemory.Job) {
        let bytes = try ahead.bytes(segment: entry.segment, offset: Int(entry.offset), count: entry.pieceLength)
        guard let (details, header) = DetailsBlock.read(bytes.prefix(Int(entry.length)), of: entry) else {
            throw damaged("record", entry.segment, entry.offset)
        }
        var filled = details.lease(lease, entry)
        if case .stored(let segment, let offset, let length, let digests) = details.content {
            let isNext = segment == entry.segment && offset == entry.offset + entry.length
            let content =
                isNext
                ? bytes.dropFirst(Int(entry.length))
                : try ahead.bytes(segment: segment, offset: Int(offset), count: Int(length))
            guard let payload = ContentBlock.payload(content) else { throw damaged("content", segment, offset) }
            filled.submission.payload = payload
            if !digests.isEmpty { filled.submission.attachments = try await attachments(digests) }
        }
        return (filled, LeaseMemory.Job(details: details, slot: slot, entry: entry, header: Array(header)))
    }

    private func attachments(_ digests: [SHA256Digest]) async throws(BrokerError) -> [Attachment.Content] {
        try await run { (queue) throws(BrokerError) in
            var contents: [Attachment.Content] = []
            for digest in digests {
                guard let content = try queue.attachments.content(digest, in: queue.log) else {
                    throw BrokerError(
                        .corrupt,
                        "an attachment of the job, digest \(digest), is damaged or missing: restore the queue's folder "
                            + "from a copy, or submit the message again",
                        mayHaveStored: false)
                }
                contents.append(content)
            }
            return contents
        }
    }

    private func damaged(_ what: String, _ segment: UInt32, _ offset: UInt32) -> BrokerError {
        BrokerError(
            .corrupt,
            "its \(what) in \(settings.layout.segmentPath(segment)) at offset \(offset) is damaged: restore the queue's "
                + "folder from a copy, or submit the message again",
            mayHaveStored: false)
    }

    private func setAside(_ lease: Lease.ID, because reason: String, now: Date) async throws(BrokerError) {
        try await run(room: 2048) { (queue) throws(BrokerError) in
            if queue.table.holds(lease) { try queue.setAside(lease.job, because: reason, at: now) }
        }
    }

    private func giveBack(_ leases: [Lease.ID], now: Date) async {
        let settlements = leases.map { Settlement($0, next: .release) }
        _ = try? await run(room: settlements.count * 1024) { (queue) throws(BrokerError) in
            try queue.settle(settlements, read: [:], at: now)
        }
    }
}
