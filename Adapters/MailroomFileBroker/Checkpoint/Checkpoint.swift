import Foundation
import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The state of a queue at a place of its log, as a file that is mapped instead of read. What is changed afterwards stays
/// in the process.
struct Checkpoint {
    let position: Position
    let table: QueueTable
    let attachments: StoredAttachments
    let boot: String

    static let magic: [UInt8] = Array("MAILCKPT".utf8)
    static let headerSize = 256
    /// Bytes of addresses kept free behind the file, for jobs that come in. They cost nothing until they do.
    private static let slack = 4 << 30
    static let chunk = 1 << 20

    /// What the header says, as numbers in this order.
    struct Header {
        var words = [UInt64](repeating: 0, count: (headerSize - 16) / 8)

        enum Field: Int {
            case fileSize, segment, offset, miscOffset, miscLength, miscHash, idsOffset, idsLength, idsUsed, idsHash
            case keysOffset, keysLength, keysUsed, keysHash, linesOffset, linesLength, linesHash
            case entriesOffset, entriesCount, entriesHash
            /// Where the last record before the place stands, and its checksum.
            case lastOffset, lastChecksum
        }

        subscript(field: Field) -> Int {
            get { Int(truncatingIfNeeded: words[field.rawValue]) }
            set { words[field.rawValue] = UInt64(truncatingIfNeeded: newValue) }
        }

        func bytes() -> [UInt8] {
            var writer = ByteWriter(appendingTo: Checkpoint.magic)
            for word in words { writer.write(fixed: word) }
            writer.write(fixed: Fingerprint(of: writer.bytes).rawValue)
            return writer.bytes
        }

        init() { words[words.count - 1] = UInt64(Segment.version) }

        /// Reads a header; `nil` where it is damaged or of another version.
        init?(_ bytes: [UInt8]) {
            guard bytes.count == headerSize, bytes.starts(with: Checkpoint.magic) else { return nil }
            var reader = ByteReader(bytes[8...])
            for index in words.indices { words[index] = (try? reader.fixed64()) ?? 0 }
            guard words[words.count - 1] == UInt64(Segment.version),
                (try? reader.fixed64()) == Fingerprint(of: Array(bytes[..<(headerSize - 8)])).rawValue
            else { return nil }
        }

        var position: Position { Position(segment: UInt32(self[.segment]), offset: UInt32(self[.offset])) }
    }

    /// Where the folder's checkpoint stands, without looking at the rest of it.
    static func latestPosition(in folder: FolderLayout) -> Position? { header(in: folder)?.1.position }

    private static func header(in folder: FolderLayout) -> (File, Header)? {
        guard let file = try? folder.disk.open(folder.checkpointPath, O_RDONLY),
            let bytes = try? file.bytes(headerSize, at: 0), let header = Header(bytes)
        else { return nil }
        return (file, header)
    }

    /// The folder's checkpoint; `nil` where there is none, or where it is damaged: the log has everything, too, and
    /// takes longer to read.
    static func latest(in folder: FolderLayout) -> Checkpoint? {
        guard let (file, header) = header(in: folder), belongs(header, to: folder),
            (try? file.size()) == header[.fileSize],
            let memory = try? ReservedMemory(header[.fileSize] + slack),
            (try? file.map(header[.fileSize], at: memory.base)) != nil
        else { return nil }
        return try? Checkpoint(header, memory)
    }

    /// Whether the log has the record that the checkpoint was made after: that of another folder, or of a log that was
    /// put back from a copy, is of no use.
    private static func belongs(_ header: Header, to folder: FolderLayout) -> Bool {
        guard
            let segment = try? folder.disk.open(folder.segmentPath(header.position.segment), O_RDONLY),
            let bytes = try? segment.bytes(RecordHead.size, at: header[.lastOffset]),
            let head = bytes.withUnsafeBytes({ RecordHead($0) })
        else { return false }
        return head.checksum == UInt64(bitPattern: Int64(header[.lastChecksum]))
            && header[.lastOffset] + RecordHead.space(forPayload: Int(head.length)) == header[.offset]
    }

