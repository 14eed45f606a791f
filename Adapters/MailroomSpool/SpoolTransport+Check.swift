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
        var check = ConnectionCheck(route, findings: [.init("format", format.rawValue)])
        let problems = await onQueue(until: deadline) {
            [folder.path, folder.temporary, folder.place].compactMap { Self.problem(with: $0) }
        }
        check.problem = problems.map(\.first) ?? "Looking at \(folder.path) took too long: its disk does not answer."
        return [check]
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
