import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads a queue's log from its first record to its last and checks what can be checked on the way. Changes nothing.
final class QueueExamination {
    let folder: FolderLayout
    /// Everything that the whole records come to.
    let fold = QueueFold(nil)
    private(set) var found: FoundSegments
    let watermark: WatermarkState
    let checkpoint: Checkpoint?
    let hasCheckpointFile: Bool
    private(set) var checkpointDisagreement: String?

    /// Damage with whole records behind it.
    private(set) var stretches: [Stretch] = []
    /// Segments whose last record is missing although the log goes on: where it should stand, and what stands there.
    private(set) var openEnds: [Stretch] = []
    private(set) var missing: [UInt32] = []
    /// What an interrupted write has left behind: nobody was told that it is stored.
    private(set) var interrupted: Stretch?
    /// Where the log was cut short, though more of it had been on the disk.
    private(set) var lostTail: Stretch?
    /// Segments made ready whose zeros are none.
    private(set) var spoilt: [FoundSegment] = []
    private(set) var unreadable: [Stretch] = []
    /// Set where the disk fails at what it gave back before: then what looks like damage is none.
    private var failure: FileError?
    /// Whole records whose inner hashes are wrong: what wrote them was.
    private(set) var misshapen: [(position: Position, what: String)] = []
    private(set) var end = Position(segment: 0, offset: 0)
    private(set) var records = 0
    private(set) var bytes = 0
    private(set) var freeBytes = 0
    private(set) var attachments: [SHA256Digest: Position] = [:]
    private(set) var attachmentBytes = 0
    /// Where each job's content is known to stand whole, by slot.
    private var contents: [Position] = []
    private(set) var digests: [Slot: [SHA256Digest]] = [:]
    private let progress: (Int, Int) -> Void
    private var isCompared = false
    private var first: UInt32 = 0

    /// `isAlone` where the caller has the queue's locks; else others may be writing.
    init(_ folder: FolderLayout, isAlone: Bool, _ progress: @escaping (Int, Int) -> Void) throws(BrokerError) {
        self.folder = folder
        self.progress = progress
        // In this order, the log is at least as long as what is said about it.
        watermark = WatermarkState(in: folder)
        found = try FoundSegments(in: folder)
        checkpoint = Checkpoint.latest(in: folder)
        hasCheckpointFile = folder.disk.exists(folder.checkpointPath)
        try examine(isAlone)
    }

    var total: Int { found.all.reduce(0) { $0 + $1.size } }

    /// The farthest place that anything says was on the disk.
    private var promised: Position { max(watermark.position, checkpoint?.position ?? Position(segment: 0, offset: 0)) }

    private func examine(_ isAlone: Bool) throws(BrokerError) {
        var last = found.numbers.first ?? 0
        for segment in found.all where try isUsed(segment) { last = segment.number }
        first = found.numbers.first ?? 0
        guard first > 0 else { return }
        // Promised segments of which not even the file is there.
        if promised.segment > last, promised.segment - last < 1 << 16 { last = promised.segment }
        for segment in found.all where segment.number > last {
            var scan = try SegmentScan(segment)
            if try scan.endOfBytes() > Segment.headerSize || !segment.isHeaderWhole { spoilt.append(segment) }
        }
        var number = first
        while number <= last {
            guard let segment = found.segments[number] else {
                missing.append(number)
                number += 1
                end = Position(segment: number, offset: UInt32(Segment.headerSize))
                continue
            }
            let hasEnd = try examine(segment, isLast: number == last, isAlone)
            number += 1
            guard hasEnd else { continue }
            end = Position(segment: number, offset: UInt32(Segment.headerSize))
            guard number > last else { continue }
            // It may have been made since the folder was listed.
            if found.segments[number] == nil { try found.look(for: number, in: folder) }
            if found.segments[number] == nil { missing.append(number) } else { last = number }
        }
        compare(at: end, isEnd: true)
    }

