import Mailroom
import MailroomFiles

/// A record read from the log.
struct StoredRecord {
    let kind: RecordKind
    /// Its payload.
    let bytes: ArraySlice<UInt8>
    /// Where its head stands.
    let position: Position
}

/// Bytes read ahead from the active segment.
struct ReadWindow {
    var bytes: [UInt8] = []
    var segment: UInt32 = 0
    var start = 0

    /// What is known from an offset on.
    func count(from offset: Int, in segment: UInt32) -> Int {
        guard segment == self.segment, offset >= start else { return 0 }
        return max(0, start + bytes.count - offset)
    }
}

extension Log {
    /// How reading on ended.
    enum Reading {
        /// At the end of the log.
        case end
        /// At bytes that are no record: a write under way, or with the lock held an interrupted or damaged one.
        case damage
        /// The next segment was deleted before it was read: the log must be read anew.
        case lost
    }

    /// Reads what was appended since, by whomever, up to the end of the log or to a place before it.
    func readOn(
        upTo limit: Position? = nil, _ visit: (StoredRecord) throws(BrokerError) -> Void
    ) throws(BrokerError) -> Reading {
        if try isZeroAtTail() { return .end }
        // What lies in the window beyond the tail may have been zeros when it was read.
        window.bytes = []
        var readAhead = 4096
        while true {
            if let limit, end >= limit { return .end }
            try fill(RecordHead.size, readingAhead: readAhead)
            guard
                let head = window.bytes.withUnsafeBytes({ RecordHead(UnsafeRawBufferPointer(rebasing: $0[index...])) })
            else { return isZero(RecordHead.size) ? .end : .damage }
            let total = RecordHead.size + Int(head.length)
            guard tail + total <= Int(UInt32.max) else { return .damage }
            if window.count(from: tail, in: segment.number) < total {
                guard tail + total <= (try before { () throws(FileError) in try segment.file.size() }) else {
                    return .damage
                }
                readAhead = min(readAhead * 4, 1 << 20)
                try fill(total, readingAhead: readAhead)
            }
            let position = end
            let isWhole = window.bytes.withUnsafeBytes {
                head.isWhole(in: UnsafeRawBufferPointer(rebasing: $0[index...]), at: position)
            }
            guard isWhole else { return .damage }
            guard let kind = RecordKind(rawValue: head.kind) else {
                throw BrokerError(
                    .unsupported,
                    "\(segment.file.path) holds a record of an unknown kind at \(tail): a newer version wrote it; "
                        + "update this program",
                    mayHaveStored: false)
            }
            if kind == .end {
                guard let next = try Segment.open(segment.number + 1, in: folder) else { return .lost }
                if try next.isUnused {
                    // Only whoever holds the lock can see to it that the end of this segment is on the disk.
                    guard isLocked else { return .end }
                    try bringToDisk(segment)
                }
                segment = next
                tail = Segment.headerSize
                continue
            }
            let start = index + RecordHead.size
            try visit(
                StoredRecord(
                    kind: kind, bytes: window.bytes[start..<start + Int(head.length)], position: position))
            last = (position, head.checksum)
            tail += RecordHead.space(forPayload: Int(head.length))
        }
    }

    /// Brings a segment that has ended to the disk while nobody has written to the next one: whoever ended it may have
    /// died before it was there, or failed, and what comes next is worth nothing without.
    private func bringToDisk(_ ended: Segment) throws(BrokerError) {
        try before { () throws(FileError) in
            try rewrite(ended, to: tail + Segment.reserve, after: try watermarkPosition())
            try ended.file.sync()
        }
    }

    /// Whether the record before the tail still stands there. After a failed sync the system may show what was on the disk
    /// before: then it is gone, and others may have written in its place.
    func lastStands() throws(BrokerError) -> Bool {
        guard let last, last.position.segment == segment.number else { return true }
        let file = segment.file
        let bytes = try before { () throws(FileError) in
            try file.bytes(RecordHead.size, at: Int(last.position.offset))
        }
        return bytes.withUnsafeBytes { RecordHead($0)?.checksum } == last.checksum
    }

    /// Whether nothing stands at the tail: the usual case, asked before every group.
    func isZeroAtTail() throws(BrokerError) -> Bool {
        var head = (UInt64(0), UInt64(0), UInt64(0))
        let file = segment.file
        let offset = tail
        _ = try before { () throws(FileError) in
            try withUnsafeMutableBytes(of: &head) { (buffer) throws(FileError) in
                try file.read(into: buffer, at: offset)
            }
        }
        return head == (0, 0, 0)
    }

    /// The tail's place in the window.
    private var index: Int { tail - window.start }

    private func isZero(_ count: Int) -> Bool { window.bytes[index...].prefix(count).allSatisfy { $0 == 0 } }

    /// Has this many bytes from the tail on in the window, or as many as there are.
    private func fill(_ count: Int, readingAhead ahead: Int) throws(BrokerError) {
        if window.count(from: tail, in: segment.number) >= count { return }
        let file = segment.file
        let offset = tail
        window.bytes = try before { () throws(FileError) in try file.bytes(max(count, ahead), at: offset) }
        window.segment = segment.number
        window.start = tail
    }
}
