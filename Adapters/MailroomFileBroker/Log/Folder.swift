import Mailroom

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The names in a queue's folder.
struct Folder {
    let path: String

    var lockPath: String { path + "/lock" }
    var syncedPath: String { path + "/synced" }
    var workersPath: String { path + "/workers" }

    func segmentPath(_ number: UInt32) -> String {
        let digits = String(number)
        return path + "/" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".log"
    }

    /// Makes the folder and its folder of workers where they are missing, readable to their owner alone.
    func create() throws(SystemError) {
        try Folder.make(path)
        try Folder.make(workersPath)
    }

    private static func make(_ path: String) throws(SystemError) {
        if mkdir(path, 0o700) == 0 { return try sync(parent(of: path)) }
        switch errno {
        case EEXIST: return
        case ENOENT where parent(of: path) != path:
            try make(parent(of: path))
            if mkdir(path, 0o700) != 0, errno != EEXIST { throw SystemError("cannot create the folder \(path)") }
            try sync(parent(of: path))
        default: throw SystemError("cannot create the folder \(path)")
        }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Brings the names in a folder to the disk: a file that was created or renamed is not there without.
    static func sync(_ path: String) throws(SystemError) {
        let folder = try File(path, O_RDONLY | O_DIRECTORY)
        guard fsync(folder.descriptor) == 0 else { throw SystemError("cannot bring the folder \(path) to the disk") }
    }

    /// The segments' numbers in order, and what else there is that a queue's folder does not have.
    func segments() throws(SystemError) -> (numbers: [UInt32], strangers: [String]) {
        var numbers: [UInt32] = []
        var strangers: [String] = []
        for name in try Folder.names(in: path) {
            if let number = Folder.segmentNumber(of: name) {
                numbers.append(number)
            } else if !["lock", "synced", "workers", "lost+found"].contains(name), !name.hasSuffix(".new") {
                strangers.append(name)
            }
        }
        return (numbers.sorted(), strangers.sorted())
    }

    private static func segmentNumber(of name: String) -> UInt32? {
        guard name.hasSuffix(".log"), name.utf8.count >= 12 else { return nil }
        let digits = name.dropLast(4)
        guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return UInt32(digits)
    }

    /// The names in a folder, hidden ones left out.
    static func names(in path: String) throws(SystemError) -> [String] {
        guard let folder = opendir(path) else { throw SystemError("cannot list the folder \(path)") }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}

extension Folder {
    /// Removes segments that were never finished. With the queue's lock held.
    func removeLeftovers() throws(SystemError) {
        for name in try Folder.names(in: path) where name.hasSuffix(".new") { _ = unlink(path + "/" + name) }
    }
}
