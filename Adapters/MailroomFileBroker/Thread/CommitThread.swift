import Dispatch
import Foundation
import Mailroom
import MailroomFiles
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The thread that alone writes a queue's files. What waits for it at one moment becomes one group: one write under the
/// lock, one sync after it. While many call, the sync is another thread's, and the next group is written meanwhile.
final class CommitThread {
    let inbox: Inbox
    private let changes: Wakeup
    let settings: QueueSettings
    private var queue: FileQueue?
    /// Instead of the queue, as long as this process only submits.
    var unread: UnreadQueue?
    /// Jobs that were made since were never offered to the queue before.
    var newSince: Date
    /// Whether a sync has failed since the queue was opened, or what was read is gone, which is what that comes to.
    var isInDoubt = false
    var operations: [Operation] = []
    private var crowd = Crowd()
    /// Answers that wait for the disk, and answers that wait for nothing but their group's being written.
    var completions: [Operation.Completion] = []
    private var promptCompletions: [Operation.Completion] = []
    var corruption: BrokerError?
    private var watch: ChangeWatch?
    private let workers: WorkerLocks
    private let upkeep: Upkeep
    let syncs = SyncThread()
    private var nextLookAtWorkers: Duration = .zero

    private init(_ inbox: Inbox, _ changes: Wakeup, _ settings: QueueSettings) {
        self.inbox = inbox
        self.changes = changes
        self.settings = settings
        newSince = settings.createdAt
        workers = WorkerLocks(folder: settings.layout)
        upkeep = Upkeep(settings) { inbox.wakeThread() }
    }

    static func start(_ inbox: Inbox, _ changes: Wakeup, _ settings: QueueSettings) {
        let thread = Thread { CommitThread(inbox, changes, settings).run() }
        thread.name = "mailroom queue"
        thread.start()
    }

    private func run() {
        while true {
            crowd.gather(at: inbox)
            inbox.take(into: &operations)
            if operations.isEmpty {
                if inbox.isClosed { break }
                if !spin(), !tidy() { sleep() }
                continue
            }
            crowd.note(operations.count + syncs.calls)
            if queue != nil || !appendUnread() { commit() }
        }
        syncs.close()
        upkeep.wait()
        workers.release()
        queue = nil
        unread = nil
        watch = nil
        inbox.noteEnd()
    }

    // MARK: A group

    private func commit() {
        completions.removeAll(keepingCapacity: true)
        unread = nil
        // What was written since a sync failed is in doubt: everything is opened and read anew.
        if syncs.takeFailure() != nil {
            queue = nil
            isInDoubt = true
            noteDoubt()
        }
        var failure: BrokerError?
        do {
            let queue = try lockedQueue()
            defer { queue.log.unlock() }
            perform(on: queue)
            failure = write(queue.log)
            if failure == nil, !queue.relyOnGroup() {
                completions += promptCompletions
                promptCompletions.removeAll(keepingCapacity: true)
            }
        } catch {
            drop(error)
            for operation in operations { operation.refuse(error) }
            operations.removeAll(keepingCapacity: true)
            return
        }
        operations.removeAll(keepingCapacity: true)
        for completion in promptCompletions { completion(failure) }
        promptCompletions.removeAll(keepingCapacity: true)
        guard let queue else { return }
        if finish(on: queue.log, mustSync: queue.takeMustSync(), failure) != nil { self.queue = nil }
        guard self.queue != nil else { return }
        signal()
        lookAtWorkers(of: queue)
        lookAfter(queue)
    }

    /// Answers what of a group waits for the disk: after a sync, by the other thread where many call or somebody waits
    /// for the next group already, or at once where the group could not be written.
    func finish(on log: Log, mustSync: Bool, _ failure: BrokerError?) -> BrokerError? {
        var failure = failure
        if failure == nil, mustSync {
            if syncs.isBusy || inbox.hasOperations || crowd.isLarge {
                var group = log.pendingSync
                swap(&group.completions, &completions)
                syncs.add(group)
                return nil
            }
            do throws(FileError) {
                try log.sync()
            } catch {
                isInDoubt = true
                failure = error.brokerError(mayHaveStored: true)
            }
        }
        for completion in completions { completion(failure) }
        if failure == nil { log.announce() } else { noteDoubt() }
        return failure
    }

    /// The queue with the lock held and everything read that others wrote.
    private func lockedQueue() throws(BrokerError) -> FileQueue {
        if let corruption { throw corruption }
        var attempts = OpeningAttempts()
        while true {
            do throws(BrokerError) {
                let current: FileQueue
                if let queue {
                    current = queue
                } else {
                    current = try FileQueue(settings, workers: workers, isInDoubt: isInDoubt)
                    isInDoubt = false
                }
                queue = current
                if watch == nil { watch = ChangeWatch(settings.layout) }
                try current.log.lock()
                try current.readOn()
                try current.log.secure()
                return current
            } catch {
                queue?.log.unlock()
                queue = nil
                noteLoss(error)
                guard attempts.allowAnother(after: error, in: settings.layout) else { throw error }
            }
        }
    }

