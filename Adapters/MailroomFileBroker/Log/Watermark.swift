import Mailroom

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Up to where the log is known to be on the disk, shared by all processes in a small file.
///
/// Written after a sync, so it never says too much, whichever of its writes survive; two processes that write at once
/// may leave the smaller of two true places. Its change is what wakes other processes.
struct Watermark {
    private let file: File

    init(in folder: Folder) throws(SystemError) { file = try File(folder.syncedPath, O_RDWR | O_CREAT) }

    /// The place, or the log's beginning where none is recorded.
    func read() throws(SystemError) -> Position {
        var words = (UInt64(0), UInt64(0))
        _ = try withUnsafeMutableBytes(of: &words) { (buffer) throws(SystemError) in try file.read(into: buffer, at: 0)
        }
        let place = UInt64(littleEndian: words.0)
        guard place == ~UInt64(littleEndian: words.1) else { return Position(segment: 0, offset: 0) }
        return Position(segment: UInt32(place >> 32), offset: UInt32(truncatingIfNeeded: place))
    }

    func write(_ position: Position) throws(SystemError) {
        let place = UInt64(position.segment) << 32 | UInt64(position.offset)
        try withUnsafeBytes(of: (place.littleEndian, (~place).littleEndian)) { (buffer) throws(SystemError) in
            try file.write(buffer, at: 0)
        }
    }
}
