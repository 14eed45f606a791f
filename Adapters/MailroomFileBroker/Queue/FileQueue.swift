import Foundation
import Mailroom

/// A queue kept in a log: the machine, and where in the log the content of its jobs is. Used by one thread.
final class FileQueue {
    let machine = QueueMachine()
    let log: Log
    let time: any TimeSource
    let workers: WorkerLocks
    var attachments = StoredAttachments()
    /// Whether the group must be on the disk before it is answered.
    private var mustSync = false
    /// After the last record that others may not act upon before it is on the disk.
    private var lastPromise = Position(segment: 0, offset: 0)
    private var boot = ""
    /// Whether something changed that a waiting worker may be glad of.
    var isNews = false

    /// Opens the queue and reads all of it.
    init(_ settings: QueueSettings, workers: WorkerLocks) throws(BrokerError) {
        time = settings.time
        let folder = Folder(path: settings.folder)
        log = try Log(folder: folder, segmentSize: settings.segmentSize)
        self.workers = workers
        // Most of it is read without keeping others from writing.
        try readOn()
        try log.lock()
        defer { log.unlock() }
        try readOn()
        try log.settleTail()
        try before { () throws(SystemError) in try folder.removeLeftovers() }
        try noteBoot()
        expireLeasesOfTheGone()
    }

    /// Says in the log that another boot begins, so that every process counts the same jobs as perhaps handed out.
    private func noteBoot() throws(BrokerError) {
        let now = BootIdentity.current
        guard boot != now else { return }
        let time = time.now()
        try before { () throws(SystemError) in try log.makeRoom(for: 128) }
        log.append(EncodedRecord(boot: now, at: time))
        if !boot.isEmpty { machine.apply(.restarted(at: time)) }
        boot = now
        try before { () throws(SystemError) in try log.write() }
    }

    // MARK: Reading

    /// Applies what was appended since, and says whether it was anything. With the lock held the log ends here
    /// afterwards; without it, a write under way may follow.
    @discardableResult
    func readOn() throws(BrokerError) -> Bool {
        let start = log.end
        switch try log.readOn({ (record) throws(BrokerError) in try apply(record) }) {
        case .end: break
        case .damage: if log.isLocked { try log.cutTail() }
        case .lost:
            throw BrokerError(
                .segmentIsGone,
                "the segment after \(log.segment.file.path) is missing: restore the folder from a copy",
                mayHaveStored: false)
        }
        return log.end != start
    }

    private func apply(_ record: StoredRecord) throws(BrokerError) {
        do {
            switch record.kind {
            case .attachment: try attachments.note(record)
            case .boot:
                let (id, time) = try record.boot()
                if !boot.isEmpty, boot != id { machine.apply(.restarted(at: time)) }
                boot = id
            default:
                guard let change = try record.queueRecord() else { return }
                machine.apply(change)
                if case .leased(let grants) = change { workers.note(grants.worker) }
                if record.kind != .leased, record.kind != .extended {
                    let end = Int(record.position.offset) + RecordHead.space(forPayload: record.bytes.count)
                    lastPromise = Position(segment: record.position.segment, offset: UInt32(end))
                    isNews = true
                }
            }
        } catch {
            throw BrokerError(
                .corrupt,
                "\(log.folder.segmentPath(record.position.segment)) holds a record at \(record.position.offset) that "
                    + "cannot be read although it is whole: a newer version may have written it; update this program",
                mayHaveStored: false)
        }
    }

    // MARK: Changing

    /// Makes a change and puts its record into the group.
    @discardableResult
    func append(_ change: QueueRecord, as record: EncodedRecord? = nil) -> [SettleResult] {
        let record = record ?? EncodedRecord(change)
        log.append(record)
        if record.kind != .leased, record.kind != .extended { promise() }
        return machine.apply(change)
    }

    /// Takes submissions in, and answers once more what was taken in before.
    func enqueue(
        _ submissions: [Submission], encoded: EncodedSubmissions, now: Date
    ) throws(BrokerError) -> [Admission] {
        let (answers, new) = try machine.admissions(for: submissions, now: now)
        // A duplicate, too, is only answered when its original is on the disk.
        promiseIsAwaited()
        guard !new.isEmpty else { return answers }
        var encoded = encoded
        if new.count < submissions.count { encoded = EncodedSubmissions(new.map { submissions[$0] }) }
        if encoded.hasAttachments {
            for index in new { attachments.append(submissions[index].attachments, to: log, unlessNeededBy: machine) }
            attachments.endCall()
        }
        let position = log.append(encoded.record)
        machine.apply(.enqueued(encoded.arrivals(at: position)))
        promise()
        return answers
    }

    private func promise() {
        lastPromise = log.end
        mustSync = true
        isNews = true
    }

    /// Has the group answered only when everything that it stands on is on the disk.
    func promiseIsAwaited() { mustSync = true }

    /// What a lease stands on must be on the disk before a worker acts upon it.
    func leaseIsAwaited() throws(BrokerError) {
        if try !log.isSynced(to: lastPromise) { mustSync = true }
    }

    /// Brings the group to the disk, if anything in it asks for that.
    func syncIfAsked() throws(SystemError) {
        guard mustSync else { return }
        mustSync = false
        try log.sync()
    }

    // MARK: Workers

    /// Offers the jobs again whose workers ended without giving them back.
    func expireLeasesOfTheGone() {
        let gone = workers.findGone()
        guard !gone.isEmpty else { return }
        machine.expireLeases { gone.contains(WorkerLocks.process(of: $0)) }
        isNews = true
    }
}

/// What a queue is opened with.
struct QueueSettings: Sendable {
    var folder: String
    var time: any TimeSource
    var segmentSize: Int
}

extension BrokerError.Code {
    /// A segment was deleted before it was read, as happens while another process prunes the queue; or it is missing.
    static let segmentIsGone = BrokerError.Code(rawValue: "segmentIsGone")
}
