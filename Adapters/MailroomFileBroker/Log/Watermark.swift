import MailroomFiles

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

    init(in folder: FolderLayout) throws(FileError) {
        self.init(file: try folder.disk.open(folder.syncedPath, O_RDWR | O_CREAT))
    }

    /// A place that stands in another file in the same way.
    init(file: File) { self.file = file }

    /// The place, or the log's beginning where none is recorded.
    func read() throws(FileError) -> Position {
        var words = (UInt64(0), UInt64(0))
        let count = try withUnsafeMutableBytes(of: &words) { (buffer) throws(FileError) in
            try file.read(into: buffer, at: 0)
        }
        return Watermark.position(words.0.littleEndian, words.1.littleEndian, count: count)
            ?? Position(segment: 0, offset: 0)
    }

    private static let size = 16

    /// The place as it is stored, with its complement behind it.
    static func position(_ bytes: [UInt8]) -> Position? {
        guard bytes.count >= size else { return nil }
        let (place, complement) = bytes.withUnsafeBytes { bytes in
            (
                UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        return position(place, complement, count: bytes.count)
    }

    private static func position(_ place: UInt64, _ complement: UInt64, count: Int) -> Position? {
        guard count >= size, place == ~complement else { return nil }
        return Position(segment: UInt32(place >> 32), offset: UInt32(truncatingIfNeeded: place))
    }

    func write(_ position: Position) throws(FileError) {
        let place = UInt64(position.segment) << 32 | UInt64(position.offset)
        try withUnsafeBytes(of: (place.littleEndian, (~place).littleEndian)) { (buffer) throws(FileError) in
            try file.write(buffer, at: 0)
        }
    }
}