    private struct Damaged: Error {}

    private init(_ header: Header, _ memory: ReservedMemory) throws {
        func section(_ offset: Header.Field, _ length: Int) throws -> UnsafeMutableRawPointer {
            let start = header[offset]
            guard start >= Checkpoint.headerSize, start & 7 == 0, length >= 0,
                start + length <= header[.fileSize]
            else { throw Damaged() }
            return memory.base + start
        }
        func column<Element>(
            _ offset: Header.Field, count: Int, hash: Header.Field, of type: Element.Type
        ) throws -> UnsafeMutablePointer<Element> {
            let length = count * MemoryLayout<Element>.stride
            let start = try section(offset, length)
            guard
                Checkpoint.hash(UnsafeRawBufferPointer(start: start, count: length))
                    == UInt64(bitPattern: Int64(header[hash]))
            else { throw Damaged() }
            return start.bindMemory(to: Element.self, capacity: count)
        }
        let misc = try column(.miscOffset, count: header[.miscLength], hash: .miscHash, of: UInt8.self)
        let ids = try column(.idsOffset, count: header[.idsLength], hash: .idsHash, of: UInt32.self)
        let keys = try column(.keysOffset, count: header[.keysLength], hash: .keysHash, of: UInt32.self)
        let lines = try column(.linesOffset, count: header[.linesLength], hash: .linesHash, of: UInt32.self)
        let count = header[.entriesCount]
        let entries = try column(.entriesOffset, count: count, hash: .entriesHash, of: JobEntry.self)
        func index(_ base: UnsafeMutablePointer<UInt32>, _ length: Int, used: Int) -> SlotIndex {
            SlotIndex(Column(base, count: length, capacity: length, owner: memory), count: used)
        }
        let room = (memory.count - header[.entriesOffset]) / MemoryLayout<JobEntry>.stride
        var reader = ByteReader(Array(UnsafeBufferPointer(start: misc, count: header[.miscLength])))
        let state = try CheckpointState(&reader)
        var line = 0
        let lanes = state.lanes.map { lane in
            func next(_ count: Int) -> Column<Slot> {
                defer { line += count }
                return Column(lines + line, count: count, capacity: count, owner: memory)
            }
            return Lane(
                lane.queue, counts: lane.counts, retried: lane.retried, ready: next(lane.ready),
                scheduled: next(lane.scheduled))
        }
        guard line == header[.linesLength] else { throw Damaged() }
        table = QueueTable(
            entries: Column(entries, count: count, capacity: room, owner: memory),
            ids: index(ids, header[.idsLength], used: header[.idsUsed]),
            keys: index(keys, header[.keysLength], used: header[.keysUsed]), lanes: lanes, leases: state.leases,
            lastSequence: state.lastSequence, lastToken: state.lastToken, lastNumber: state.lastNumber,
            restart: state.restart,
            liveBytes: state.liveBytes)
        attachments = StoredAttachments(places: state.attachments)
        boot = state.boot
        position = header.position
    }

    /// A hash that can be made of a file piece by piece.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = ChunkedHash()
        var offset = 0
        while offset < bytes.count {
            let end = min(bytes.count, offset + chunk)
            hash.add(UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
            offset = end
        }
        return hash.value
    }
}

/// A hash over pieces of ``Checkpoint/chunk`` bytes, the last of which may be shorter.
struct ChunkedHash {
    private(set) var value: UInt64 = 0

    mutating func add(_ piece: UnsafeRawBufferPointer) {
        let pair = (value.littleEndian, Fingerprint(of: piece).rawValue.littleEndian)
        value = withUnsafeBytes(of: pair) { Fingerprint(of: $0).rawValue }
    }
}
