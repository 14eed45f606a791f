import Foundation
import Mailroom
import MailroomFiles

/// A queue kept in a log: the table of its jobs, and where in the log everything else is. Used by one thread.
final class FileQueue: StoredQueue {
    private let fold: QueueFold
    let log: Log
    let time: any TimeSource
    private let boot: String
    let workers: WorkerLocks
    /// Whether the group must be on the disk before it is answered.
    private var mustSync = false
    /// Whether anything in the group is acted upon before that.
    private var isReliedUpon = false
    /// After the last record that others may not act upon before it is on the disk.
    private(set) var lastPromise = Position(segment: 0, offset: 0)
    /// Whether something changed that a waiting worker may be glad of.
    var isNews = false
    /// Where the checkpoint stands that the table was opened with.
    let opened: Position
    var mover = SegmentMover()
    private var isOpen = false

    /// Opens the queue: the latest checkpoint, and what was appended since. `isAgain` where this process has had it open
    /// until now, so that the end of the log needs no repair; `isInDoubt` where it knows that records may be lost.
    init(
        _ settings: QueueSettings, workers: WorkerLocks, isAgain: Bool = false, isInDoubt: Bool = false
    ) throws(BrokerError) {
        time = settings.time
        boot = settings.boot
        let folder = settings.layout
        try Log.prepare(folder)
        let checkpoint = Checkpoint.latest(in: folder)
        if checkpoint == nil { try folder.checkBeginning() }
        fold = QueueFold(checkpoint)
        opened = checkpoint?.position ?? Position(segment: 0, offset: 0)
        log = try Log(folder: folder, segmentSize: settings.segmentSize, start: checkpoint?.position)
        self.workers = workers
        fold.noteWorker = { workers.note($0) }
        for (_, term) in fold.table.leases.all { workers.note(term.worker) }
        // Most of it is read without keeping others from writing.
        try readOn()
        try log.lock()
        defer { log.unlock() }
        try readOn()
        let isLost = try log.hasLostWhatWasReliedUpon()
        let isInDoubt = isInDoubt || isLost
        if isAgain, !isInDoubt {
            isOpen = true
            return
        }
        try log.settleTail()
        try before { () throws(FileError) in try folder.removeLeftovers() }
        try noteBoot(isInDoubt)
        expireLeasesOfTheGone()
        isOpen = true
    }

    /// Says in the log that another boot begins, so that every process counts the same jobs as perhaps handed out. What
    /// was written before a failed sync may be gone, too, leases among it: that is told in the same way.
    private func noteBoot(_ isInDoubt: Bool) throws(BrokerError) {
        let isRestarted = fold.boot != boot
        guard isInDoubt || isRestarted else { return }
        // The clock may have been set back since jobs were handed out that were due by then.
        let time = max(time.now(), Date(milliseconds: table.latestTime))
        // A segment that begins with this must begin with the boot all the same.
        try before { () throws(FileError) in try isRestarted ? log.makeRoom(for: 512) : makeRoom(for: 512) }
        if isInDoubt, !isRestarted {
            // Whoever holds a lease that is lost may live, and settle by a token that must not be another's.
            table.count(from: table.lastToken + FileQueue.tokensOfASegment, table.lastSequence)
            let doubt = boot + "/doubt"
            log.append(.boot(doubt, at: time, lastToken: table.lastToken, lastSequence: table.lastSequence))
            fold.begin(doubt, at: time)
        }
        appendBoot(at: time)
        fold.begin(boot, at: time)
        try before { () throws(FileError) in
            try log.write()
            if isInDoubt { try log.rely() }
        }
    }

    /// More than the leases that one segment has room for, since no more than its records can be lost.
    private static let tokensOfASegment: UInt64 = 1 << 24

    private func appendBoot(at time: Date) {
        log.append(.boot(boot, at: time, lastToken: table.lastToken, lastSequence: table.lastSequence))
    }

    var table: QueueTable { fold.table }

    var attachments: StoredAttachments {
        get { fold.attachments }
        _modify { yield &fold.attachments }
    }

    // MARK: Reading

    /// Applies what was appended since, and says whether it was anything. With the lock held the log ends here
    /// afterwards. Without it, only what is on the disk is read: what is being written may be taken back.
    @discardableResult
    func readOn() throws(BrokerError) -> Bool {
        let start = log.end
        if log.isLocked, isOpen, try !log.lastStands() { throw log.lost() }
        let limit = log.isLocked ? nil : try log.sharedWatermark()
        switch try log.readOn(upTo: limit, { (record) throws(BrokerError) in try apply(record) }) {
        case .end: if log.isLocked, isOpen, try log.hasLostWhatWasReliedUpon() { throw log.lost() }
        case .damage where log.isLocked && isOpen:
            // Whoever reads from the beginning sees whether a write was interrupted, or written over what was dropped.
            throw changed()
        case .damage: if log.isLocked { try log.cutTail() }
        case .lost:
            throw BrokerError(
                .segmentIsGone,
                "the segment after \(log.segment.file.path) is missing: restore the folder from a copy",
                mayHaveStored: false)
        }
        return log.end != start
    }

    private func changed() -> BrokerError {
        BrokerError(.segmentIsGone, "\(log.segment.file.path) was written anew at \(log.tail)", mayHaveStored: false)
    }

    private func apply(_ record: StoredRecord) throws(BrokerError) {
        try fold.apply(record, in: log.folder)
        if record.kind != .leased, record.kind != .extended {
            let end = Int(record.position.offset) + RecordHead.space(forPayload: record.bytes.count)
            lastPromise = Position(segment: record.position.segment, offset: UInt32(end))
            isNews = true
        }
    }

    // MARK: The store

