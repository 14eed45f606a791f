import MailroomFiles
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One file without a name for what is too large to be kept in memory. It is gone with the process, however that ends.
///
/// Room that was given back is used again before the file grows, so that it stays bounded on disks, too, that cannot
/// take back the middle of a file.
final class SpillFile: Sendable {
    /// A piece of the file. Its room begins on a block's boundary and ends on one.
    struct Extent: Sendable, Equatable {
        let offset: Int
        let count: Int

        /// The count in whole blocks.
        var room: Int { (count + File.pageSize - 1) & ~(File.pageSize - 1) }
    }

    private struct State {
        var file: File?
        /// Where the file ends, or will once all room is written to.
        var end = 0
        var free = FreeExtents()
        /// Octets in pieces that are in use.
        var used = 0
    }

    private let disk: Disk
    private let folder: String
    private let state = Mutex(State())

    /// The file is made in `folder` when it is needed first.
    init(in folder: String, disk: Disk = .real) {
        self.folder = folder
        self.disk = disk
    }

    /// Octets that are in use.
    var used: Int { state.withLock { $0.used } }

    /// Where the file ends at most.
    var end: Int { state.withLock { $0.end } }

    /// Room for so many octets, which costs the disk nothing before it is written to.
    func reserve(_ count: Int) throws(FileError) -> Extent {
        try state.withLock { (state) throws(FileError) in
            if state.file == nil { state.file = try makeFile() }
            let room = Extent(offset: 0, count: count).room
            let offset: Int
            if let reused = state.free.take(room) {
                offset = reused
            } else {
                offset = state.end
                state.end += room
            }
            state.used += count
            return Extent(offset: offset, count: count)
        }
    }

    /// Writes within a piece.
    func write(_ bytes: UnsafeRawBufferPointer, to extent: Extent, at start: Int) throws(FileError) {
        try file().write(bytes, at: extent.offset + start)
    }

    /// Reads from a piece, beginning `start` octets after its beginning.
    func read(_ extent: Extent, from start: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
        let file = try file()
        let count = try file.read(into: buffer, at: extent.offset + start)
        guard count == buffer.count else { throw FileError("cannot read \(file.path) to its end", code: EIO) }
    }

    /// A piece without the room behind its first octets.
    func shrink(_ extent: Extent, to count: Int) -> Extent {
        let kept = Extent(offset: extent.offset, count: count)
        state.withLock { state in
            state.used -= extent.count - count
            giveBack(Extent(offset: kept.offset + kept.room, count: extent.room - kept.room), &state)
        }
        return kept
    }

    /// Gives the room of pieces back, to the disk where it can take it.
    func release(_ extents: [Extent]) {
        state.withLock { state in
            for extent in extents {
                state.used -= extent.count
                giveBack(Extent(offset: extent.offset, count: extent.room), &state)
            }
        }
    }

    private func giveBack(_ extent: Extent, _ state: inout State) {
        guard extent.count > 0, let file = state.file else { return }
        state.free.insert(extent)
        if let end = state.free.takeLast(before: state.end) {
            state.end = end
            // What cannot be given back now is used again by what comes next.
            try? file.truncate(to: end)
        } else {
            file.giveBack(from: extent.offset, count: extent.count)
        }
    }

    private func file() throws(FileError) -> File {
        guard let file = state.withLock({ $0.file }) else { throw FileError("cannot read large mails", code: EBADF) }
        return file
    }

    private func makeFile() throws(FileError) -> File {
        let path = "\(folder)/mailroom-capture-\(UInt64.random(in: 0 ... .max))"
        let file = try disk.open(path, O_RDWR | O_CREAT | O_EXCL)
        try disk.remove(path)
        return file
    }
}

/// Where files are put that nobody keeps.
let temporaryFolder: String = {
    guard let named = getenv("TMPDIR"), named.pointee != 0 else { return "/tmp" }
    return String(cString: named)
}()
