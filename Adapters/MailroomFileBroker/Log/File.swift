import Mailroom

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A system call that failed.
struct SystemError: Error {
    let code: Int32
    let action: String

    /// The latest error of this thread.
    init(_ action: String, code: Int32 = errno) {
        self.code = code
        self.action = action
    }

    var hasNoRoom: Bool { code == ENOSPC || code == EDQUOT }

    func brokerError(mayHaveStored: Bool) -> BrokerError {
        let cause = "\(action): \(String(cString: strerror(code)))"
        switch code {
        case ENOSPC, EDQUOT:
            return BrokerError(
                .full, "\(cause): free space on the disk that holds the queue", mayHaveStored: mayHaveStored)
        case EACCES, EPERM:
            return BrokerError(
                .unavailable, "\(cause): the queue's folder and files must belong to the user that runs this process",
                mayHaveStored: mayHaveStored)
        case ENOTDIR:
            return BrokerError(
                .unavailable, "\(cause): name a folder, or move away the file that has its name",
                mayHaveStored: mayHaveStored)
        case EROFS:
            return BrokerError(
                .unavailable, "\(cause): give the queue a folder on a disk that can be written",
                mayHaveStored: mayHaveStored)
        case EMFILE, ENFILE:
            return BrokerError(
                .unavailable, "\(cause): raise the limit of open files (ulimit -n)", mayHaveStored: mayHaveStored)
        default: return BrokerError(.unavailable, cause, mayHaveStored: mayHaveStored)
        }
    }
}

/// Runs system calls that come before anything of the caller's was written: where they fail, nothing was stored.
func before<Value>(_ calls: () throws(SystemError) -> Value) throws(BrokerError) -> Value {
    do { return try calls() } catch { throw error.brokerError(mayHaveStored: false) }
}

/// An open file, closed with its last reference. Never inherited by a child process, which would keep its locks.
final class File {
    let descriptor: Int32
    let path: String

    init(_ path: String, _ flags: Int32) throws(SystemError) {
        self.path = path
        while true {
            let opened = open(path, flags | O_CLOEXEC, 0o600)
            if opened >= 0 {
                descriptor = opened
                return
            }
            guard errno == EINTR else { throw SystemError("cannot open \(path)") }
        }
    }

    deinit { _ = close(descriptor) }

    func size() throws(SystemError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError("cannot examine \(path)") }
        return Int(status.st_size)
    }

    /// Reads up to the buffer's size; less only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
        var count = 0
        while count < buffer.count {
            let read = pread(descriptor, buffer.baseAddress! + count, buffer.count - count, off_t(offset + count))
            if read == 0 { break }
            if read > 0 {
                count += read
            } else if errno != EINTR {
                throw SystemError("cannot read \(path)")
            }
        }
        return count
    }

    /// The bytes of a range, or fewer at the end of the file.
    func bytes(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(SystemError) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
        var count = 0
        while count < bytes.count {
            let written = pwrite(descriptor, bytes.baseAddress! + count, bytes.count - count, off_t(offset + count))
            if written > 0 {
                count += written
            } else if written == 0 || errno != EINTR {
                throw SystemError("cannot write \(path)")
            }
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        try bytes.withBytes { (buffer) throws(SystemError) in try write(buffer, at: offset) }
    }

    func writeZeros(from start: Int, to end: Int) throws(SystemError) {
        var offset = start
        while offset < end {
            let count = min(end - offset, File.zeroCount)
            try write(UnsafeRawBufferPointer(start: File.zeros, count: count), at: offset)
            offset += count
        }
    }

    /// Adds zeros at the file's end, past the system's cache where it allows that: filling the cache with pages that
    /// are overwritten soon costs more than the disk does.
    func extend(from start: Int, to end: Int) throws(SystemError) {
        let page = File.pageSize
        let first = min(end, (start + page - 1) & ~(page - 1))
        try writeZeros(from: start, to: first)
        #if canImport(Glibc)
            if end & (page - 1) == 0, let direct = try? File(path, O_RDWR | File.direct) {
                var offset = first
                while offset < end {
                    let count = min(end - offset, File.zeroCount)
                    do throws(SystemError) {
                        try direct.write(UnsafeRawBufferPointer(start: File.zeros, count: count), at: offset)
                    } catch {
                        if error.hasNoRoom { throw error }
                        break
                    }
                    offset += count
                }
                return try writeZeros(from: offset, to: end)
            }
        #endif
        try writeZeros(from: first, to: end)
    }

    /// Returns once what was written is on the disk. After a failure the file must not be used any more: the system
    /// may have dropped what it could not write, and a second call would succeed.
    func sync() throws(SystemError) {
        while true {
            #if canImport(Glibc)
                if fdatasync(descriptor) == 0 { return }
            #else
                if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
            #endif
            guard errno == EINTR else { throw SystemError("cannot bring \(path) to the disk") }
        }
    }

    /// Takes the file's lock, which belongs to this open file, not to the process.
    func lock() throws(SystemError) {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw SystemError("cannot lock \(path)") }
        }
    }

    /// Takes the lock if nobody holds it.
    func tryLock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    func unlock() { _ = flock(descriptor, LOCK_UN) }

    static let pageSize = 4096
    /// `O_DIRECT`, which the C library's module leaves out.
    #if arch(arm64) || arch(arm)
        private static let direct: Int32 = 0o200000
    #else
        private static let direct: Int32 = 0o40000
    #endif
    private static let zeroCount = 1 << 20
    /// On a page's boundary, as writing past the cache demands. Never written to, so any thread may read it.
    private nonisolated(unsafe) static let zeros: UnsafeRawPointer = {
        let zeros = UnsafeMutableRawPointer.allocate(byteCount: zeroCount, alignment: pageSize)
        zeros.initializeMemory(as: UInt8.self, repeating: 0, count: zeroCount)
        return UnsafeRawPointer(zeros)
    }()
}

extension [UInt8] {
    /// `withUnsafeBytes` with a typed error.
    fileprivate func withBytes(
        _ body: (UnsafeRawBufferPointer) throws(SystemError) -> Void
    ) throws(SystemError) {
        try withUnsafeBytes { bytes in Result { () throws(SystemError) in try body(bytes) } }.get()
    }
}
