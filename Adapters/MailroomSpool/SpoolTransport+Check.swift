public import Mailroom
import MailroomFiles

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
        let folder = files
        var check = ConnectionCheck(route)
        let answer = await onQueue(until: deadline) { () -> (problem: String?, place: String) in
            let problems = [folder.path, folder.temporary, folder.place].compactMap(folder.problem)
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
}

extension SpoolFolder {
    /// Why nothing can be made in a folder, or in the nearest one above it that is there.
    fileprivate func problem(with path: String) -> String? {
        var path = path
        do throws(FileError) {
            while try !disk.hasFolder(path), Disk.parent(of: path) != path { path = Disk.parent(of: path) }
            try disk.allow(path, W_OK | X_OK)
            return nil
        } catch {
            return error.reason
        }
    }
}
