import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Calls on open files.
extension SimulatedSystem {
    /// `O_DIRECT`, which the C library's module leaves out.
    #if arch(arm64) || arch(arm)
        private static let direct: Int32 = 0o200000
    #else
        private static let direct: Int32 = 0o40000
    #endif

    func open(
        _ path: String, _ flags: Int32, mode: UInt16, by process: Int
    ) throws(SimulatedFailure) -> Int {
        let (folder, name, wantsFolder) = try place(of: path)
        let node: SimulatedNode
        let writes = flags & O_ACCMODE != O_RDONLY
        if wantsFolder, flags & O_CREAT != 0 { throw SimulatedFailure(EISDIR) }
        if let found = name.isEmpty ? folder : try find(name, in: folder) {
            if flags & O_CREAT != 0, flags & O_EXCL != 0 { throw SimulatedFailure(EEXIST) }
            if found.isFolder, writes || flags & O_CREAT != 0 { throw SimulatedFailure(EISDIR) }
            if !found.isFolder, wantsFolder { throw SimulatedFailure(ENOTDIR) }
            if !found.isFolder, flags & O_DIRECTORY != 0 { throw SimulatedFailure(ENOTDIR) }
            if flags & O_TRUNC != 0, writes { resize(found, to: 0) }
            node = found
        } else {
            guard flags & O_CREAT != 0 else { throw SimulatedFailure(ENOENT) }
            node = SimulatedNode(isFolder: false, mode: mode)
            node.modified = now
            self.name(.init(folder: folder, name: name, node: node))
        }
        let descriptor = processes[process].nextDescriptor
        processes[process].nextDescriptor += 1
        processes[process].openings[descriptor] = SimulatedOpening(node, path, flags)
        node.openings += 1
        return Int(descriptor)
    }

    /// The bytes' owner, and the right to do this with them.
    private func opening(
        _ descriptor: Int32, _ process: Int, writing: Bool
    ) throws(SimulatedFailure) -> SimulatedOpening {
        guard let opening = opening(descriptor, of: process) else { throw SimulatedFailure(EBADF) }
        let mode = opening.flags & O_ACCMODE
        guard writing ? mode != O_RDONLY : mode != O_WRONLY else { throw SimulatedFailure(EBADF) }
        return opening
    }

    private func checkAlignment(
        _ opening: SimulatedOpening, _ address: UnsafeRawPointer?, _ count: Int, _ offset: Int
    ) throws(SimulatedFailure) {
        guard opening.flags & Self.direct != 0 else { return }
        guard (Int(bitPattern: address) | count | offset) % SimulatedContent.sectorSize == 0 else {
            throw SimulatedFailure(EINVAL)
        }
    }

