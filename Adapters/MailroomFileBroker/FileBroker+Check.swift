import Foundation
public import Mailroom

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension FileBroker: ConnectionChecking {
    /// Says where the queue is, and whether this process may use it, or make it where it is missing. Makes nothing and
    /// reads no job.
    public func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        let folder = Folder(path: settings.folder)
        let check = await FirstAnswer.wait(until: deadline, late: folder.silentCheck) { answer in
            Thread.detachNewThread { answer.give(folder.check()) }
        }
        return [check]
    }
}

extension Folder {
    private var route: String { "file:\(path)" }

    fileprivate var silentCheck: ConnectionCheck {
        var check = ConnectionCheck(route)
        check.problem = "Looking at \(path) took too long: its disk does not answer."
        return check
    }

    fileprivate func check() -> ConnectionCheck {
        var check = ConnectionCheck(route)
        let resolved = realpath(path, nil)
        defer { free(resolved) }
        do throws(SystemError) {
            if let resolved {
                check.findings.append(.init("folder", String(cString: resolved)))
                try Folder.allowEntering(path, R_OK | W_OK | X_OK)
                let numbers = try segments().numbers
                check.findings.append(.init("queue", numbers.isEmpty ? "to be made at the first call" : "is there"))
                for file in [lockPath, syncedPath, workersPath] + numbers.map(segmentPath) {
                    try Folder.allow(file, R_OK | W_OK)
                }
            } else if errno == ENOENT {
                check.findings.append(.init("queue", "to be made at the first call"))
                try Folder.allowMaking(path)
            } else {
                throw SystemError("cannot look at \(path)")
            }
        } catch {
            check.problem = error.brokerError(mayHaveStored: false).reason
        }
        return check
    }

    /// Whether the closest folder above that is there lets this process make one in it.
    private static func allowMaking(_ path: String) throws(SystemError) {
        let above = parent(of: path)
        var status = stat()
        guard stat(above, &status) == 0 else {
            guard errno == ENOENT, above != path else { throw SystemError("cannot look at \(above)") }
            return try allowMaking(above)
        }
        try allowEntering(above, W_OK | X_OK)
    }

    private static func allowEntering(_ path: String, _ mode: Int32) throws(SystemError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemError("cannot look at \(path)") }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw SystemError(path, code: ENOTDIR) }
        try allow(path, mode)
    }

    /// A file that is not there is made when it is needed.
    private static func allow(_ path: String, _ mode: Int32) throws(SystemError) {
        if access(path, mode) != 0, errno != ENOENT { throw SystemError("no right to read and write \(path)") }
    }
}
