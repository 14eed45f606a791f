import Foundation
public import Mailroom
package import MailroomFiles

/// A broker that keeps its jobs in a folder, which any number of processes of one machine share without a daemon.
///
/// ```swift
/// let pipeline = try PipelineBuilder()
///     .broker(.file("/var/lib/club/queue")).transport(.smtp("mail.example.org")).build()
/// ```
///
/// **Durability.** `enqueue`, `settle` and what a person changes return once they are on the disk: after one
/// `fdatasync`, which all calls share that wait at the same moment. A job is only leased when its own arrival is on
/// the disk, by whichever process it came. Leases are not synced: after a loss of power, jobs that were due count as
/// perhaps handed out before (``/Mailroom/RecipientRecord/isPossibleDuplicate``), and so they do where a failed sync has
/// dropped leases. When a sync fails, the calls of its group throw with ``/Mailroom/BrokerError/mayHaveStored``, and the
/// next call reads the queue anew. Where the disk is full, new jobs are refused with
/// ``/Mailroom/BrokerError/Code/full`` before anything is written, and what is in hand can be settled in the room that
/// is left.
///
/// **Order.** One log for all processes: jobs of a queue are leased in the order in which they become due, then in
/// the order of the log.
///
/// **Workers** that end without giving their jobs back are noticed by the system releasing a lock: their jobs stand in
/// line again at once.
///
/// **Size.** A process keeps 80 bytes a job in memory, most of them in pages of a file that all processes share; what is
/// recorded of a job, payloads and attachments are read when they are needed. Opening a queue of millions takes a
/// fraction of a second, and a process that only submits does not read what is there. Counting and leasing take the same
/// time however many jobs there are; listing jobs, counting sends by tag, pruning and erasing look through all of them.
/// Segments of the log are moved and dropped when more than half of it is of no use.
///
/// **On disk.** The folder, made at the first call with access for its owner alone, holds numbered segments of
/// checksummed records, a checkpoint, the file `synced` (how much is on the disk), the file `lock`, and a file for each
/// working process. An interrupted write at the log's end is cut; any other damage to the log throws
/// ``/Mailroom/BrokerError/Code/corrupt`` with the file and place, and nothing is skipped; a job whose own record or
/// content is damaged is set aside as held. `mailroom queue verify` and `mailroom queue repair` look after a damaged
/// folder. The file system must be a local one with working `flock`.
public final class FileBroker: Broker {
    let settings: QueueSettings
    let inbox = Inbox()
    let memory = LeaseMemory()
    let readers: SegmentReaders
    let changes = Wakeup()
    var time: any TimeSource { settings.time }

    /// A broker on a folder. Touches nothing before the first call. Give it the clock that its pipeline has.
    public convenience init(folder: String, time: some TimeSource = .system) {
        self.init(folder: folder, time: time, segmentSize: 32 << 20)
    }

    /// `boot` tells one start of the machine from the next; `nil` asks the system.
    package init(
        folder: String, time: some TimeSource, segmentSize: Int, disk: Disk = .real, boot: String? = nil
    ) {
        var path = folder
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        settings = QueueSettings(
            folder: path, time: time, segmentSize: segmentSize, disk: disk, boot: boot ?? BootIdentity.current,
            createdAt: time.now())
        readers = SegmentReaders(folder: settings.layout)
    }

    deinit { inbox.close() }

