import Mailroom
import MailroomFiles

/// Keeps a log from growing for ever: what is still needed of its first segment is written anew at the end, piece by
/// piece, and the segment is deleted.
struct SegmentMover {
    /// How far the first segment has been looked through.
    private var place = Position(segment: 0, offset: 0)
    /// The bytes looked through at once.
    static let piece = 256 << 10

    /// One step: looks through a piece of the first segment. Adds what is needed of it to the queue's group. Answers the
    /// segment once all of it is done: it may be deleted when the group is on the disk.
    mutating func step(_ queue: FileQueue, first: UInt32) throws(BrokerError) -> UInt32? {
        let start = place
        do throws(BrokerError) {
            return try move(queue, first: first)
        } catch {
            // What was looked through and not written anew is looked through once more.
            place = start
            throw error
        }
    }

    private mutating func move(_ queue: FileQueue, first: UInt32) throws(BrokerError) -> UInt32? {
        if place.segment != first { place = Position(segment: first, offset: UInt32(Segment.headerSize)) }
        guard let segment = try Segment.open(first, in: queue.log.folder) else { return first }
        // It was made ready so late that it had been used and dropped already.
        if try segment.isUnused { return first }
        var jobs: [MoveCoding.Job] = []
        var digests: [SHA256Digest] = []
        let end = Int(place.offset) + SegmentMover.piece
        var isDone = false
        while Int(place.offset) < end, !isDone {
            let offset = Int(place.offset)
            let head = try before { () throws(FileError) in try segment.file.bytes(RecordHead.size, at: offset) }
            guard let head = head.withUnsafeBytes({ RecordHead($0) }), let kind = RecordKind(rawValue: head.kind)
            else { throw queue.unmovable(place) }
            let next = offset + RecordHead.space(forPayload: Int(head.length))
            // Damage to a job's id, or to the kind of its record, would make it look as if it were not needed.
            let record = try stored(kind, head, in: segment, of: queue)
            switch kind {
            case .end: isDone = true
            case .enqueued, .changed, .moved, .attachment:
                let found: [JobID]
                do throws(ByteReader.Malformed) {
                    found = try SegmentMover.named(in: record, queue, &digests)
                } catch { throw queue.unmovable(place) }
                for id in found {
                    guard let slot = queue.table.slot(of: id), !jobs.contains(where: { $0.slot == slot }) else {
                        continue
                    }
                    if let job = try queue.movable(slot, from: first) { jobs.append(job) }
                }
            case .leased, .extended, .removed, .boot: break
            }
            place.offset = UInt32(next)
        }
        try queue.move(jobs, digests)
        return isDone ? first : nil
    }

    private func stored(
        _ kind: RecordKind, _ head: RecordHead, in segment: Segment, of queue: FileQueue
    ) throws(BrokerError) -> StoredRecord {
        let count = RecordHead.size + Int(head.length)
        let bytes = try before { () throws(FileError) -> [UInt8] in
            guard Int(place.offset) + count <= (try segment.file.size()) else { return [] }
            return try segment.file.bytes(count, at: Int(place.offset))
        }
        guard bytes.withUnsafeBytes({ head.isWhole(in: $0, at: place) }) else { throw queue.unmovable(place) }
        return StoredRecord(kind: kind, bytes: bytes.dropFirst(RecordHead.size), position: place)
    }

    /// The jobs that a record is about. Adds the attachment that it is, if that is needed.
    private static func named(
        in record: StoredRecord, _ queue: FileQueue, _ digests: inout [SHA256Digest]
    ) throws(ByteReader.Malformed) -> [JobID] {
        var found: [JobID] = []
        switch record.kind {
        case .enqueued: try EncodedArrivals.visit(record) { arrival, _, _ in found.append(arrival.id) }
        case .changed: try ChangeCoding.visit(record) { found.append($0.change.job) }
        case .moved: try MoveCoding.visit(record) { found.append($0.entry.id) }
        default:
            var reader = ByteReader(record.bytes)
            let digest = try SHA256Digest(decoding: &reader)
            if queue.attachments.isNeeded(digest, at: record.position) { digests.append(digest) }
        }
        return found
    }
}

extension FileQueue {
    /// A job of which something stands in a segment, read back; `nil` where nothing does. What is damaged is an error: the
    /// segment stays.
    fileprivate func movable(_ slot: Slot, from segment: UInt32) throws(BrokerError) -> MoveCoding.Job? {
        let entry = table[slot]
        guard entry.segment == segment || entry.flags.contains(.hasContent) else { return nil }
        let details = try details(of: slot)
        guard case .stored(let place, let offset, let length, _) = details.content else {
            return entry.segment == segment ? MoveCoding.Job(slot: slot, details: details, content: []) : nil
        }
        guard entry.segment == segment || place == segment else { return nil }
        let content = try log.bytes(segment: place, offset: Int(offset), count: Int(length))
        return MoveCoding.Job(slot: slot, details: details, content: content)
    }

    /// Writes jobs and attachments anew.
    fileprivate func move(_ jobs: [MoveCoding.Job], _ digests: [SHA256Digest]) throws(BrokerError) {
        var room = 64
        for job in jobs { room += 1024 + Int(table[job.slot].length) + job.content.count }
        for digest in digests { room += 128 + (attachments.places[digest]?.length ?? 0) }
        try before { () throws(FileError) in try makeRoom(for: room) }
        for digest in digests where !(try attachments.move(digest, in: log)) {
            throw unmovable(log.end)
        }
        guard !jobs.isEmpty else { return }
        let record = MoveCoding.encoded(jobs, in: table, at: log.end)
        let position = log.append(record)
        let stored = StoredRecord(kind: .moved, bytes: record.bytes[RecordHead.size...], position: position)
        try? MoveCoding.visit(stored) { moved in
            let entry = moved.entry
            table.move(
                entry.id, to: entry.segment, entry.offset, length: entry.length, contentLength: entry.contentLength)
        }
        promise()
    }

    fileprivate func unmovable(_ position: Position) -> BrokerError {
        BrokerError(
            .corrupt,
            "\(log.folder.segmentPath(position.segment)) is damaged near offset \(position.offset): stop its processes "
                + "and run \"mailroom queue repair \(log.folder.path)\"",
            mayHaveStored: false)
    }
}

extension StoredAttachments {
    fileprivate func isNeeded(_ digest: SHA256Digest, at position: Position) -> Bool {
        places[digest].map { $0.position == position && $0.references > 0 } ?? false
    }
}
