#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A thread of an actor's own, as its executor: what blocks in the actor blocks nothing else.
///
///     actor Connection {
///         private let thread: DedicatedThread
///         nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
///     }
///
/// Jobs run one at a time in the order of their arrival. The thread ends when the executor has been released and its
/// last job is done. While a job blocks, calls to the actor wait: cancel by ``SocketInterruption``, from outside it.
public final class DedicatedThread: SerialExecutor {
    private let lane: Lane

    /// Starts the thread; throws when the system has none left.
    public init() throws(SocketError) {
        let lane = Lane()
        self.lane = lane
        try startThread { lane.run() }
    }

    deinit { lane.end() }

    /// Adds a job behind those that wait; called by the runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        lane.add(UnownedJob(job), for: self)
    }

    /// Stops the program when called off this thread; called by the runtime.
    public func checkIsolated() {
        precondition(lane.isCurrent, "This code must run on the thread of its actor.")
    }
}

/// The jobs that wait for one thread.
///
/// Unchecked, because the queue is guarded by the condition's mutex: `jobs`, `hasEnded` and
/// `thread` are touched only while it is locked.
private final class Lane: @unchecked Sendable {
    /// A job holds its executor, so that this outlives it.
    private var jobs: [(job: UnownedJob, executor: DedicatedThread)] = []
    private var hasEnded = false
    private var thread: pthread_t?
    private let condition = Condition()

    init() { jobs.reserveCapacity(16) }

    var isCurrent: Bool {
        condition.lock()
        defer { condition.unlock() }
        return thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false
    }

    func add(_ job: UnownedJob, for executor: DedicatedThread) {
        condition.lock()
        let wasEmpty = jobs.isEmpty
        jobs.append((job, executor))
        condition.unlock()
        if wasEmpty { condition.signal() }
    }

    func end() {
        condition.lock()
        hasEnded = true
        condition.unlock()
        condition.signal()
    }

    func run() {
        var batch: [(job: UnownedJob, executor: DedicatedThread)] = []
        batch.reserveCapacity(16)
        condition.lock()
        thread = pthread_self()
        while true {
            while jobs.isEmpty, !hasEnded { condition.wait() }
            if jobs.isEmpty { break }
            swap(&jobs, &batch)
            condition.unlock()
            for (job, executor) in batch { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
            // Releasing the executors may end the lane, so the mutex must be free here.
            batch.removeAll(keepingCapacity: true)
            condition.lock()
        }
        condition.unlock()
    }
}