    private func isUsed(_ segment: FoundSegment) throws(BrokerError) -> Bool {
        if promised.segment >= segment.number { return true }
        var scan = try SegmentScan(segment)
        if try scan.next() != nil { return true }
        return try scan.endOfBytes() > Segment.headerSize ? try scan.skip() != nil : false
    }

    /// Answers whether the record was found with which the log goes on in another segment.
    private func examine(_ segment: FoundSegment, isLast: Bool, _ isAlone: Bool) throws(BrokerError) -> Bool {
        var scan = try SegmentScan(segment)
        var lock: File?
        defer {
            lock?.unlock()
            unreadable += scan.unreadable.map {
                Stretch(segment: segment.number, start: $0.lowerBound, end: $0.upperBound)
            }
            freeBytes += scan.size - scan.offset
        }
        while true {
            if let (record, _) = try scan.next() {
                note(scan.offset - Int(record.position.offset))
                if record.kind == .end {
                    compare(at: record.position, isEnd: false)
                    return true
                }
                try visit(record)
                continue
            }
            if isLast, !isAlone, lock == nil {
                // Somebody may be writing just there.
                lock = try? folder.disk.open(folder.lockPath, O_RDONLY)
                if let lock {
                    try before { () throws(FileError) in try lock.lock() }
                    scan = try SegmentScan(segment, from: scan.offset)
                    continue
                }
            }
            let start = scan.offset
            if isLast, try !isPromised(beyond: scan) {
                end = scan.position
                let bytes = try scan.endOfBytes()
                if bytes > start { interrupted = Stretch(segment: segment.number, start: start, end: bytes) }
                return false
            }
            if try scan.skip() != nil {
                stretches.append(Stretch(segment: segment.number, start: start, end: scan.offset))
                continue
            }
            let damage = Stretch(segment: segment.number, start: start, end: try scan.endOfBytes())
            if isLast {
                lostTail = damage
                end = scan.position
            } else {
                openEnds.append(damage)
            }
            return false
        }
    }

    /// Whether anything says that the log had been on the disk beyond a place of its last segment.
    private func isPromised(beyond scan: SegmentScan) throws(BrokerError) -> Bool {
        if promised > scan.position { return true }
        var probe = scan
        guard try probe.endOfBytes() > scan.offset else { return false }
        while let head = try probe.skip() {
            if Int(head.synced) > scan.offset { return true }
            while let (_, head) = try probe.next() { if Int(head.synced) > scan.offset { return true } }
        }
        return false
    }

    private func note(_ count: Int) {
        records += 1
        bytes += count
        if records % 1024 == 0 || count > 1 << 20 { progress(bytes + freeBytes, total) }
    }

    // MARK: Records

    private func visit(_ record: StoredRecord) throws(BrokerError) {
        compare(at: record.position, isEnd: false)
        if record.kind == .attachment { check(attachment: record) }
        try fold.apply(record, in: folder)
        do {
            switch record.kind {
            case .enqueued:
                try EncodedArrivals.visit(record) { arrival, _, digests in
                    check(record, arrival.offset, arrival.length, "details", arrival.id)
                    let place = arrival.offset + arrival.length
                    check(record, place, arrival.contentLength, "content", arrival.id)
                    learn(arrival.id, Position(segment: arrival.segment, offset: place), digests)
                }
            case .changed:
                try ChangeCoding.visit(record) { stored in
                    check(record, stored.change.offset, stored.change.length, "details", stored.change.job)
                    guard stored.change.flags.contains(.hasContent),
                        let (place, digests) = DetailsBlock.content(ofChanged: stored.block)
                    else { return }
                    confirm(stored.change.job, place, digests)
                }
            case .moved:
                try MoveCoding.visit(record) { moved in
                    let entry = moved.entry
                    check(record, entry.offset, entry.length, "details", entry.id)
                    guard entry.contentLength > 0, entry.flags.contains(.hasContent) else { return }
                    check(record, entry.offset + entry.length, entry.contentLength, "content", entry.id)
                    learn(
                        entry.id, Position(segment: entry.segment, offset: entry.offset + entry.length), moved.digests)
                }
            case .leased, .extended, .removed, .attachment, .boot, .end: break
            }
        } catch {
            misshapen.append((record.position, "record"))
        }
    }

