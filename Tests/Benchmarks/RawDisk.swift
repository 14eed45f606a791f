import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the disk allows: plain writes and syncs at the end of a growing file.
struct RawDisk {
    let folder: String

    /// Writes of `size` bytes with a sync after every `group` of them; the writes a second.
    func rate(writes: Int, of size: Int, group: Int) throws -> Double {
        let path = folder + "/raw-" + UUID().uuidString
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        // The file stays until the folder goes: what freeing it costs the file system would be counted to others.
        defer { close(file) }
        let bytes = [UInt8](repeating: 0x5A, count: size)
        // The first sync also brings the file's name to the disk.
        guard pwrite(file, bytes, size, 0) == size, RawDisk.sync(file) == 0 else {
            throw POSIXError(.init(rawValue: errno) ?? .EIO)
        }
        var offset = size
        let clock = ContinuousClock()
        let start = clock.now
        for write in 1...writes {
            guard pwrite(file, bytes, size, off_t(offset)) == size else {
                throw POSIXError(.init(rawValue: errno) ?? .EIO)
            }
            offset += size
            guard write % group != 0 || RawDisk.sync(file) == 0 else {
                throw POSIXError(.init(rawValue: errno) ?? .EIO)
            }
        }
        return Double(writes) / (clock.now - start).inSeconds
    }

    private static func sync(_ file: Int32) -> Int32 {
        #if canImport(Glibc)
            fdatasync(file)
        #else
            fcntl(file, F_FULLFSYNC)
        #endif
    }
}

extension Duration {
    var inSeconds: Double {
        let parts = components
        return Double(parts.seconds) + Double(parts.attoseconds) / 1e18
    }
}
