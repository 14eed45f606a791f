import Mailroom
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What waits for the commit thread.
final class Inbox: Sendable {
    private struct State {
        var operations: [Operation] = []
        var isAsleep = false
        var isStarted = false
        var isClosed = false
        var idleWorkers = 0
        var joiners: [UnsafeContinuation<Void, Never>] = []
        var hasEnded = false
    }

    private let state = Mutex(State())
    /// Operations waiting, for looking without taking the mutex.
    private let count = Atomic<Int>(0)
    let bell = Bell()

    /// Whether something waits, without waiting for whoever is adding it.
    var hasOperations: Bool { waiting > 0 }

    var waiting: Int { count.load(ordering: .relaxed) }

    /// Hands an operation over. Starts the thread with the first one; answers false once closed.
    func add(_ operation: Operation, start: () -> Void) -> Bool {
        let (isOpen, mustRing, mustStart) = state.withLock { state in
            guard !state.isClosed else { return (false, false, false) }
            state.operations.append(operation)
            count.add(1, ordering: .relaxed)
            defer {
                state.isAsleep = false
                state.isStarted = true
            }
            return (true, state.isAsleep, !state.isStarted)
        }
        if mustRing { bell.ring() }
        if mustStart { start() }
        return isOpen
    }

    /// Takes everything that waits, leaving an emptied array to be filled next.
    func take(into operations: inout [Operation]) {
        state.withLock { state in
            swap(&state.operations, &operations)
            count.store(0, ordering: .relaxed)
        }
    }

    /// Announces that the thread is going to sleep; false if there is a reason not to.
    func fallAsleep() -> Bool {
        state.withLock { state in
            guard state.operations.isEmpty, !state.isClosed else { return false }
            state.isAsleep = true
            return true
        }
    }

    /// Wakes the thread if it sleeps, so that it looks around.
    func wakeThread() {
        let mustRing = state.withLock { $0.isAsleep }
        if mustRing { bell.ring() }
    }

    func wakeUp() { state.withLock { $0.isAsleep = false } }

    var idleWorkers: Int { state.withLock { $0.idleWorkers } }

    /// A worker waits for a job: other processes have to be watched.
    func addIdleWorker() {
        let mustRing = state.withLock { state in
            state.idleWorkers += 1
            return state.idleWorkers == 1 && state.isAsleep
        }
        if mustRing { bell.ring() }
    }

    func removeIdleWorker() { state.withLock { $0.idleWorkers -= 1 } }

    // MARK: The end

    var isClosed: Bool { state.withLock { $0.isClosed && $0.operations.isEmpty } }

    /// Takes nothing more in; the thread ends when it has finished what waits.
    func close() {
        let mustRing = state.withLock { state in
            state.isClosed = true
            if !state.isStarted { state.hasEnded = true }
            return state.isAsleep
        }
        if mustRing { bell.ring() }
    }

    /// Returns when the thread has ended.
    func join() async {
        await withUnsafeContinuation { joiner in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.joiners.append(joiner) }
                return state.hasEnded
            }
            if hasEnded { joiner.resume() }
        }
    }

    func noteEnd() {
        let joiners = state.withLock { state in
            state.hasEnded = true
            defer { state.joiners = [] }
            return state.joiners
        }
        for joiner in joiners { joiner.resume() }
    }
}

/// A pipe that wakes a thread out of `poll`.
final class Bell: Sendable {
    let reader: Int32
    private let writer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
        }
        reader = ends[0]
        writer = ends[1]
    }

    deinit {
        guard isWorking else { return }
        _ = close(reader)
        _ = close(writer)
    }

    /// False where the process had no descriptors left for it: whoever waits for it must look by itself.
    var isWorking: Bool { reader >= 0 }

    func ring() {
        var byte: UInt8 = 0
        _ = write(writer, &byte, 1)
    }

    func hush() {
        var bytes = (UInt64(0), UInt64(0))
        _ = withUnsafeMutableBytes(of: &bytes) { read(reader, $0.baseAddress!, $0.count) }
    }
}
