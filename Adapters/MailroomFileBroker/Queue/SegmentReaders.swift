import Mailroom
import MailroomFiles
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Segments opened for reading by whichever thread leases. A segment that was deleted meanwhile stays readable while it
/// is open here.
final class SegmentReaders: Sendable {
    private let folder: FolderLayout
    private let files = Mutex<[UInt32: File]>([:])
    private static let limit = 64

    init(folder: FolderLayout) { self.folder = folder }

    /// Bytes of a segment.
    func bytes(segment number: UInt32, offset: Int, count: Int) throws(BrokerError) -> [UInt8] {
        try files.withLock { (files) throws(BrokerError) in
            let file: File
            if let open = files[number] {
                file = open
            } else {
                do throws(FileError) {
                    file = try folder.disk.open(folder.segmentPath(number), O_RDONLY)
                } catch {
                    if error.code == ENOENT {
                        throw BrokerError(
                            .segmentIsGone, "\(folder.segmentPath(number)) is missing", mayHaveStored: false)
                    }
                    throw error.brokerError(mayHaveStored: false)
                }
                if files.count >= SegmentReaders.limit { files = [:] }
                files[number] = file
            }
            return try before { () throws(FileError) in try file.bytes(count, at: offset) }
        }
    }

    /// Lets go of the files.
    func close() { files.withLock { $0 = [:] } }
}