    /// Reports a folder name that cannot be meant. Touches no file.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        if settings.folder.isEmpty {
            return [ConfigurationProblem("file broker", "the folder's name is empty: name one, /var/lib/app/queue say")]
        }
        if settings.folder.hasPrefix("~") {
            return [
                ConfigurationProblem(
                    "file broker", "\"~\" in \(settings.folder) is not replaced by a home folder: write its path")
            ]
        }
        return []
    }

    /// Finishes what was called, lets go of the files and ends the thread. Calls after it throw
    /// ``/Mailroom/BrokerError/Code/cancelled``.
    public func shutdown() async {
        inbox.close()
        changes.signal()
        await inbox.join()
    }

    /// Stores submissions as one record of the log, so all or none are there after a crash; returns after the sync.
    public func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        guard !submissions.isEmpty else { return [] }
        let encoded = EncodedArrivals(submissions)
        let now = time.now()
        let room = EncodedArrivals.room(encoded.record, submissions)
        return try await run(room: room, isIntake: true) {
            (queue) throws(BrokerError) in
            try queue.enqueue(submissions, encoded: encoded, now: now)
        } unread: { queue in
            queue.canTake(submissions) ? queue.append(submissions, encoded) : nil
        }
    }

    /// Leases jobs whose arrival is on the disk. A job whose content cannot be read back is held, and not answered.
    public func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] {
        try await changes.search(for: "a job", within: request.wait, on: time) { uptime throws(BrokerError) in
            let now = time.now()
            let (handouts, next) = try await attempt(request, now: now, uptime: uptime)
            return Look(handouts.isEmpty ? [] : try await fill(handouts, now: now), next: next)
        } idle: { isIdle in
            if isIdle { inbox.addIdleWorker() } else { inbox.removeIdleWorker() }
        }
    }

    private func attempt(
        _ request: LeaseRequest, now: Date, uptime: Duration
    ) async throws(BrokerError) -> (handouts: [Handout], next: Duration?) {
        try await run(room: 512 + request.worker.utf8.count + min(request.limit, 4096) * 40) {
            (queue) throws(BrokerError) in
            let handouts = try queue.pick(request, now: now, uptime: uptime)
            return (handouts, queue.table.nextChange(in: request.queues, now: now, uptime: uptime))
        }
    }

    /// Makes leases last longer. Not synced: leases of another boot are void in any case.
    public func extend(_ leases: [Lease.ID], by duration: Duration) async throws(BrokerError) -> [Lease.ID] {
        guard !leases.isEmpty else { return [] }
        let until = time.uptime() + duration
        let record = EncodedRecord.extended(leases, until: until)
        let now = time.now()
        return try await run(room: record.space) { (queue) throws(BrokerError) in
            queue.heard(from: leases, at: now)
            queue.log.append(record)
            for lease in leases { queue.table.extend(lease, until: until) }
            return queue.table.lost(leases)
        }
    }

    /// Writes what settlements change to the log and returns after the sync.
    public func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        guard !settlements.isEmpty else { return [] }
        let now = time.now()
        let read = memory.take(settlements)
        let prepared = PreparedSettlements(settlements, read: read, at: now)
        return try await run(room: 64 + settlements.count * 1024) { (queue) throws(BrokerError) in
            queue.heard(from: settlements.map(\.lease), at: now)
            // A job may have been settled before, by a record that is on its way to the disk.
            try queue.answerIsAwaited()
            if let prepared, prepared.append(to: queue) { return prepared.results }
            return try queue.settle(settlements, read: read, at: now)
        }
    }

    // MARK: The way to the thread

    /// Has the commit thread do something as part of its next group; answers when the group is on the disk.
    func run<Answer: Sendable>(
        room: Int = 0, isIntake: Bool = false,
        _ body: @escaping @Sendable (FileQueue) throws(BrokerError) -> Answer,
        unread: (@Sendable (UnreadQueue) -> Answer?)? = nil
    ) async throws(BrokerError) -> Answer {
        let result: Result<Answer, BrokerError> = await withUnsafeContinuation { continuation in
            let call = Call(continuation: continuation)
            let operation = Operation(
                room: room, isIntake: isIntake,
                perform: { queue in call.completion(of: Result { () throws(BrokerError) in try body(queue) })
                },
                append: unread.map(call.appending), refuse: { continuation.resume(returning: .failure($0)) })
            if !inbox.add(operation, start: { CommitThread.start(inbox, changes, settings) }) {
                operation.refuse(
                    BrokerError(.cancelled, "the queue in \(settings.folder) is shut down", mayHaveStored: false))
            }
        }
        return try result.get()
    }
}

/// A call that waits for its answer.
private struct Call<Answer: Sendable>: Sendable {
    let continuation: UnsafeContinuation<Result<Answer, BrokerError>, Never>

    /// Answers once the group is on the disk, or could not be.
    func completion(of decision: Result<Answer, BrokerError>) -> Operation.Completion {
        { failure in continuation.resume(returning: decision.flatMap { failure.map(Result.failure) ?? .success($0) }) }
    }

    func appending(
        _ decide: @escaping @Sendable (UnreadQueue) -> Answer?
    ) -> @Sendable (UnreadQueue) -> Operation.Completion? {
        { queue in decide(queue).map { completion(of: .success($0)) } }
    }
}

extension Broker where Self == FileBroker {
    /// A broker on a folder that processes share.
    public static func file(_ folder: String, time: some TimeSource = .system) -> FileBroker {
        FileBroker(folder: folder, time: time)
    }
}
