import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A segment that is written anew beside the old one.
final class DraftSegment {
    let number: UInt32
    /// Its name in the queue's folder until it takes its place.
    let name: String
    private let file: File
    private(set) var offset = Segment.headerSize

    init(_ number: UInt32, in folder: FolderLayout) throws(BrokerError) {
        self.number = number
        let path = folder.segmentPath(number) + ".repaired.new"
        name = String(path.split(separator: "/").last ?? "")
        file = try before { () throws(FileError) in
            try folder.disk.remove(path)
            let file = try folder.disk.open(path, O_RDWR | O_CREAT | O_EXCL)
            try file.write(Segment.header(number), at: 0)
            return file
        }
    }

    var position: Position { Position(segment: number, offset: UInt32(offset)) }

    /// Takes over the records of an old file up to a place, with damage replaced by a record that says nothing. Answers
    /// what tells whether all of it could be read.
    func copy(
        _ segment: FoundSegment, to end: Int, without stretches: [Stretch]
    ) throws(BrokerError) -> SegmentScan {
        var scan = try SegmentScan(segment)
        while offset < end {
            if let stretch = stretches.first(where: { $0.start == offset }) {
                try fill(stretch.count)
                continue
            }
            let next = stretches.filter { $0.start > offset }.map(\.start).min() ?? end
            let bytes = try scan.read(min(1 << 20, min(next, end) - offset), at: offset)
            try before { () throws(FileError) in try file.write(bytes, at: offset) }
            offset += bytes.count
        }
        return scan
    }

    /// A record of no jobs, of this many bytes in all.
    private func fill(_ count: Int) throws(BrokerError) {
        guard count > RecordHead.size else {
            throw BrokerError(
                .corrupt, "\(file.path): no record was \(count) bytes long: restore the folder from a copy",
                mayHaveStored: false)
        }
        let bytes = [UInt8](repeating: 0, count: count)
        try append(EncodedRecord(.moved, headed: bytes))
    }

    @discardableResult
    func append(_ record: EncodedRecord) throws(BrokerError) -> Position {
        let place = position
        var bytes = record.bytes + [UInt8](repeating: 0, count: record.space - record.bytes.count)
        let head = RecordHead(
            record.kind, length: record.bytes.count - RecordHead.size, hash: record.hash, at: place,
            synced: UInt32(Segment.headerSize))
        bytes.withUnsafeMutableBytes { head.store(in: $0) }
        try before { () throws(FileError) in try file.write(bytes, at: offset) }
        offset += bytes.count
        return place
    }

    /// Brings it to the disk, with zeros up to a size at least.
    func finish(_ size: Int = 0) throws(BrokerError) {
        try before { () throws(FileError) in
            let end = max(size, offset + Segment.reserve)
            try file.truncate(to: (end + File.pageSize - 1) & ~(File.pageSize - 1))
            try file.sync()
        }
    }
}
