import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One file of the log: a header, records, and zeros up to the end, written ahead because a file that grows costs the
/// file system a journal entry at every sync.
final class Segment {
    static let headerSize = 32
    /// Room that is always left for the record that ends the segment.
    static let reserve = 64
    static let magic: [UInt8] = Array("MAILROOM".utf8)
    static let version: UInt32 = 2

    let number: UInt32
    let file: File
    /// Up to where zeros or records are known to stand.
    private(set) var size: Int

    private init(number: UInt32, file: File) throws(FileError) {
        self.number = number
        self.file = file
        size = try file.size()
    }

    /// Opens a segment that this program has just made.
    convenience init(unchecked number: UInt32, in folder: FolderLayout) throws(FileError) {
        try self.init(number: number, file: folder.disk.open(folder.segmentPath(number), O_RDWR))
    }

    /// Opens a segment and checks its header; `nil` where there is none.
    static func open(_ number: UInt32, in folder: FolderLayout) throws(BrokerError) -> Segment? {
        let opened = try before { () throws(FileError) -> (Segment, [UInt8])? in
            do throws(FileError) {
                let segment = try Segment(number: number, file: folder.disk.open(folder.segmentPath(number), O_RDWR))
                return (segment, try segment.file.bytes(headerSize, at: 0))
            } catch {
                if error.code == ENOENT { return nil }
                throw error
            }
        }
        guard let (segment, header) = opened else { return nil }
        try segment.check(header)
        return segment
    }

    /// Makes a segment of zeros, which is on the disk under its name when this returns. Where another process was
    /// faster, its segment stands: a name is never given to a second file.
    static func create(_ number: UInt32, in folder: FolderLayout, size: Int) throws(FileError) {
        let path = folder.segmentPath(number)
        let draft = "\(path).\(UInt64.random(in: .min ... .max)).new"
        let file = try folder.disk.open(draft, O_RDWR | O_CREAT | O_EXCL)
        do throws(FileError) {
            try file.write(header(number), at: 0)
            try file.extend(from: headerSize, to: (size + File.pageSize - 1) & ~(File.pageSize - 1))
            try file.sync()
            _ = try folder.disk.link(draft, as: path)
        } catch {
            try? folder.disk.remove(draft)
            throw error
        }
        try folder.disk.remove(draft)
        try folder.disk.syncFolder(folder.path)
    }

    /// Whether it has no record yet.
    var isUnused: Bool {
        get throws(BrokerError) {
            try before { () throws(FileError) in
                try file.bytes(RecordHead.size, at: Segment.headerSize).allSatisfy { $0 == 0 }
            }
        }
    }

    /// Sees to it that records up to `end` can be written without the file growing, and some more.
    func makeRoom(from start: Int, to end: Int, step: Int) throws(FileError) {
        if end <= size { return }
        size = try file.size()
        guard end > size else { return }
        // A large group pays for the growth of the file by itself; zeros would only be written twice.
        if end - start >= Segment.largeGroup { return try reserve(to: end) }
        do throws(FileError) {
            let target = (end + step + File.pageSize - 1) & ~(File.pageSize - 1)
            try file.extend(from: size, to: target)
            size = target
        } catch {
            // Where there is no room for a step there may be room for what is needed now.
            size = try file.size()
            if end <= size { return }
            try file.writeZeros(from: size, to: end)
            size = end
        }
    }

    private static let largeGroup = 256 << 10

    private func reserve(to end: Int) throws(FileError) {
        let target = (end + File.pageSize - 1) & ~(File.pageSize - 1)
        try file.allocate(from: size, to: target)
        size = target
    }

    static func header(_ number: UInt32) -> [UInt8] {
        var writer = ByteWriter(appendingTo: magic)
        writer.write(fixed: version)
        writer.write(fixed: number)
        writer.write(fixed: UInt64(0))
        writer.write(fixed: Fingerprint(of: writer.bytes).rawValue)
        return writer.bytes
    }

    private func check(_ header: [UInt8]) throws(BrokerError) {
        guard header.count == Segment.headerSize, header.starts(with: Segment.magic) else {
            throw BrokerError(
                .corrupt, "\(file.path) does not begin as a segment of a queue does: it is damaged or another file",
                mayHaveStored: false)
        }
        guard let stated = SegmentHeader(header) else { throw damagedHeader }
        try stated.requireKnownFormat(of: file.path)
        guard stated.number == number else { throw damagedHeader }
    }

    private var damagedHeader: BrokerError {
        BrokerError(
            .corrupt, "the header of \(file.path) is damaged: restore the queue's folder from a copy",
            mayHaveStored: false)
    }
}