    func details(of slot: Slot) throws(BrokerError) -> JobDetails {
        let entry = table[slot]
        let bytes = try log.bytes(segment: entry.segment, offset: Int(entry.offset), count: Int(entry.length))
        guard let details = DetailsBlock.details(bytes[...], of: entry) else { throw damaged(entry) }
        return details
    }

    private func damaged(_ entry: JobEntry) -> BrokerError {
        BrokerError(
            .corrupt,
            "\(log.folder.segmentPath(entry.segment)) is damaged at offset \(entry.offset), in the record of job "
                + "\(entry.id): stop its processes and run \"mailroom queue repair \(log.folder.path)\"",
            mayHaveStored: false)
    }

    func store(_ jobs: [ChangedJob]) throws(BrokerError) {
        let (record, changes) = ChangeCoding.encoded(
            jobs.map { job in
                .init(change: job.change, entry: table[job.slot], details: job.details, dropped: job.dropped)
            })
        append(record, changes, hints: jobs.map(\.slot))
        for job in jobs where !job.dropped.isEmpty { attachments.release(job.dropped) }
    }

    /// Adds a record of changes, and tells the table.
    func append(_ record: EncodedRecord, _ changes: [JobChange], hints: [Slot]) {
        let position = log.append(record)
        for (index, stored) in changes.enumerated() {
            var change = stored
            change.segment = position.segment
            change.offset += position.offset
            table.apply(change, hint: hints[index])
        }
        promise()
    }

    func remove(_ jobs: [Slot], at time: Date) throws(BrokerError) {
        guard !jobs.isEmpty else { return }
        var removed: [(id: JobID, dropped: [SHA256Digest])] = []
        removed.reserveCapacity(jobs.count)
        for slot in jobs {
            let entry = table[slot]
            let dropped = entry.flags.contains(.hasContent) ? try details(of: slot).content.digests : []
            removed.append((entry.id, dropped))
        }
        log.append(.removed(removed, at: time))
        for job in removed {
            table.remove(job.id)
            attachments.release(job.dropped)
        }
        promise()
    }

    // MARK: Changing

    /// Makes room for a group, and says in a segment's first record what its readers must know.
    func makeRoom(for count: Int) throws(FileError) {
        let segment = log.segment.number
        try log.makeRoom(for: count + 256)
        if log.segment.number != segment { appendBoot(at: time.now()) }
    }

    /// Takes submissions in, and answers once more what was taken in before.
    func enqueue(
        _ submissions: [Submission], encoded: EncodedArrivals, now: Date
    ) throws(BrokerError) -> [Admission] {
        let (answers, new) = try admissions(for: submissions, now: now)
        // A duplicate, too, is only answered when its original is on the disk.
        promiseIsAwaited()
        guard !new.isEmpty else { return answers }
        var encoded = encoded
        if new.count < submissions.count { encoded = EncodedArrivals(new.map { submissions[$0] }) }
        var stored: Set<SHA256Digest> = []
        for index in new { attachments.append(submissions[index].attachments, to: log, unless: &stored) }
        let position = log.append(encoded.record)
        for (place, index) in new.enumerated() {
            table.admit(encoded.arrival(place, at: position), to: encoded.queues[place])
            if !submissions[index].attachments.isEmpty {
                attachments.retain(submissions[index].attachments.map(\.digest))
            }
        }
        promise()
        return answers
    }

    func promise() {
        lastPromise = log.end
        mustSync = true
        isNews = true
    }

    /// Has an answer wait until its whole group is on the disk.
    func promiseIsAwaited() { mustSync = true }

    /// Has an answer wait until everything is on the disk that it may stand on.
    func answerIsAwaited() throws(BrokerError) {
        if try !log.isSynced(to: lastPromise) { mustSync = true }
    }

    /// What a lease stands on must be on the disk before a worker acts upon it: what was last recorded of its job.
    func leaseIsAwaited(_ slots: [Slot]) throws(BrokerError) {
        if try log.isSynced(to: lastPromise) { return }
        let synced = log.synced
        let isUnsynced = slots.contains { slot in
            let entry = table[slot]
            return Position(segment: entry.segment, offset: entry.offset + entry.length) > synced
        }
        if isUnsynced { mustSync = true }
    }

    /// Has an operation decide. Tells whether its answer must wait for the disk.
    func perform(_ operation: Operation) -> (completion: Operation.Completion, isAwaited: Bool) {
        let (start, others) = (log.end, mustSync)
        mustSync = false
        let completion = operation.perform(self)
        let isAwaited = mustSync
        if !isAwaited, log.end != start { isReliedUpon = true }
        mustSync = isAwaited || others
        return (completion, isAwaited)
    }

    /// Notes that a group is acted upon without being on the disk, if it is. False where that fails: it must be there
    /// before anybody is answered.
    func relyOnGroup() -> Bool {
        guard isReliedUpon else { return true }
        isReliedUpon = false
        do {
            try log.rely()
            return true
        } catch {
            mustSync = true
            return false
        }
    }

    /// Whether anything in the group asks for it to be on the disk before it is answered.
    func takeMustSync() -> Bool {
        defer { mustSync = false }
        return mustSync
    }

    /// Goes on in a new segment, so that everything before it can be dropped.
    func beginSegment() throws(BrokerError) {
        // What the group has by now is written with it.
        do { try log.beginSegment() } catch { throw error.brokerError(mayHaveStored: true) }
        appendBoot(at: time.now())
        promise()
    }

    // MARK: Workers

    /// Offers the jobs again whose workers ended without giving them back.
    func expireLeasesOfTheGone() {
        let gone = workers.findGone()
        guard !gone.isEmpty else { return }
        table.offerJobs { gone.contains(WorkerLocks.process(of: $0)) }
        isNews = true
    }
}
