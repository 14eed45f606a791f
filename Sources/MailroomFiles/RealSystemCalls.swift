#if canImport(Glibc)
    import Glibc
    private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { Glibc.open(path, flags, mode) }
    private func systemClose(_ descriptor: Int32) -> Int32 { Glibc.close(descriptor) }
    private func systemAccess(_ path: String, _ mode: Int32) -> Int32 { Glibc.access(path, mode) }
    private func systemRename(_ path: String, _ other: String) -> Int32 { Glibc.rename(path, other) }
    private func systemLink(_ path: String, _ other: String) -> Int32 { Glibc.link(path, other) }
#else
    import Darwin
    private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { Darwin.open(path, flags, mode) }
    private func systemClose(_ descriptor: Int32) -> Int32 { Darwin.close(descriptor) }
    private func systemAccess(_ path: String, _ mode: Int32) -> Int32 { Darwin.access(path, mode) }
    private func systemRename(_ path: String, _ other: String) -> Int32 { Darwin.rename(path, other) }
    private func systemLink(_ path: String, _ other: String) -> Int32 { Darwin.link(path, other) }
#endif

/// The calls of the system that runs the process.
package struct RealSystemCalls: SystemCalls {
    package init() {}

    package func open(_ path: String, _ flags: Int32, mode: UInt16) -> Int {
        answer(Int(systemOpen(path, flags | O_CLOEXEC, mode_t(mode))))
    }

    package func close(_ descriptor: Int32) -> Int { answer(Int(systemClose(descriptor))) }

    package func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        answer(pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)))
    }

    package func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
        answer(pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)))
    }

    package func size(_ descriptor: Int32) -> Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : -Int(errno)
    }

    package func truncate(_ descriptor: Int32, to size: Int) -> Int {
        answer(Int(ftruncate(descriptor, off_t(size))))
    }

    package func allocate(_ descriptor: Int32, from offset: Int, count: Int) -> Int {
        #if canImport(Glibc)
            return -Int(posix_fallocate(descriptor, off_t(offset), off_t(count)))
        #else
            var room = fstore_t(
                fst_flags: UInt32(F_ALLOCATEALL), fst_posmode: F_PEOFPOSMODE, fst_offset: 0, fst_length: off_t(count),
                fst_bytesalloc: 0)
            guard fcntl(descriptor, F_PREALLOCATE, &room) != -1 else { return -Int(errno) }
            return truncate(descriptor, to: offset + count)
        #endif
    }

    #if canImport(Glibc)
        /// The C library has it, but its module leaves it out.
        private static let fallocate = dlsym(nil, "fallocate").map {
            unsafeBitCast($0, to: (@convention(c) (Int32, Int32, off_t, off_t) -> Int32).self)
        }
    #endif

    package func giveBack(_ descriptor: Int32, from offset: Int, count: Int) -> Int {
        #if canImport(Glibc)
            guard let fallocate = Self.fallocate else { return 0 }
            // FALLOC_FL_PUNCH_HOLE and FALLOC_FL_KEEP_SIZE.
            return answer(Int(fallocate(descriptor, 2 | 1, off_t(offset), off_t(count))))
        #else
            var hole = fpunchhole_t(fp_flags: 0, reserved: 0, fp_offset: off_t(offset), fp_length: off_t(count))
            return answer(Int(fcntl(descriptor, F_PUNCHHOLE, &hole)))
        #endif
    }

    package func sync(_ descriptor: Int32) -> Int {
        #if canImport(Glibc)
            answer(Int(fdatasync(descriptor)))
        #else
            answer(Int(fcntl(descriptor, F_FULLFSYNC)))
        #endif
    }

    package func lock(_ descriptor: Int32, _ operation: LockOperation) -> Int {
        switch operation {
        case .take: answer(Int(flock(descriptor, LOCK_EX)))
        case .tryToTake: answer(Int(flock(descriptor, LOCK_EX | LOCK_NB)))
        case .tryToShare: answer(Int(flock(descriptor, LOCK_SH | LOCK_NB)))
        case .release: answer(Int(flock(descriptor, LOCK_UN)))
        }
    }

    package func map(_ descriptor: Int32, count: Int, at address: UnsafeMutableRawPointer) -> Int {
        let mapped = mmap(address, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, descriptor, 0)
        return mapped == MAP_FAILED ? -Int(errno) : 0
    }

    package func makeFolder(_ path: String, mode: UInt16) -> Int { answer(Int(mkdir(path, mode_t(mode)))) }

    package func remove(_ path: String) -> Int { answer(Int(unlink(path))) }

    package func rename(_ path: String, to other: String) -> Int { answer(Int(systemRename(path, other))) }

    package func link(_ path: String, as other: String) -> Int { answer(Int(systemLink(path, other))) }

    package func access(_ path: String, _ mode: Int32) -> Int { answer(Int(systemAccess(path, mode))) }

    package func isFolder(_ path: String) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { return -Int(errno) }
        return status.st_mode & S_IFMT == S_IFDIR ? 1 : 0
    }

    package func modified(_ path: String) -> Int {
        var status = stat()
        guard lstat(path, &status) == 0 else { return -Int(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { return -Int(EISDIR) }
        #if canImport(Glibc)
            return Int(status.st_mtim.tv_sec)
        #else
            return Int(status.st_mtimespec.tv_sec)
        #endif
    }

    package func names(in path: String, _ visit: (String) -> Void) -> Int {
        guard let folder = opendir(path) else { return -Int(errno) }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { visit(name) }
        }
        return 0
    }

    private func answer(_ result: Int) -> Int { result < 0 ? -Int(errno) : result }
}
