import Dispatch
import Foundation
import Mailroom
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The thread that alone touches a queue's files. What waits for it at one moment becomes one group: one write under
/// the lock, one sync after it.
final class CommitThread {
    private let inbox: Inbox
    private let changes: Wakeup
    private let settings: QueueSettings
    private var queue: FileQueue?
    private var operations: [Operation] = []
    /// How many calls the last groups brought.
    private var lastCount = 0
    private var completions: [Operation.Completion] = []
    private var corruption: BrokerError?
    private var watch: ChangeWatch?
    private let workers: WorkerLocks
    private let preparation = DispatchGroup()
    private var nextLookAtWorkers: Duration = .zero

    private init(_ inbox: Inbox, _ changes: Wakeup, _ settings: QueueSettings) {
        self.inbox = inbox
        self.changes = changes
        self.settings = settings
        workers = WorkerLocks(folder: Folder(path: settings.folder))
    }

    static func start(_ inbox: Inbox, _ changes: Wakeup, _ settings: QueueSettings) {
        let thread = Thread { CommitThread(inbox, changes, settings).run() }
        thread.name = "mailroom queue"
        thread.start()
    }

    private func run() {
        while true {
            gather()
            inbox.take(into: &operations)
            if operations.isEmpty {
                if inbox.isClosed { break }
                if !spin() { sleep() }
                continue
            }
            commit()
        }
        preparation.wait()
        workers.release()
        queue = nil
        watch = nil
        inbox.noteEnd()
    }

    // MARK: A group

    private func commit() {
        lastCount = max(operations.count, lastCount - lastCount / 4)
        completions.removeAll(keepingCapacity: true)
        var failure: BrokerError?
        do {
            let queue = try lockedQueue()
            defer { queue.log.unlock() }
            queue.attachments.trim(neededBy: queue.machine)
            perform(on: queue)
            failure = write(queue)
        } catch {
            drop(error)
            for operation in operations { operation.refuse(error) }
            operations.removeAll(keepingCapacity: true)
            return
        }
        operations.removeAll(keepingCapacity: true)
        if failure == nil, let queue { failure = sync(queue) }
        for completion in completions { completion(failure) }
        if failure != nil { queue = nil }
        if let queue {
            lookAtWorkers(of: queue)
            prepareNextSegment(of: queue.log)
        }
        signal()
    }

    /// The queue with the lock held and everything read that others wrote.
    private func lockedQueue() throws(BrokerError) -> FileQueue {
        if let corruption { throw corruption }
        var opening = 0
        while true {
            do throws(BrokerError) {
                let current: FileQueue
                if let queue { current = queue } else { current = try FileQueue(settings, workers: workers) }
                queue = current
                if watch == nil { watch = ChangeWatch(current.log.folder) }
                try current.log.lock()
                try current.readOn()
                return current
            } catch {
                queue?.log.unlock()
                queue = nil
                opening += 1
                guard error.code == .segmentIsGone, opening < 4 else { throw error }
            }
        }
    }

    /// A queue that failed is read anew by the next call; one that is damaged stays as it is until a person acted.
    private func drop(_ error: BrokerError) {
        queue = nil
        if error.code == .corrupt { corruption = error }
    }

    private func perform(on queue: FileQueue) {
        var room = 0
        for operation in operations { room += operation.room }
        var refusal: BrokerError?
        do {
            try queue.log.makeRoom(for: room)
        } catch {
            refusal = error.brokerError(mayHaveStored: false)
        }
        for operation in operations {
            if let refusal, operation.isIntake {
                completions.append { _ in operation.refuse(refusal) }
            } else {
                completions.append(operation.perform(queue))
            }
        }
    }

    private func write(_ queue: FileQueue) -> BrokerError? {
        do {
            try queue.log.write()
            return nil
        } catch {
            return error.brokerError(mayHaveStored: !queue.log.takeBackGroup())
        }
    }

    private func sync(_ queue: FileQueue) -> BrokerError? {
        do {
            try queue.syncIfAsked()
            return nil
        } catch {
            return error.brokerError(mayHaveStored: true)
        }
    }

    private func signal() {
        guard let queue, queue.isNews else { return }
        queue.isNews = false
        changes.signal()
    }

    /// Has the next segment filled with zeros meanwhile. Where that fails, the segment is made when it is needed, and
    /// the failure is told then.
    private func prepareNextSegment(of log: Log) {
        guard let number = log.nextToPrepare else { return }
        let (folder, size) = (log.folder, log.segmentSize)
        DispatchQueue.global(qos: .utility).async(group: preparation) {
            if access(folder.segmentPath(number), F_OK) != 0 {
                try? Segment.create(number, in: folder, size: size)
            }
        }
    }

    /// Lets the callers that were just answered come back, if many did: as long as more arrive at once, a larger
    /// group saves a sync.
    private func gather() {
        guard lastCount > 2 else { return }
        var count = inbox.waiting
        var idle = 0
        while count > 0, count < lastCount, idle < 4 {
            sched_yield()
            let now = inbox.waiting
            idle = now == count ? idle + 1 : 0
            count = now
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
        let isWatching = inbox.idleWorkers > 0 && queue != nil
        if isWatching {
            watch?.begin()
            lookAround()
        }
        guard inbox.fallAsleep() else { return }
        let watch = watch ?? ChangeWatch(Folder(path: settings.folder))
        let waking = watch.sleep(inbox.bell, milliseconds: isWatching ? 500 : -1)
        inbox.wakeUp()
        guard isWatching else { return }
        watch.end()
        if waking == .workerEnded { nextLookAtWorkers = .zero }
        if waking != .bell { lookAround() }
    }

    /// Reads what other processes appended and takes over from those that ended.
    private func lookAround() {
        guard let queue else { return }
        do {
            if try queue.readOn() { queue.isNews = true }
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
