#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads small files such as keys and certificates, and nothing but files: a pipe in the place of one is not waited for.
package enum RegularFile {
    /// Why there are no contents. What a person can do about it depends on what the file is for.
    package enum Problem: Error, Hashable, Sendable {
        /// The system's `errno`.
        case system(Int32)
        /// A folder, a pipe, a device.
        case notRegular
        /// More than the limit.
        case tooLarge

        /// The system's words for an `errno`.
        package static func text(of number: Int32) -> String { String(cString: strerror(number)) }
    }

    /// The octets of a file, at most `limit`, in one place of memory that the caller can wipe.
    package static func contents(of path: String, limit: Int) throws(Problem) -> [UInt8] {
        // A name ends at a NUL for the system, so that another file would be opened.
        guard !path.utf8.contains(0) else { throw .system(ENOENT) }
        // Without O_NONBLOCK a pipe would block until somebody writes to it.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .system(errno) }
        defer { _ = close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        var failure: Int32 = 0
        // Room that is not written to costs no memory.
        let octets = [UInt8](unsafeUninitializedCapacity: limit + 1) { room, count in
            while count < room.count {
                let got = read(file, room.baseAddress! + count, room.count - count)
                if got == 0 { return }
                if got > 0 {
                    count += got
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw .system(failure) }
        guard octets.count <= limit else { throw .tooLarge }
        return octets
    }
}