    /// A queue that failed is read anew by the next call; one that is damaged stays as it is until a person acted.
    private func drop(_ error: BrokerError) {
        queue = nil
        noteLoss(error)
        if error.code == .corrupt { corruption = error }
    }

    func noteLoss(_ error: BrokerError) {
        if error.code == .recordIsGone { isInDoubt = true }
    }

    private func perform(on queue: FileQueue) {
        var room = 0
        for operation in operations { room += operation.room }
        var refusal: BrokerError?
        do {
            try queue.makeRoom(for: room)
        } catch {
            refusal = error.brokerError(mayHaveStored: false)
        }
        for operation in operations {
            if let refusal, operation.isIntake {
                completions.append { _ in operation.refuse(refusal) }
            } else {
                let (completion, isAwaited) = queue.perform(operation)
                if isAwaited { completions.append(completion) } else { promptCompletions.append(completion) }
            }
        }
    }

    func write(_ log: Log) -> BrokerError? {
        do {
            try log.write()
            return nil
        } catch {
            let isTakenBack = log.takeBackGroup()
            return error.brokerError(mayHaveStored: log.hasStoredPart || !isTakenBack)
        }
    }

    private func signal() {
        guard let queue, queue.isNews else { return }
        queue.isNews = false
        changes.signal()
    }

    // MARK: Keeping the folder in order

    /// Does a little of what keeps the log short and quick to open. Answers whether there was anything to do.
    @discardableResult
    private func lookAfter(_ queue: FileQueue) -> Bool {
        upkeep.prepareNextSegment(of: queue.log)
        switch upkeep.next(for: queue) {
        case .nothing: return false
        case .reopen: self.queue = try? FileQueue(settings, workers: workers, isAgain: syncs.isAtRest)
        case .move: moveOn(queue)
        }
        return true
    }

    /// The same while nobody calls.
    private func tidy() -> Bool { queue.map(lookAfter) ?? false }

    /// A group of its own that moves a piece of what is needed out of the first segment.
    private func moveOn(_ queue: FileQueue) {
        do throws(BrokerError) {
            try upkeep.move(queue)
        } catch {
            self.queue = nil
            noteLoss(error)
        }
    }

    // MARK: Nothing to do

    /// Looks out for a moment, since whoever was just answered often calls again: waking a thread costs more.
    private func spin() -> Bool {
        for _ in 0..<CommitThread.spins {
            if inbox.hasOperations { return true }
            sched_yield()
        }
        return false
    }

    private static let spins = 60

    private func sleep() {
        // Whoever waits for a job must be told of other processes' jobs, even after a failure.
        if queue == nil, inbox.idleWorkers > 0, corruption == nil {
            queue = try? FileQueue(settings, workers: workers, isInDoubt: isInDoubt)
            if queue != nil { isInDoubt = false }
            if queue != nil { changes.signal() }
        }
        let isWatching = inbox.idleWorkers > 0 && queue != nil
        if isWatching {
            watch?.begin()
            lookAround()
        }
        guard inbox.fallAsleep() else { return }
        let watch = watch ?? ChangeWatch(settings.layout)
        self.watch = watch
        let waking = watch.sleep(inbox.bell, milliseconds: inbox.idleWorkers > 0 ? 500 : -1)
        inbox.wakeUp()
        guard isWatching else { return }
        watch.end()
        if waking == .workerEnded { nextLookAtWorkers = .zero }
        if waking != .bell { lookAround(isSlow: waking == .timeout) }
    }

    /// Reads what other processes appended and takes over from those that ended. Once in a while also what nobody has
    /// said is on the disk: whoever wrote it may have died before.
    private func lookAround(isSlow: Bool = false) {
        guard let queue else { return }
        do {
            if try queue.readOn() { queue.isNews = true }
            if isSlow, try !queue.log.isZeroAtTail() {
                try queue.log.lock()
                defer { queue.log.unlock() }
                if try queue.readOn() { queue.isNews = true }
            }
            lookAtWorkers(of: queue)
            signal()
        } catch {
            drop(error)
            changes.signal()
        }
    }

    private func lookAtWorkers(of queue: FileQueue) {
        guard workers.hasOthers else { return }
        let now = SystemTimeSource().uptime()
        guard now >= nextLookAtWorkers else { return }
        nextLookAtWorkers = now + .milliseconds(500)
        queue.expireLeasesOfTheGone()
    }
}
