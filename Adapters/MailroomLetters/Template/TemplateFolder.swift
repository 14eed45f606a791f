import Foundation
import MailroomLibraries

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads files of a folder, and none outside it.
enum TemplateFolder {
    /// The names in the folder, but for hidden ones; nil where it cannot be read.
    static func names(in folder: String) -> [String]? {
        try? FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
    }

    static func contents(of path: String, in folder: String, limit: Int) throws(TemplateFileFault) -> [UInt8] {
        guard let root = resolved(folder) else { throw .folder(folder) }
        guard let file = resolved("\(folder)/\(path)") else { throw .absent(path) }
        // By bytes: two folders may differ only in how their accents are written.
        let isInside = file.utf8.starts(with: (root == "/" ? root : root + "/").utf8)
        guard isInside else { throw .outside(path) }
        do throws(RegularFile.Problem) {
            return try RegularFile.contents(of: file, limit: limit)
        } catch {
            switch error {
            case .tooLarge: throw .tooLarge(path, limit: limit)
            case .notRegular: throw .unreadable(path, because: "it is no regular file")
            case .system(let number): throw .unreadable(path, because: RegularFile.Problem.text(of: number))
            }
        }
    }

    /// The path without links and dots; nil where nothing is there.
    private static func resolved(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}

/// What changes when a file does.
struct FileStamp: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int

    /// Nil for a file that is not there.
    init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int64(status.st_size)
        #if canImport(Darwin)
            seconds = status.st_mtimespec.tv_sec
            nanoseconds = status.st_mtimespec.tv_nsec
        #else
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        #endif
    }
}
