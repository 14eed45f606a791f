import MailroomFiles
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One file without a name for what is too large to be kept in memory. It is gone with the process, however that ends.
final class SpillFile: Sendable {
    /// A piece of the file.
    struct Extent: Sendable, Equatable {
        let offset: Int
        let count: Int
    }

    private struct State {
        var file: File?
        /// Where the next piece goes.
        var end = 0
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

    /// Writes a piece behind the others.
    func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) -> Extent {
        let (file, extent) = try state.withLock { (state) throws(FileError) -> (File, Extent) in
            let file: File
            if let made = state.file { file = made } else { file = try makeFile() }
            state.file = file
            let extent = Extent(offset: state.end, count: bytes.count)
            // On a block's boundary, so that each piece's blocks can be given back.
            state.end += (bytes.count + File.pageSize - 1) & ~(File.pageSize - 1)
            state.used += bytes.count
            return (file, extent)
        }
        do throws(FileError) {
            try file.write(bytes, at: extent.offset)
        } catch {
            release([extent])
            throw error
        }
        return extent
    }

    /// Reads from a piece, beginning `start` octets after its beginning.
    func read(_ extent: Extent, from start: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
        guard let file = state.withLock({ $0.file }) else { throw FileError("cannot read large mails", code: EBADF) }
        let count = try file.read(into: buffer, at: extent.offset + start)
        guard count == buffer.count else { throw FileError("cannot read \(file.path) to its end", code: EIO) }
    }

    /// Gives the room of pieces back to the disk.
    func release(_ extents: [Extent]) {
        state.withLock { state in
            guard let file = state.file else { return }
            for extent in extents { state.used -= extent.count }
            if state.used == 0 {
                // What cannot be given back now is used again by what comes next.
                try? file.truncate(to: 0)
                state.end = 0
            } else {
                for extent in extents {
                    file.giveBack(from: extent.offset, count: (extent.count + File.pageSize - 1) & ~(File.pageSize - 1))
                }
            }
        }
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
