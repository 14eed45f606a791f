import Foundation
public import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension FileBroker: ConnectionChecking {
    /// Says where the queue is, and whether this process may use it, or make it where it is missing. Makes nothing and
    /// reads no job.
    public func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        let folder = settings.layout
        let check = await FirstAnswer.wait(until: deadline, late: folder.silentCheck) { answer in
            Thread.detachNewThread { answer.give(folder.check()) }
        }
        return [check]
    }
}

extension FolderLayout {
    private var route: String { "file:\(path)" }

    fileprivate var silentCheck: ConnectionCheck {
        var check = ConnectionCheck(route)
        check.problem = "Looking at \(path) took too long: its disk does not answer."
        return check
    }

    fileprivate func check() -> ConnectionCheck {
        var check = ConnectionCheck(route)
        do throws(FileError) {
            if try disk.hasFolder(path) {
                check.findings.append(.init("folder", absolutePath))
                try disk.allow(path, R_OK | W_OK | X_OK)
                let numbers = try segments().numbers
                check.findings.append(.init("queue", numbers.isEmpty ? "to be made at the first call" : "is there"))
                for file in [lockPath, syncedPath, workersPath] + numbers.map(segmentPath) where disk.exists(file) {
                    try disk.allow(file, R_OK | W_OK)
                }
            } else {
                check.findings.append(.init("queue", "to be made at the first call"))
                try allowMaking(path)
            }
        } catch {
            check.problem = error.brokerError(mayHaveStored: false).reason
        }
        return check
    }

    /// The path as the system resolves it.
    private var absolutePath: String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Whether the closest folder above that is there lets this process make one in it.
    private func allowMaking(_ path: String) throws(FileError) {
        let above = Disk.parent(of: path)
        if try disk.hasFolder(above) { return try disk.allow(above, W_OK | X_OK) }
        guard above != path else { throw FileError("cannot look at \(above)", code: ENOENT) }
        try allowMaking(above)
    }
}
