import Foundation
import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Writes a checkpoint. It reads the folder by itself, as another process would, so that nobody has to wait for it.
enum CheckpointWriter {
    /// Brings the checkpoint up to what is on the disk. Does nothing while another process is at it, unless it should
    /// wait, or has made one after the latest that the caller knows. Answers whether there is a new one.
    @discardableResult
    static func run(
        _ settings: QueueSettings, after latest: Position? = nil, waits: Bool = false
    ) throws(BrokerError) -> Bool {
        let folder = settings.layout
        let lock = try before { () throws(FileError) in
            try folder.disk.open(folder.checkpointLockPath, O_RDWR | O_CREAT)
        }
        if waits {
            try before { () throws(FileError) in try lock.lock() }
        } else {
            guard lock.tryLock() else { return false }
        }
        if let latest, let found = Checkpoint.latestPosition(in: folder), found > latest { return false }
        let reading = try QueueReading(settings)
        guard try reading.readWhatIsSynced(), let last = reading.last else { return false }
        do throws(FileError) {
            try write(reading, last, in: folder)
        } catch {
            // The room it takes is better used by the log.
            try? folder.disk.remove(folder.checkpointDraftPath)
            throw error.brokerError(mayHaveStored: false)
        }
        return true
    }

    private static func write(
        _ reading: QueueReading, _ last: (position: Position, checksum: UInt64), in folder: FolderLayout
    ) throws(FileError) {
        let draft = folder.checkpointDraftPath
        try folder.disk.remove(draft)
        let file = try folder.disk.open(draft, O_RDWR | O_CREAT | O_EXCL)
        var sections = Sections(file)
        let table = reading.table
        let plan = CheckpointPlan(table)
        var header = Checkpoint.Header()
        header[.segment] = Int(reading.position.segment)
        header[.offset] = Int(reading.position.offset)
        header[.lastOffset] = Int(last.position.offset)
        header[.lastChecksum] = Int(Int64(bitPattern: last.checksum))
        let state = CheckpointState(
            boot: reading.boot, lastToken: table.lastToken, lastSequence: table.lastSequence,
            lastNumber: table.lastNumber, restart: table.restart,
            liveBytes: table.liveBytes, lanes: plan.lanes, leases: plan.leases,
            attachments: reading.attachments.places)
        let misc = state.encoded()
        header[.miscLength] = misc.count
        try misc.withSection { (bytes) throws(FileError) in
            try sections.write(bytes, &header, .miscOffset, .miscHash)
        }
        header[.idsLength] = plan.ids.table.count
        header[.idsUsed] = plan.ids.count
        try plan.ids.table.withSection { (bytes) throws(FileError) in
            try sections.write(bytes, &header, .idsOffset, .idsHash)
        }
        header[.keysLength] = plan.keys.table.count
        header[.keysUsed] = plan.keys.count
        try plan.keys.table.withSection { (bytes) throws(FileError) in
            try sections.write(bytes, &header, .keysOffset, .keysHash)
        }
        header[.linesLength] = plan.lines.count
        try plan.lines.withSection { (bytes) throws(FileError) in
            try sections.write(bytes, &header, .linesOffset, .linesHash)
        }
        header[.entriesCount] = table.count
        try sections.begin(&header, .entriesOffset)
        try plan.forEachChunkOfEntries(table, of: Checkpoint.chunk) { (bytes) throws(FileError) in
            try sections.add(bytes)
        }
        sections.end(&header, .entriesHash)
        header[.fileSize] = sections.offset
        try file.write(header.bytes(), at: 0)
        try file.sync()
        try folder.disk.rename(draft, to: folder.checkpointPath)
        try folder.disk.syncFolder(folder.path)
    }

    /// Sections of a file, one after the other, each on a multiple of eight bytes.
    private struct Sections {
        private let file: File
        private(set) var offset = Checkpoint.headerSize
        private var hash = ChunkedHash()

        init(_ file: File) { self.file = file }

        mutating func begin(_ header: inout Checkpoint.Header, _ field: Checkpoint.Header.Field) throws(FileError) {
            let aligned = (offset + 7) & ~7
            try file.writeZeros(from: offset, to: aligned)
            offset = aligned
            header[field] = offset
            hash = ChunkedHash()
        }

        /// Adds a piece, all but the last of ``Checkpoint/chunk`` bytes.
        mutating func add(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
            hash.add(bytes)
            try file.write(bytes, at: offset)
            offset += bytes.count
        }

        func end(_ header: inout Checkpoint.Header, _ field: Checkpoint.Header.Field) {
            header[field] = Int(Int64(bitPattern: hash.value))
        }

        mutating func write(
            _ bytes: UnsafeRawBufferPointer, _ header: inout Checkpoint.Header,
            _ start: Checkpoint.Header.Field, _ end: Checkpoint.Header.Field
        ) throws(FileError) {
            try begin(&header, start)
            var from = 0
            while from < bytes.count {
                let to = min(bytes.count, from + Checkpoint.chunk)
                try add(UnsafeRawBufferPointer(rebasing: bytes[from..<to]))
                from = to
            }
            self.end(&header, end)
        }
    }
}

extension Column {
    fileprivate func withSection(_ body: (UnsafeRawBufferPointer) throws(FileError) -> Void) throws(FileError) {
        try withBytes { bytes in Result { () throws(FileError) in try body(bytes) } }.get()
    }
}

extension [UInt8] {
    fileprivate func withSection(_ body: (UnsafeRawBufferPointer) throws(FileError) -> Void) throws(FileError) {
        try withUnsafeBytes { bytes in Result { () throws(FileError) in try body(bytes) } }.get()
    }
}
