import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Bytes of a segment that are no records although records stand, or stood, behind them or there.
struct Stretch: Equatable {
    let segment: UInt32
    let start: Int
    let end: Int

    var count: Int { end - start }
    var position: Position { Position(segment: segment, offset: UInt32(start)) }

    func contains(_ offset: UInt32) -> Bool { Int(offset) >= start && Int(offset) < end }
}

/// Goes through one segment from record to record, over damage, too.
struct SegmentScan {
    let segment: UInt32
    private let file: File
    let size: Int
    private(set) var offset = Segment.headerSize
    private var window: [UInt8] = []
    private var windowStart = 0
    /// Ranges that the disk does not give back.
    private(set) var unreadable: [Range<Int>] = []

    init(_ found: FoundSegment, from start: Int = Segment.headerSize) throws(BrokerError) {
        segment = found.number
        file = found.file
        offset = start
        let file = file
        // It may have grown since it was found.
        size = try before { () throws(FileError) in try file.size() }
    }

    var position: Position { Position(segment: segment, offset: UInt32(offset)) }

    /// What stands at the place: a whole record, and its head; `nil` where none does. Moves on behind it.
    mutating func next() throws(BrokerError) -> (record: StoredRecord, head: RecordHead)? {
        guard offset + RecordHead.size <= size else { return nil }
        try fill(RecordHead.size)
        guard
            let head = window.withUnsafeBytes({
                RecordHead(UnsafeRawBufferPointer(rebasing: $0[(offset - windowStart)...]))
            })
        else { return nil }
        let total = RecordHead.size + Int(head.length)
        guard offset + total <= size, offset + total <= Int(UInt32.max) else { return nil }
        try fill(total)
        let (index, place) = (offset - windowStart, position)
        let isWhole = window.withUnsafeBytes {
            head.isWhole(in: UnsafeRawBufferPointer(rebasing: $0[index...]), at: place)
        }
        guard isWhole else { return nil }
        guard let kind = RecordKind(rawValue: head.kind) else {
            throw BrokerError(
                .unsupported,
                "\(file.path) holds a record of an unknown kind at \(offset): a newer version wrote it; update this program",
                mayHaveStored: false)
        }
        let start = index + RecordHead.size
        offset += RecordHead.space(forPayload: Int(head.length))
        return (StoredRecord(kind: kind, bytes: window[start..<start + Int(head.length)], position: place), head)
    }

    /// Moves on to the next whole record behind the place. Answers its head; `nil`, without moving, where there is none.
    mutating func skip() throws(BrokerError) -> RecordHead? {
        let start = offset
        let rest = try read(size - start, at: start)
        let found = rest.withUnsafeBytes { rest -> (Int, RecordHead)? in
            var place = 8
            while place + RecordHead.size < rest.count {
                let bytes = UnsafeRawBufferPointer(rebasing: rest[place...])
                if bytes.loadUnaligned(as: UInt64.self) != 0, let head = RecordHead(bytes),
                    head.isWhole(in: bytes, at: Position(segment: segment, offset: UInt32(start + place)))
                {
                    return (start + place, head)
                }
                place += 8
            }
            return nil
        }
        guard let found else { return nil }
        offset = found.0
        return found.1
    }

    /// Behind the last byte that is not zero; the place itself where there are only zeros.
    mutating func endOfBytes() throws(BrokerError) -> Int {
        var end = size
        while end > offset {
            let start = max(offset, end - (1 << 20))
            let bytes = try read(end - start, at: start)
            if let last = bytes.lastIndex(where: { $0 != 0 }) { return start + last + 1 }
            end = start
        }
        return offset
    }

    private mutating func fill(_ count: Int) throws(BrokerError) {
        let known = windowStart + window.count - offset
        if offset >= windowStart, known >= count { return }
        window = try read(min(max(count, 1 << 20), size - offset), at: offset)
        windowStart = offset
    }

    /// Bytes of the segment; zeros where the disk does not give them back.
    mutating func read(_ count: Int, at start: Int) throws(BrokerError) -> [UInt8] {
        guard count > 0 else { return [] }
        do throws(FileError) {
            let bytes = try file.bytes(count, at: start)
            return bytes.count == count ? bytes : bytes + [UInt8](repeating: 0, count: count - bytes.count)
        } catch {
            guard error.code == EIO else { throw error.brokerError(mayHaveStored: false) }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let place = start + bytes.count
            let piece = min(count - bytes.count, File.pageSize - place % File.pageSize)
            let part = (try? file.bytes(piece, at: place)) ?? []
            if part.count < piece, !unreadable.contains(where: { $0.contains(place) }) {
                unreadable.append(place..<place + piece)
            }
            bytes += part + [UInt8](repeating: 0, count: piece - part.count)
        }
        return bytes
    }
}
