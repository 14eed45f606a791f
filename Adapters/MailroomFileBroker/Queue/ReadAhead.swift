import Mailroom

/// Reads jobs that stand close to each other in one piece.
struct ReadAhead {
    private let readers: SegmentReaders
    private var bytes: [UInt8] = []
    private var segment: UInt32 = 0
    private var start = 0
    private static let limit = 96 << 10
    /// Bytes between two jobs that are read along rather than with a call of their own.
    private static let gap = 4096

    init(_ readers: SegmentReaders) { self.readers = readers }

    /// Reads the job at a place of a list, if it was not read yet, and those after it that stand close.
    mutating func begin(_ handouts: [Handout], at index: Int) {
        let first = handouts[index].entry
        if contains(first.segment, Int(first.offset), first.pieceLength) { return }
        var end = Int(first.offset) + first.pieceLength
        for handout in handouts[(index + 1)...] {
            let (offset, length) = (Int(handout.entry.offset), handout.entry.pieceLength)
            guard handout.entry.segment == first.segment, offset >= end, offset - end <= ReadAhead.gap,
                offset + length - Int(first.offset) <= ReadAhead.limit
            else { break }
            end = offset + length
        }
        // Where this fails the job's own read meets the reason.
        let read = try? readers.bytes(
            segment: first.segment, offset: Int(first.offset), count: end - Int(first.offset))
        bytes = read ?? []
        segment = first.segment
        start = Int(first.offset)
    }

    private func contains(_ segment: UInt32, _ offset: Int, _ count: Int) -> Bool {
        segment == self.segment && offset >= start && offset + count <= start + bytes.count
    }

    /// Bytes of a segment, read ahead or not.
    func bytes(segment: UInt32, offset: Int, count: Int) throws(BrokerError) -> ArraySlice<UInt8> {
        guard contains(segment, offset, count) else {
            return try readers.bytes(segment: segment, offset: offset, count: count)[...]
        }
        return bytes[offset - start..<offset - start + count]
    }
}

extension JobEntry {
    /// The bytes from its details on that are read at once: what came in lately has its content next to them.
    var pieceLength: Int { Int(length) + (flags.contains(.hasContent) ? Int(contentLength) : 0) }
}
