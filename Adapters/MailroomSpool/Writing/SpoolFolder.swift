#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The folders of a spool.
struct SpoolFolder: Sendable {
    let path: String
    let format: SpoolFormat

    /// Where files are written, on the same disk as their place.
    var temporary: String { path + "/tmp" }

    /// Where files appear.
    var place: String { format == .maildir ? path + "/new" : path }

    /// Makes the folders that are missing, readable to their owner alone.
    func create() throws(SpoolError) {
        try Self.make(path)
        for name in format == .maildir ? ["tmp", "new", "cur"] : ["tmp"] { try Self.make(path + "/" + name) }
    }

    private static func make(_ path: String) throws(SpoolError) {
        if mkdir(path, 0o700) == 0 { return try sync(parent(of: path)) }
        switch errno {
        case EEXIST: return
        case ENOENT where parent(of: path) != path:
            try make(parent(of: path))
            if mkdir(path, 0o700) != 0, errno != EEXIST { throw SpoolError("cannot make the folder \(path)") }
            try sync(parent(of: path))
        default: throw SpoolError("cannot make the folder \(path)")
        }
    }

    static func parent(of path: String) -> String {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Brings the names in a folder to the disk: a file that was linked there is not there without.
    static func sync(_ path: String) throws(SpoolError) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw SpoolError("cannot open the folder \(path)") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw SpoolError("cannot bring the folder \(path) to the disk") }
    }

    /// Calls the body with the names in a folder until it says false.
    static func forEachName(in path: String, _ body: (String) -> Bool) {
        guard let folder = opendir(path) else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix("."), !body(name) { return }
        }
    }

    /// The file of this name, or of a name that begins like it, where a reader has moved it or another host wrote it.
    func existing(_ name: SpoolName) -> String? {
        guard format == .maildir else { return nil }
        var found: String?
        for folder in ["new", "cur"] where found == nil {
            Self.forEachName(in: "\(path)/\(folder)") { candidate in
                if candidate.hasPrefix(name.stem) { found = candidate }
                return found == nil
            }
        }
        return found
    }

    /// Removes what processes that died left half-written, once it is as old as Maildir's rule asks: 36 hours. Other
    /// files there may be somebody's own, in a folder that was more than a spool before.
    func removeLeftovers() {
        let limit = time(nil) - 36 * 3600
        Self.forEachName(in: temporary) { name in
            guard name.hasSuffix(SpoolName.draftEnding) else { return true }
            let path = "\(temporary)/\(name)"
            var status = stat()
            if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                #if canImport(Darwin)
                    let changed = status.st_mtimespec.tv_sec
                #else
                    let changed = status.st_mtim.tv_sec
                #endif
                if changed < limit { unlink(path) }
            }
            return true
        }
    }
}