    private func check(_ record: StoredRecord, _ offset: UInt32, _ length: UInt32, _ what: String, _ job: JobID) {
        let start = record.bytes.startIndex + Int(offset) - Int(record.position.offset) - RecordHead.size
        if !ContentBlock.isWhole(record.bytes[start..<start + Int(length)]) {
            misshapen.append((Position(segment: record.position.segment, offset: offset), "\(what) of job \(job)"))
        }
    }

    private func check(attachment record: StoredRecord) {
        var reader = ByteReader(record.bytes)
        guard let digest = try? SHA256Digest(decoding: &reader) else { return }
        attachmentBytes += record.bytes.count - 32
        if SHA256Digest(of: Array(reader.rest)) == digest {
            attachments[digest] = record.position
        } else {
            misshapen.append((record.position, "attachment \(digest)"))
        }
    }

    private func learn(_ job: JobID, _ place: Position, _ digests: [SHA256Digest]) {
        guard let slot = fold.table.slot(of: job) else { return }
        set(slot, place)
        if !digests.isEmpty { self.digests[slot] = digests }
    }

    private func set(_ slot: Slot, _ place: Position) {
        while contents.count <= Int(slot) { contents.append(Position(segment: 0, offset: 0)) }
        contents[Int(slot)] = place
    }

    /// A change says where the content stands: it must be where it was seen.
    private func confirm(_ job: JobID, _ place: Position, _ digests: [SHA256Digest]) {
        guard let slot = fold.table.slot(of: job) else { return }
        if !digests.isEmpty { self.digests[slot] = digests }
        if Int(slot) >= contents.count || contents[Int(slot)] != place { set(slot, Position(segment: 0, offset: 0)) }
    }

    /// Whether the content of a job of the fold was seen whole where its details say that it is.
    func hasContent(_ slot: Slot) -> Bool { Int(slot) < contents.count && contents[Int(slot)].segment > 0 }

    // MARK: The checkpoint

    /// Compares when the place is reached that the checkpoint stands at.
    private func compare(at position: Position, isEnd: Bool) {
        guard let checkpoint, !isCompared, position >= checkpoint.position else { return }
        isCompared = true
        // Damage before it makes the log say less: what is right is decided by whoever mends it.
        guard stretches.isEmpty, openEnds.isEmpty, missing.isEmpty else { return }
        guard position == checkpoint.position else {
            checkpointDisagreement = "it stands at no record's beginning"
            return
        }
        checkpointDisagreement = CheckpointComparison.difference(
            checkpoint.table, fold.table, isWholeLog: found.numbers.first == 1)
    }

    /// Reads bytes of any segment; empty where they are not there.
    func read(_ segment: UInt32, _ offset: UInt32, _ length: UInt32) -> [UInt8] {
        guard let found = found.segments[segment], length > 0 else { return [] }
        do throws(FileError) {
            return try found.file.bytes(Int(length), at: Int(offset))
        } catch {
            let range = Int(offset)..<Int(offset) + Int(length)
            if !unreadable.contains(where: { $0.segment == segment && range.overlaps($0.start..<$0.end) }) {
                failure = error
            }
            return []
        }
    }

    /// Remembers what a later look through a segment could not read.
    func note(_ scan: SegmentScan, of segment: FoundSegment) {
        for range in scan.unreadable {
            let known = unreadable.contains {
                $0.segment == segment.number && $0.start <= range.lowerBound && range.upperBound <= $0.end
            }
            if !known { failure = FileError("cannot read \(segment.path)", code: EIO) }
        }
    }

    /// Throws where the disk has begun to fail: nothing may be concluded from what was read since.
    func refuseFailingDisk() throws(BrokerError) {
        if let failure { throw failure.brokerError(mayHaveStored: false) }
    }
}
