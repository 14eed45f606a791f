import MailroomLibraries

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads a file that holds a key: a regular one, of a size that keys have.
enum KeyFile {
    private static let limit = 65_536

    static func contents(of path: String) throws(LibraryError) -> [UInt8] {
        // Without O_NONBLOCK a pipe in the file's place would block until somebody writes to it.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw unreadable(path, errno) }
        defer { _ = close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw LibraryError("\(path) is not a regular file. Name the PEM file with the private key.")
        }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count <= limit {
            let got = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + count, $0.count - count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw unreadable(path, errno) }
            if got == 0 { break }
            count += got
        }
        guard count <= limit else {
            throw LibraryError("\(path) is too large for a private key. Name the PEM file with the private key.")
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    private static func unreadable(_ path: String, _ code: Int32) -> LibraryError {
        LibraryError(
            "\(path) cannot be read: \(String(cString: strerror(code))). Put the private key there, readable by the "
                + "worker's user.")
    }
}
