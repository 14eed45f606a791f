public import Mailroom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SpoolTransport: ConnectionChecking {
    /// Says whether files can be made in the folder, or the folder itself where it is missing. Makes nothing.
    public func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        let folder = SpoolFolder(path: folder, format: format)
        var check = ConnectionCheck(route)
        let answer = await onQueue(until: deadline) { () -> (problem: String?, place: String) in
            let problems = [folder.path, folder.temporary, folder.place].compactMap { Self.problem(with: $0) }
            return (problems.first, Self.absolute(folder.path))
        }
        if let answer {
            if answer.problem == nil { check.findings.append(.init("folder", answer.place)) }
            check.problem = answer.problem
        } else {
            check.problem = "Looking at \(folder.path) took too long: its disk does not answer."
        }
        check.findings.append(.init("format", format.rawValue))
        return [check]
    }

    /// Where a folder really is, whatever folder the process runs in, and whether it is there yet.
    private static func absolute(_ path: String) -> String {
        if let resolved = realpath(path, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return "\(path), to be made" }
        defer { free(current) }
        return "\(String(cString: current))/\(path.hasPrefix("./") ? String(path.dropFirst(2)) : path), to be made"
    }

    private static func problem(with path: String) -> String? {
        var path = path
        while true {
            var status = stat()
            if stat(path, &status) == 0 {
                guard status.st_mode & S_IFMT == S_IFDIR else { return SpoolError("\(path)", code: ENOTDIR).reason }
                return access(path, W_OK | X_OK) == 0 ? nil : SpoolError("cannot write to \(path)").reason
            }
            guard errno == ENOENT, SpoolFolder.parent(of: path) != path else {
                return SpoolError("cannot look at \(path)").reason
            }
            path = SpoolFolder.parent(of: path)
        }
    }
}
