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
        file = try folder.disk.open(folder.syncedPath, O_RDWR | O_CREAT)
    }

    /// The place, or the log's beginning where none is recorded.
    func read() throws(FileError) -> Position {
        Watermark.position(try file.bytes(Watermark.size, at: 0)) ?? Position(segment: 0, offset: 0)
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
        guard place == ~complement else { return nil }
        return Position(segment: UInt32(place >> 32), offset: UInt32(truncatingIfNeeded: place))
    }

    func write(_ position: Position) throws(FileError) {
        let place = UInt64(position.segment) << 32 | UInt64(position.offset)
        try withUnsafeBytes(of: (place.littleEndian, (~place).littleEndian)) { (buffer) throws(FileError) in
            try file.write(buffer, at: 0)
        }
    }
}
