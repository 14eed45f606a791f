import Foundation
public import Mailroom

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
/// perhaps handed out before (``/Mailroom/RecipientRecord/isPossibleDuplicate``). When a sync fails, the calls of its group throw
/// with ``/Mailroom/BrokerError/mayHaveStored``, and the next call reads the queue anew. Where the disk is full, new jobs
/// are refused with ``/Mailroom/BrokerError/Code/full`` before anything is written, and what is in hand can be settled in
/// the room that is left.
///
/// **Order.** One log for all processes: jobs of a queue are leased in the order in which they become due, then in
/// the order of the log.
///
/// **Workers** that end without giving their jobs back are noticed by the system releasing a lock: their jobs stand in
/// line again at once.
///
/// **On disk.** The folder, made at the first call with access for its owner alone, holds numbered segments of
/// checksummed records, the file `synced` (how much is on the disk), the file `lock`, and a file for each working
/// process. An interrupted write at the log's end is cut; any other damage throws ``/Mailroom/BrokerError/Code/corrupt``
/// with the file and place, and nothing is skipped. The whole state is read when the first call opens the queue; payloads
/// and attachments are read when they are leased. The file system must be a local one with working `flock`.
public final class FileBroker: Broker {
    let settings: QueueSettings
    let inbox = Inbox()
    let changes = Wakeup()
    var time: any TimeSource { settings.time }

    /// A broker on a folder. Touches nothing before the first call. Give it the clock that its pipeline has.
    public convenience init(folder: String, time: some TimeSource = .system) {
        self.init(folder: folder, time: time, segmentSize: 32 << 20)
    }

    package init(folder: String, time: some TimeSource, segmentSize: Int) {
        var path = folder
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        settings = QueueSettings(folder: path, time: time, segmentSize: segmentSize)
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
        let encoded = EncodedSubmissions(submissions)
        let now = time.now()
        return try await run(room: encoded.room(with: submissions), isIntake: true) {
            (queue) throws(BrokerError) in try queue.enqueue(submissions, encoded: encoded, now: now)
        }
    }

    /// Leases jobs whose arrival is on the disk. A job whose content cannot be read back is held, and not answered.
    public func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] {
        let deadline = time.uptime() + request.wait
        var isIdle = false
        defer { if isIdle { inbox.removeIdleWorker() } }
        while true {
            let generation = changes.generation
            let now = time.now()
            let uptime = time.uptime()
            let (leases, next) = try await attempt(request, now: now, uptime: uptime)
            if !leases.isEmpty || uptime >= deadline { return leases }
            var wake = deadline
            if let due = next.due { wake = min(wake, uptime + .milliseconds(due.milliseconds - now.milliseconds)) }
            if let expiry = next.expiry { wake = min(wake, expiry) }
            if !isIdle { inbox.addIdleWorker() }
            isIdle = true
            do {
                try await changes.wait(after: generation, until: wake, on: time)
            } catch {
                throw BrokerError(.cancelled, "the wait for a job was cancelled", mayHaveStored: false)
            }
        }
    }

    private typealias Attempt = (leases: [Lease], next: (due: Date?, expiry: Duration?))

    private func attempt(
        _ request: LeaseRequest, now: Date, uptime: Duration
    ) async throws(BrokerError) -> Attempt {
        let inbox = inbox
        return try await run(room: 256 + request.worker.utf8.count + min(request.limit, 4096) * 40) {
            (queue) throws(BrokerError) in
            let picks = try queue.pick(request, now: now, uptime: uptime)
            return (picks.leases, queue.machine.nextChange(in: request.queues))
        } then: { (queue, picked) throws(BrokerError) in
            do throws(BrokerError) {
                let (leases, damaged) = try queue.fill(picked.0)
                if !damaged.isEmpty { FileBroker.giveBack(damaged, now: now, in: inbox) }
                return (leases, picked.1)
            } catch {
                // Nobody gets these leases: an attempt must not be used up by an error of the disk.
                FileBroker.giveBack(picked.0.map { Settlement($0, next: .release) }, now: now, in: inbox)
                throw error
            }
        }
    }

    /// Settles leases that no worker was given: their jobs are damaged, or the disk failed.
    private static func giveBack(_ settlements: [Settlement], now: Date, in inbox: Inbox) {
        let change = QueueRecord.settled(settlements, at: now)
        let record = EncodedRecord(change)
        let operation = Operation(
            room: record.space, isIntake: false,
            perform: { queue in
                queue.append(change, as: record)
                return { _ in }
            }, refuse: { _ in })
        _ = inbox.add(operation, start: {})
    }

    /// Makes leases last longer. Not synced: leases of another boot are void in any case.
    public func extend(_ leases: [Lease.ID], by duration: Duration) async throws(BrokerError) -> [Lease.ID] {
        guard !leases.isEmpty else { return [] }
        let change = QueueRecord.extended(leases, until: time.uptime() + duration)
        let record = EncodedRecord(change)
        return try await run(room: record.space) { (queue) throws(BrokerError) in
            queue.append(change, as: record)
            return queue.machine.lost(leases)
        }
    }

    /// Writes settlements to the log and returns after the sync.
    public func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        guard !settlements.isEmpty else { return [] }
        let change = QueueRecord.settled(settlements, at: time.now())
        let record = EncodedRecord(change)
        return try await run(room: record.space) { (queue) throws(BrokerError) in
            queue.append(change, as: record)
        }
    }

    // MARK: The way to the thread

    func run<Answer: Sendable>(
        room: Int = 0, isIntake: Bool = false,
        _ body: @escaping @Sendable (FileQueue) throws(BrokerError) -> Answer
    ) async throws(BrokerError) -> Answer {
        try await run(room: room, isIntake: isIntake, body) { (_, answer) throws(BrokerError) in answer }
    }

    /// Has the commit thread do something as part of its next group, and something more when the group is on the disk.
    func run<Decision: Sendable, Answer: Sendable>(
        room: Int, isIntake: Bool = false,
        _ body: @escaping @Sendable (FileQueue) throws(BrokerError) -> Decision,
        then finish: @escaping @Sendable (FileQueue, Decision) throws(BrokerError) -> Answer
    ) async throws(BrokerError) -> Answer {
        let result: Result<Answer, BrokerError> = await withUnsafeContinuation { continuation in
            let operation = Operation(
                room: room, isIntake: isIntake,
                perform: { queue in
                    let decision = Result { () throws(BrokerError) in try body(queue) }
                    return { failure in
                        continuation.resume(
                            returning: Result { () throws(BrokerError) in
                                let decision = try decision.get()
                                if let failure { throw failure }
                                return try finish(queue, decision)
                            })
                    }
                },
                refuse: { continuation.resume(returning: .failure($0)) })
            if !inbox.add(operation, start: { CommitThread.start(inbox, changes, settings) }) {
                operation.refuse(
                    BrokerError(.cancelled, "the queue in \(settings.folder) is shut down", mayHaveStored: false))
            }
        }
        return try result.get()
    }
}

extension Broker where Self == FileBroker {
    /// A broker on a folder that processes share.
    public static func file(_ folder: String, time: some TimeSource = .system) -> FileBroker {
        FileBroker(folder: folder, time: time)
    }
}
