import Foundation
import Mailroom

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The files by which working processes know of each other: each holds the lock of its own for as long as it lives.
///
/// The name of the file stands before the worker's in lease records. It is never used twice.
final class WorkerLocks {
    private let folder: Folder
    private var own: File?
    private let name = "\(getpid())-" + String(UInt64.random(in: .min ... .max), radix: 36)
    /// Processes whose leases were seen and who were alive when last asked.
    private var others: Set<String> = []

    init(folder: Folder) { self.folder = folder }

    /// A worker as lease records name it. Takes this process' lock the first time.
    func ownName(for worker: String) throws(SystemError) -> String {
        if own == nil {
            let file = try File(folder.workersPath + "/" + name, O_WRONLY | O_CREAT | O_EXCL)
            try file.lock()
            own = file
        }
        return name + "/" + worker
    }

    /// The process in a worker's name.
    static func process(of worker: String) -> String { String(worker.prefix { $0 != "/" }) }

    /// Learns of a worker from a lease record that was read.
    func note(_ worker: String) {
        let process = WorkerLocks.process(of: worker)
        if process != name { others.insert(process) }
    }

    var hasOthers: Bool { !others.isEmpty }

    /// The processes that ended since the last call.
    func findGone() -> Set<String> {
        let gone = others.filter(isGone)
        others.subtract(gone)
        return gone
    }

    private func isGone(_ process: String) -> Bool {
        let path = folder.workersPath + "/" + process
        guard !process.isEmpty, let file = try? File(path, O_RDONLY) else { return access(path, F_OK) != 0 }
        guard file.tryLock() else { return false }
        _ = unlink(path)
        return true
    }

    /// Lets the others see that this process takes no more jobs.
    func release() {
        guard let own else { return }
        _ = unlink(own.path)
        self.own = nil
    }
}