    func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int, by process: Int
    ) throws(SimulatedFailure) -> Int {
        guard offset >= 0 else { throw SimulatedFailure(EINVAL) }
        let opening = try opening(descriptor, process, writing: false)
        try checkAlignment(opening, buffer.baseAddress.map { UnsafeRawPointer($0) }, buffer.count, offset)
        guard !opening.node.isFolder else { throw SimulatedFailure(EISDIR) }
        return opening.node.file.cache.read(into: buffer, at: offset)
    }

    /// Writes as much as there is room for.
    func write(
        _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int, by process: Int
    ) throws(SimulatedFailure) -> Int {
        guard offset >= 0 else { throw SimulatedFailure(EINVAL) }
        let opening = try opening(descriptor, process, writing: true)
        try checkAlignment(opening, bytes.baseAddress, bytes.count, offset)
        guard !bytes.isEmpty else { return 0 }
        let node = opening.node
        var end = offset + bytes.count
        var holes = node.file.cache.holes(from: offset, to: end)
        while holes > 0, (takenPages + holes) * SimulatedContent.pageSize > capacity {
            end = (end - 1) / SimulatedContent.pageSize * SimulatedContent.pageSize
            holes = node.file.cache.holes(from: offset, to: end)
        }
        guard end > offset else { throw SimulatedFailure(ENOSPC) }
        takenPages += holes
        node.file.write(UnsafeRawBufferPointer(rebasing: bytes[..<(end - offset)]), at: offset, &random)
        node.modified = now
        return end - offset
    }

    func size(_ descriptor: Int32, by process: Int) throws(SimulatedFailure) -> Int {
        guard let opening = opening(descriptor, of: process) else { throw SimulatedFailure(EBADF) }
        return opening.node.isFolder ? SimulatedContent.pageSize : opening.node.file.cache.size
    }

    func truncate(_ descriptor: Int32, to size: Int, by process: Int) throws(SimulatedFailure) -> Int {
        guard size >= 0 else { throw SimulatedFailure(EINVAL) }
        guard let opening = opening(descriptor, of: process) else { throw SimulatedFailure(EBADF) }
        guard opening.flags & O_ACCMODE != O_RDONLY else { throw SimulatedFailure(EINVAL) }
        resize(opening.node, to: size)
        return 0
    }

    private func resize(_ node: SimulatedNode, to size: Int) {
        let before = size < node.file.cache.size ? node.file.cache.takenPages : 0
        node.file.resize(to: size)
        if before > 0 { takenPages -= before - node.file.cache.takenPages }
        node.modified = now
    }

    func allocate(
        _ descriptor: Int32, from offset: Int, count: Int, by process: Int
    ) throws(SimulatedFailure) -> Int {
        guard opening(descriptor, of: process) != nil else { throw SimulatedFailure(EBADF) }
        guard offset >= 0, count > 0 else { throw SimulatedFailure(EINVAL) }
        let node = try opening(descriptor, process, writing: true).node
        let holes = node.file.cache.holes(from: offset, to: offset + count)
        guard holes == 0 || (takenPages + holes) * SimulatedContent.pageSize <= capacity else {
            throw SimulatedFailure(ENOSPC)
        }
        takenPages += holes
        node.file.allocate(from: offset, to: offset + count)
        return 0
    }

    /// Brings a file or folder to the disk, and tells of failures that others met meanwhile.
    func sync(_ descriptor: Int32, by process: Int) throws(SimulatedFailure) -> Int {
        guard let opening = opening(descriptor, of: process) else { throw SimulatedFailure(EBADF) }
        if opening.node.isFolder { store(opening.node) } else { opening.node.file.sync() }
        guard opening.failuresTold == opening.node.failures else {
            opening.failuresTold = opening.node.failures
            throw SimulatedFailure(EIO)
        }
        return 0
    }

    /// A sync that fails. Names are not given up as bytes are: what brings them to the disk is one journal.
    func failSync(_ descriptor: Int32, by process: Int) {
        guard let opening = opening(descriptor, of: process), !opening.node.isFolder else { return }
        opening.node.file.failSync(&random)
        opening.node.failures += 1
        opening.failuresTold = opening.node.failures
    }

    func close(_ descriptor: Int32, by process: Int) throws(SimulatedFailure) -> Int {
        guard let opening = processes[process].openings.removeValue(forKey: descriptor) else {
            throw SimulatedFailure(EBADF)
        }
        close(opening)
        return 0
    }

    /// Shows the bytes in memory of the process' own, as what is mapped there would be.
    func map(
        _ descriptor: Int32, count: Int, at address: UnsafeMutableRawPointer, by process: Int
    ) throws(SimulatedFailure) -> Int {
        guard let opening = opening(descriptor, of: process) else { throw SimulatedFailure(EBADF) }
        guard count > 0, Int(bitPattern: address) % File.pageSize == 0 else { throw SimulatedFailure(EINVAL) }
        guard opening.flags & O_ACCMODE != O_WRONLY else { throw SimulatedFailure(EACCES) }
        guard !opening.node.isFolder else { throw SimulatedFailure(ENODEV) }
        let pages = UnsafeMutableRawBufferPointer(start: address, count: count)
        let flags = MAP_PRIVATE | MAP_FIXED | MAP_ANON
        guard mmap(address, count, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED else {
            throw SimulatedFailure(errno)
        }
        _ = opening.node.file.cache.read(into: pages, at: 0)
        return 0
    }
}
