#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Folders and files, by calls that are tried again when a signal interrupts them.
package struct Disk: Sendable {
    package let calls: any SystemCalls

    package init(_ calls: any SystemCalls = RealSystemCalls()) { self.calls = calls }

    /// The disk of the machine that runs the process.
    package static let real = Disk()

    /// Opens a file, making it where the flags say so, readable to its owner alone.
    package func open(_ path: String, _ flags: Int32) throws(FileError) -> File {
        let descriptor = try done("cannot open \(path)") { calls.open(path, flags, mode: 0o600) }
        return File(Int32(descriptor), path, calls)
    }

    /// Makes a folder and those above it where they are missing, readable to their owner alone and on the disk.
    ///
    /// A folder that is there already may not be on the disk: who made it may have died before it was, or not have
    /// come to it yet. So the names above are brought to the disk, too, as far up as this process may have made them.
    package func makeFolder(_ path: String) throws(FileError) {
        var made = try makeNames(path)
        var path = path
        while case let parent = Disk.parent(of: path), parent != path {
            guard made > 0 || again({ calls.access(parent, R_OK | W_OK) }) >= 0 else { return }
            try syncFolder(parent)
            made -= 1
            path = parent
        }
    }

    /// Answers how many folders, from the last one up, were not there.
    private func makeNames(_ path: String) throws(FileError) -> Int {
        let parent = Disk.parent(of: path)
        var result = again { calls.makeFolder(path, mode: 0o700) }
        var made = 1
        if result == -Int(ENOENT), parent != path {
            made += try makeNames(parent)
            result = again { calls.makeFolder(path, mode: 0o700) }
        } else if result == -Int(EEXIST) {
            return 0
        }
        guard result >= 0 || result == -Int(EEXIST) else {
            throw FileError("cannot make the folder \(path)", code: Int32(-result))
        }
        return made
    }

    /// Brings the names in a folder to the disk: a file that was made, linked or renamed there is not there without.
    package func syncFolder(_ path: String) throws(FileError) {
        let folder = try open(path, O_RDONLY | O_DIRECTORY)
        _ = try done("cannot bring the folder \(path) to the disk") { calls.sync(folder.descriptor) }
    }

    /// The names in a folder, without order.
    package func names(in path: String) throws(FileError) -> [String] {
        var names: [String] = []
        _ = try done("cannot list the folder \(path)") {
            names = []
            return calls.names(in: path) { names.append($0) }
        }
        return names
    }

    /// Removes a file's name; it need not be there.
    package func remove(_ path: String) throws(FileError) {
        let result = again { calls.remove(path) }
        if result < 0, result != -Int(ENOENT) { throw FileError("cannot remove \(path)", code: Int32(-result)) }
    }

    /// Puts a file in another's place, at once for everyone who looks.
    package func rename(_ path: String, to other: String) throws(FileError) {
        _ = try done("cannot rename \(path) to \(other)") { calls.rename(path, to: other) }
    }

    /// Gives a file a second name; false where the name is taken.
    package func link(_ path: String, as other: String) throws(FileError) -> Bool {
        let result = again { calls.link(path, as: other) }
        if result == -Int(EEXIST) { return false }
        guard result >= 0 else { throw FileError("cannot name \(other)", code: Int32(-result)) }
        return true
    }

    package func exists(_ path: String) -> Bool { again { calls.access(path, F_OK) } >= 0 }

    /// Throws unless the process may do all of this with a file or folder.
    package func allow(_ path: String, _ mode: Int32) throws(FileError) {
        _ = try done("no right to read and write \(path)") { calls.access(path, mode) }
    }

    /// Whether a folder is there; throws where something else has its name.
    package func hasFolder(_ path: String) throws(FileError) -> Bool {
        let result = again { calls.isFolder(path) }
        switch result {
        case 1: return true
        case -Int(ENOENT): return false
        default: throw FileError("cannot look at \(path)", code: result == 0 ? ENOTDIR : Int32(-result))
        }
    }

    /// When a file was last written to, in seconds since 1970; `nil` where there is no file of this name, but a folder or
    /// a link, say.
    package func modified(_ path: String) -> Int? {
        let result = again { calls.modified(path) }
        return result >= 0 ? result : nil
    }

    /// The folder that a path's last name is in.
    package static func parent(of path: String) -> String {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func again(_ call: () -> Int) -> Int { repeatedWhileInterrupted(call) }

    private func done(_ action: @autoclosure () -> String, _ call: () -> Int) throws(FileError) -> Int {
        try finished(action(), call)
    }
}

/// A call's answer once no signal interrupts it any more.
func repeatedWhileInterrupted(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result != -Int(EINTR) { return result }
    }
}

func finished(_ action: @autoclosure () -> String, _ call: () -> Int) throws(FileError) -> Int {
    let result = repeatedWhileInterrupted(call)
    if result < 0 { throw FileError(action(), code: Int32(-result)) }
    return result
}
