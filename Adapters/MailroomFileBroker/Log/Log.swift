import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The log of one folder as one process sees it: where the records read so far end, and what is to be written there.
/// Used by one thread.
final class Log {
    let folder: FolderLayout
    let segmentSize: Int
    private let lockFile: File
    /// Its lock is shared as long as the log is open.
    private let openFile: File
    /// Up to where the log is on the disk.
    let place: SyncedPlace
    /// After the last record that somebody acted upon before it was on the disk.
    let relied: Watermark
    /// The segment that the log ends in, and where in it.
    var segment: Segment
    var tail: Int
    /// Records that stand at the tail as soon as they are written.
    private(set) var group: [UInt8] = []
    /// Up to where this process knows the log to be on the disk.
    var synced: Position { place.synced }
    var isLocked = false
    /// Whether a part of the group is on the disk already, in the segment before: since the lock was taken.
    private(set) var hasStoredPart = false
    /// The segment of which this log knows that nothing was dropped.
    var secured: UInt32 = 0
    private var prepared: UInt32 = 0
    /// Set where going on in a new segment has failed: what is appended after the record that ends the old one would
    /// never be read.
    private var failure: FileError?
    var window = ReadWindow()
    /// The record before the tail, with its checksum.
    var last: (position: Position, checksum: UInt64)?
    /// The last record of the group.
    private var lastOfGroup: (position: Position, checksum: UInt64)?
    private var readers: [UInt32: Segment] = [:]
    /// Open segments besides the one that is written.
    private static let readerLimit = 64

    /// Opens the log at a place where records begin, or at its beginning, making it where there is none. Reading it is
    /// the caller's next step. The lock is taken and released.
    init(folder: FolderLayout, segmentSize: Int, start: Position?) throws(BrokerError) {
        self.folder = folder
        self.segmentSize = segmentSize
        openFile = try Log.share(folder)
        lockFile = try before { () throws(FileError) in try folder.disk.open(folder.lockPath, O_RDWR | O_CREAT) }
        relied = Watermark(file: lockFile)
        place = SyncedPlace(try before { () throws(FileError) in try Watermark(in: folder) })
        if let start {
            guard let segment = try Segment.open(start.segment, in: folder) else {
                throw BrokerError(
                    .segmentIsGone, "\(folder.segmentPath(start.segment)) is missing: restore the folder from a copy",
                    mayHaveStored: false)
            }
            self.segment = segment
            tail = Int(start.offset)
        } else {
            segment = try Log.first(in: folder, segmentSize: segmentSize, lock: lockFile)
            tail = Segment.headerSize
        }
    }

    /// Makes the folder, and refuses one that is somebody else's.
    static func prepare(_ folder: FolderLayout) throws(BrokerError) {
        let strangers = try before { () throws(FileError) in
            try folder.create()
            return try folder.segments().strangers
        }
        if let stranger = strangers.first {
            throw BrokerError(
                .unsupported,
                "\(folder.path) holds \"\(stranger)\", which is no part of a queue: give the queue a folder of its own",
                mayHaveStored: false)
        }
    }

    /// Says that the queue is in use, for as long as the file is open.
    private static func share(_ folder: FolderLayout) throws(BrokerError) -> File {
        let file = try before { () throws(FileError) in try folder.disk.open(folder.openPath, O_RDWR | O_CREAT) }
        guard file.tryToShareLock() else {
            throw BrokerError(
                .unavailable, "\(folder.path) is being repaired: try again when that has ended", mayHaveStored: false)
        }
        guard !folder.disk.exists(folder.repairingPath) else {
            throw BrokerError(
                .unavailable,
                "a repair of \(folder.path) was interrupted: run \"mailroom queue repair \(folder.path)\" again",
                mayHaveStored: false)
        }
        return file
    }

    private static func first(
        in folder: FolderLayout, segmentSize: Int, lock: File
    ) throws(BrokerError) -> Segment {
        try before { () throws(FileError) in try lock.lock() }
        defer { lock.unlock() }
        let number = try before { () throws(FileError) -> UInt32 in
            if let first = try folder.segments().numbers.first {
                // Whoever made it may have died before its name was on the disk.
                try folder.disk.syncFolder(folder.path)
                return first
            }
            try Segment.create(1, in: folder, size: min(segmentSize, 1 << 20))
            return 1
        }
        guard let segment = try Segment.open(number, in: folder) else {
            throw BrokerError(.unavailable, "\(folder.segmentPath(number)) is gone", mayHaveStored: false)
        }
        return segment
    }

    /// Where the log ends for this process, what waits to be written included.
    var end: Position { Position(segment: segment.number, offset: UInt32(tail + group.count)) }

    // MARK: The lock

    func lock() throws(BrokerError) {
        try before { () throws(FileError) in try lockFile.lock() }
        isLocked = true
        hasStoredPart = false
    }

    func unlock() {
        lockFile.unlock()
        isLocked = false
    }

    // MARK: Writing

    /// Sees to it that the next group, of this many bytes, has a place. With the lock held and nothing waiting.
    func makeRoom(for count: Int) throws(FileError) {
        if tail > Segment.headerSize, tail + count + Segment.reserve > segmentSize { try beginSegment() }
        try segment.makeRoom(from: tail, to: tail + count + Segment.reserve, step: step)
    }

    /// Whether a group of this many bytes fits into the segment, which is made to have room for it.
    func makeRoomInSegment(for count: Int) throws(FileError) -> Bool {
        guard tail + count + Segment.reserve <= segmentSize else { return false }
        try segment.makeRoom(from: tail, to: tail + count + Segment.reserve, step: step)
        return true
    }

