import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An open file, closed with its last reference. Never inherited by a child process, which would keep its locks.
package final class File: Sendable {
    package let descriptor: Int32
    package let path: String
    private let calls: any SystemCalls
    /// Set when bringing it to the disk has failed: the system may have dropped what it could not write, and a second
    /// call would succeed. Every later write and sync fails. 0 before that.
    private let failureCode = Atomic<Int32>(0)
    private let syncing = Mutex(())

    init(_ descriptor: Int32, _ path: String, _ calls: any SystemCalls) {
        self.descriptor = descriptor
        self.path = path
        self.calls = calls
    }

    deinit { _ = calls.close(descriptor) }

    /// How many bytes it has.
    package func size() throws(FileError) -> Int {
        try finished("cannot examine \(path)") { calls.size(descriptor) }
    }

    // MARK: Reading

    /// Reads up to the buffer's size; less only at the end of the file.
    @discardableResult
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        var count = 0
        while count < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let read = try finished("cannot read \(path)") { calls.read(descriptor, into: rest, at: offset + count) }
            if read == 0 { break }
            count += read
        }
        return count
    }

    /// The bytes of a range, or fewer at the end of the file.
    package func bytes(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(FileError) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Shows the first bytes at an address that is reserved for them; what is written there stays in the process.
    package func map(_ count: Int, at address: UnsafeMutableRawPointer) throws(FileError) {
        _ = try finished("cannot map \(path)") { calls.map(descriptor, count: count, at: address) }
    }

    // MARK: Writing

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        try refuseAfterFailure()
        var count = 0
        while count < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[count...])
            let written = try finished("cannot write \(path)") { calls.write(descriptor, rest, at: offset + count) }
            guard written > 0 else { throw FileError("cannot write \(path)", code: EIO) }
            count += written
        }
    }

    package func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        try bytes.withUnsafeBytes { buffer in
            Result { () throws(FileError) in try write(buffer, at: offset) }
        }.get()
    }

    /// Writes zeros over a range.
    package func writeZeros(from start: Int, to end: Int) throws(FileError) {
        var offset = start
        while offset < end {
            let count = min(end - offset, File.zeroCount)
            try write(UnsafeRawBufferPointer(start: File.zeros, count: count), at: offset)
            offset += count
        }
    }

    /// Adds zeros at the file's end, past the system's cache where it allows that: filling the cache with pages that
    /// are overwritten soon costs more than the disk does.
    package func extend(from start: Int, to end: Int) throws(FileError) {
        let page = File.pageSize
        let first = min(end, (start + page - 1) & ~(page - 1))
        try writeZeros(from: start, to: first)
        var offset = first
        #if canImport(Glibc)
            if end & (page - 1) == 0, let direct = try? Disk(calls).open(path, O_RDWR | File.direct) {
                while offset < end {
                    let count = min(end - offset, File.zeroCount)
                    do throws(FileError) {
                        try direct.write(UnsafeRawBufferPointer(start: File.zeros, count: count), at: offset)
                    } catch {
                        if error.hasNoRoom { throw error }
                        break
                    }
                    offset += count
                }
            }
        #endif
        try writeZeros(from: offset, to: end)
    }

    /// Sees to it that a range has room on the disk.
    package func allocate(from start: Int, to end: Int) throws(FileError) {
        _ = try finished("cannot enlarge \(path)") { calls.allocate(descriptor, from: start, count: end - start) }
    }

    /// Gives a range's room back to the disk, where the disk can do so.
    package func giveBack(from offset: Int, count: Int) {
        _ = repeatedWhileInterrupted { calls.giveBack(descriptor, from: offset, count: count) }
    }

    package func truncate(to size: Int) throws(FileError) {
        _ = try finished("cannot cut \(path)") { calls.truncate(descriptor, to: size) }
    }

    /// Returns once what was written is on the disk. After a failure the file cannot be written any more. May be called
    /// from another thread than the one that writes.
    package func sync() throws(FileError) {
        // One at a time: of two calls that overlap the system tells only one that it failed.
        try syncing.withLock { (_) throws(FileError) in
            try refuseAfterFailure()
            do throws(FileError) {
                _ = try finished("cannot bring \(path) to the disk") { calls.sync(descriptor) }
            } catch {
                failureCode.store(error.code, ordering: .relaxed)
                throw error
            }
        }
    }

    private func refuseAfterFailure() throws(FileError) {
        let code = failureCode.load(ordering: .relaxed)
        if code != 0 { throw FileError("cannot bring \(path) to the disk", code: code) }
    }

    // MARK: The lock, which belongs to this open file, not to the process

    package func lock() throws(FileError) {
        _ = try finished("cannot lock \(path)") { calls.lock(descriptor, .take) }
    }

    /// Takes the lock if nobody holds it.
    package func tryLock() -> Bool { repeatedWhileInterrupted { calls.lock(descriptor, .tryToTake) } >= 0 }

    /// Takes the lock together with others who share it, unless somebody has it alone.
    package func tryToShareLock() -> Bool { repeatedWhileInterrupted { calls.lock(descriptor, .tryToShare) } >= 0 }

    package func unlock() { _ = calls.lock(descriptor, .release) }

    // MARK: Zeros

    package static let pageSize = 4096
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
