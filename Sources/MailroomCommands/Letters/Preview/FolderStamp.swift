import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What changes when a file in some folders does: names, sizes and times.
struct FolderStamp: Hashable, Sendable {
    /// So many files are looked at, and folders so deep.
    private static let maximumCount = 2048
    private static let maximumDepth = 4

    private var files: [String: [Int]] = [:]

    /// Files and folders, these with all that is in them but what is hidden; those named first are never left out.
    init(of paths: [String]) { for path in paths { visit(path, depth: 0) } }

    private mutating func visit(_ path: String, depth: Int) {
        guard files.count < Self.maximumCount, let status = Self.status(of: path) else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            files[path] = Self.numbers(of: status)
            return
        }
        guard depth < Self.maximumDepth else { return }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where !name.hasPrefix(".") {
            visit("\(path)/\(name)", depth: depth + 1)
        }
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    private static func numbers(of status: stat) -> [Int] {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return [Int(status.st_size), Int(truncatingIfNeeded: status.st_ino), time.tv_sec, time.tv_nsec]
    }
}
