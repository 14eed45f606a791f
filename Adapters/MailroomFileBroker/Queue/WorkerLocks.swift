import Foundation
import Mailroom
import MailroomFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The files by which working processes know of each other: each holds the lock of its own for as long as it lives, and
/// says in it which workers it has.
///
/// The name of the file stands before the worker's in lease records. It is never used twice.
final class WorkerLocks {
    private let folder: FolderLayout
    private var own: File?
    private let name = "\(getpid())-" + String(UInt64.random(in: .min ... .max), radix: 36)
    /// Processes whose leases were seen and who were alive when last asked.
    private var others: Set<String> = []
    /// The workers of this process, by name.
    private var workers: [String: WorkerRecord] = [:]

    init(folder: FolderLayout) { self.folder = folder }

    /// A worker as lease records name it. Takes this process' lock the first time.
    func ownName(for request: LeaseRequest, at time: Date) throws(FileError) -> String {
        if own == nil {
            own = try lockedFile()
        }
        try note(request, at: time)
        return name + "/" + request.worker
    }

    /// Whoever looks at the workers between the making of the file and its lock takes it for that of a process that
    /// ended, and removes it.
    private func lockedFile() throws(FileError) -> File {
        let path = folder.workersPath + "/" + name
        while true {
            let file = try folder.disk.open(path, O_RDWR | O_CREAT)
            try file.lock()
            if folder.disk.exists(path) { return file }
        }
    }

    /// Says which workers there are, at most once a second for each that is known.
    private func note(_ request: LeaseRequest, at time: Date) throws(FileError) {
        if let known = workers[request.worker], known.queues == request.queues, !known.isOld(time) { return }
        workers[request.worker] = WorkerRecord(name: request.worker, queues: request.queues, jobs: 0, lastSeen: time)
        try write()
    }

    /// A worker of this process was heard of otherwise than by asking for jobs.
    func touch(_ worker: String, at time: Date) {
        guard WorkerLocks.process(of: worker) == name else { return }
        let worker = WorkerLocks.worker(of: worker)
        guard workers[worker]?.isOld(time) == true else { return }
        workers[worker]!.lastSeen = time
        // Nothing is lost where it cannot be said: the lock shows that the process lives.
        try? write()
    }

    private func write() throws(FileError) {
        var writer = ByteWriter()
        writer.write(workers.values) { writer, worker in
            writer.write(worker.name)
            writer.write(worker.queues) { $0.write($1.rawValue) }
            writer.write(worker.lastSeen)
        }
        var file = ByteWriter()
        file.write(fixed: Fingerprint(of: writer.bytes).rawValue)
        file.write(writer.bytes)
        try own?.write(file.bytes, at: 0)
    }

    /// The workers of all processes that live, without the jobs they hold.
    func records() throws(FileError) -> [WorkerRecord] {
        var records: [WorkerRecord] = []
        for process in try folder.disk.names(in: folder.workersPath) where process == name || !isGone(process) {
            guard let file = try? folder.disk.open(folder.workersPath + "/" + process, O_RDONLY),
                let bytes = try? file.bytes((try? file.size()) ?? 0, at: 0)
            else { continue }
            records += WorkerLocks.records(in: bytes)
        }
        return records
    }

    /// What a file says; nothing where it is being written.
    private static func records(in bytes: [UInt8]) -> [WorkerRecord] {
        var reader = ByteReader(bytes)
        guard let hash = try? reader.fixed64(), let rest = try? reader.array(), hash == Fingerprint(of: rest).rawValue
        else { return [] }
        var list = ByteReader(rest)
        let records = try? list.list { reader throws(ByteReader.Malformed) in
            WorkerRecord(
                name: try reader.string(),
                queues: try reader.list { reader throws(ByteReader.Malformed) in QueueName(try reader.string()) },
                jobs: 0, lastSeen: try reader.date())
        }
        return records ?? []
    }

    /// The process in a worker's name.
    static func process(of worker: String) -> String { String(worker.prefix { $0 != "/" }) }

    /// The worker's own name.
    static func worker(of name: String) -> String { String(name.drop { $0 != "/" }.dropFirst()) }

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
        guard !process.isEmpty else { return false }
        let file: File
        do throws(FileError) {
            file = try folder.disk.open(path, O_RDONLY)
        } catch {
            // A disk that fails says nothing about a process.
            return error.code == ENOENT
        }
        guard file.tryLock() else { return false }
        try? folder.disk.remove(path)
        return true
    }

    /// Lets the others see that this process takes no more jobs.
    func release() {
        guard let own else { return }
        try? folder.disk.remove(own.path)
        self.own = nil
    }
}

extension WorkerRecord {
    /// Whether what is known is so old that it is said anew.
    fileprivate func isOld(_ time: Date) -> Bool { abs(time.timeIntervalSince(lastSeen)) >= 1 }
}
