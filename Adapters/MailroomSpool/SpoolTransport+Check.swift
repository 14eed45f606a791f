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
        let answer = await onQueue {
            for path in [folder.path, folder.temporary, folder.place] {
                if let problem = Self.problem(with: path) { return (problem: Optional(problem), place: String?.none) }
            }
            return (problem: nil, place: Self.absolute(folder.path))
        }
        if let place = answer.place { check.findings.append(.init("folder", place)) }
        check.findings.append(.init("format", format.rawValue))
        check.problem = answer.problem
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