    /// A young queue stays small, a busy one grows in steps that cost little for each record.
    private var step: Int { min(max(tail, 256 << 10), 4 << 20) }

    /// Goes on in a new segment. The old one is wholly on the disk before anything is written to the new one.
    func beginSegment() throws(FileError) {
        let number = segment.number + 1
        if folder.disk.exists(folder.segmentPath(number)) {
            // Whoever made it ready may have died before its name was on the disk, or not have come to that yet.
            try folder.disk.syncFolder(folder.path)
        } else {
            try Segment.create(number, in: folder, size: min(segmentSize, 1 << 20))
        }
        let next = try Segment(unchecked: number, in: folder)
        try segment.makeRoom(from: tail, to: tail + Segment.reserve, step: 0)
        let hasPart = !group.isEmpty
        do throws(FileError) {
            append(EncodedRecord(.end) { $0.write(fixed: number) })
            try write()
            try sync()
        } catch {
            failure = error
            throw error
        }
        segment = next
        tail = Segment.headerSize
        secured = number
        hasStoredPart = hasStoredPart || hasPart
        place.advance(to: end)
        announce()
    }

    /// The number of the segment that should be made ready by now, with all its zeros: the time that takes is better
    /// spent beside the writing than in it.
    var nextToPrepare: UInt32? {
        guard tail > segmentSize / 4, segment.number >= prepared else { return nil }
        prepared = segment.number + 1
        return prepared
    }

    /// Adds a record to the group. Answers where its bytes, the head included, begin.
    @discardableResult
    func append(_ record: EncodedRecord) -> Position {
        let position = end
        let start = group.count
        // A large record would otherwise be copied once more by the padding that follows it.
        if record.bytes.count > 1 << 20 { group.reserveCapacity(start + record.bytes.count + 2 * File.pageSize) }
        group.append(contentsOf: record.bytes)
        while group.count & 7 != 0 { group.append(0) }
        let head = RecordHead(
            record.kind, length: record.bytes.count - RecordHead.size, hash: record.hash, at: position,
            synced: synced.segment == segment.number ? synced.offset : 0)
        lastOfGroup = (position, head.checksum)
        group.withUnsafeMutableBytes { head.store(in: UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
        return position
    }

    /// Writes the group at the tail, with the lock held.
    func write() throws(FileError) {
        if let failure { throw failure }
        guard !group.isEmpty else { return }
        try segment.makeRoom(from: tail, to: tail + group.count + Segment.reserve, step: step)
        let count = group.count
        // Up to the end of a page, so that the system need not read the page's rest.
        let pages = (tail + count + File.pageSize - 1) & ~(File.pageSize - 1)
        if pages <= segment.size { group.append(contentsOf: repeatElement(0, count: pages - tail - count)) }
        try segment.file.write(group, at: tail)
        tail += count
        last = lastOfGroup
        group.removeAll(keepingCapacity: group.capacity <= 8 << 20)
    }

    /// Takes back what may have been written of a group. Answers whether nothing of it is left, on the disk either: the
    /// system may have brought some of it there already.
    func takeBackGroup() -> Bool {
        defer { group = [] }
        do {
            try segment.file.writeZeros(from: tail, to: min(tail + group.count, try segment.file.size()))
            try segment.file.sync()
            return true
        } catch {
            return false
        }
    }

    /// Drops a group of which nothing was written.
    func forgetGroup() { group = [] }

    // MARK: The disk

    /// Brings everything up to the tail to the disk.
    func sync() throws(FileError) {
        let end = end
        guard synced < end else { return }
        try segment.file.sync()
        place.advance(to: end)
    }

    /// What another thread needs to do the same.
    var pendingSync: PendingSync { PendingSync(file: segment.file, end: end, place: place) }

    /// Tells the other processes how much is on the disk.
    func announce() { place.announce() }

    /// Whether everything before a place is on the disk, as far as any process has said.
    func isSynced(to position: Position) throws(BrokerError) -> Bool {
        if position <= synced { return true }
        let known = try sharedWatermark()
        if known <= end { place.advance(to: known) }
        return position <= synced
    }

    /// What every process has said about the disk.
    func sharedWatermark() throws(BrokerError) -> Position {
        try before { () throws(FileError) in try watermarkPosition() }
    }

    func watermarkPosition() throws(FileError) -> Position { try place.shared() }

    // MARK: Reading back

    /// Bytes of a record that was written earlier.
    func bytes(segment number: UInt32, offset: Int, count: Int) throws(BrokerError) -> [UInt8] {
        if number == segment.number, offset >= tail {
            // In the group, which is not written yet.
            return Array(group[min(offset - tail, group.count)..<min(offset - tail + count, group.count)])
        }
        let file = try reader(of: number)
        return try before { () throws(FileError) in try file.bytes(count, at: offset) }
    }

    private func reader(of number: UInt32) throws(BrokerError) -> File {
        if number == segment.number { return segment.file }
        if let reader = readers[number] { return reader.file }
        guard let reader = try Segment.open(number, in: folder) else {
            throw BrokerError(
                .segmentIsGone, "\(folder.segmentPath(number)) is missing: restore it from a copy",
                mayHaveStored: false)
        }
        if readers.count >= Log.readerLimit { readers = [:] }
        readers[number] = reader
        return reader.file
    }

    /// Forgets a segment that was deleted.
    func forget(_ number: UInt32) { readers[number] = nil }
}
