import Dispatch
import Mailroom
import MailroomSockets
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The calls that wait for a connection, and the threads that carry them.
///
/// A thread takes all calls that wait, sends them in one write and reads their answers; what comes meanwhile is the next
/// round, or another thread's. Nothing waits on a timer for company.
final class CallLine: Sendable {
    private struct State {
        var waiting: [Call] = []
        var idle = 0
        /// Threads that look for calls without sleeping.
        var looking = 0
        var threads = 0
        var isClosed = false
        var joiners: [UnsafeContinuation<Void, Never>] = []
    }

    let configuration: RedisConfiguration
    let encryption: SharedTLSContext
    let interruption = SocketInterruption()
    let backoff = Backoff()
    private let state = Mutex(State())
    private let arrivals = DispatchSemaphore(value: 0)
    /// How many calls wait, for looking without taking the mutex.
    private let count = Atomic<Int>(0)

    /// About how many octets one write takes together.
    private static let writeSize = 4 << 20
    /// How long a thread that has just carried calls looks for more before it sleeps: to be woken takes as long as a sync
    /// of the server's disk, and one who calls in turn comes back sooner.
    private static let watch: Duration = .microseconds(100)

    init(_ configuration: RedisConfiguration) {
        self.configuration = configuration
        encryption = SharedTLSContext(configuration.security)
    }

    /// Adds a call; starts a thread if none is free and there may be more.
    func add(_ call: Call) {
        enum Next { case nothing, wake, start, refuse }
        let next = state.withLock { state -> Next in
            if state.isClosed { return .refuse }
            state.waiting.append(call)
            count.store(state.waiting.count, ordering: .relaxed)
            if state.looking > 0 { return .nothing }
            if state.idle > 0 {
                state.idle -= 1
                return .wake
            }
            guard state.threads < configuration.connections else { return .nothing }
            state.threads += 1
            return .start
        }
        switch next {
        case .nothing: break
        case .wake: arrivals.signal()
        case .start: start()
        case .refuse: call.answer(.failure(closedError))
        }
    }

    private func start() {
        do throws(SocketError) {
            try startThread { [self] in
                CallRunner(self).run()
                let joiners = state.withLock { state in
                    state.threads -= 1
                    defer { if state.threads == 0 { state.joiners = [] } }
                    return state.threads == 0 ? state.joiners : []
                }
                for joiner in joiners { joiner.resume() }
            }
        } catch {
            let left = state.withLock { state in
                state.threads -= 1
                defer { if state.threads == 0 { state.waiting = [] } }
                return state.threads == 0 ? state.waiting : []
            }
            for call in left {
                call.answer(.failure(BrokerError(.unavailable, error.description, mayHaveStored: call.mayHaveLeft)))
            }
        }
    }

    /// Waits for calls; `nil` once the line is closed and empty.
    /// - Parameter isWarm: whether the thread has carried calls just now.
    func take(isWarm: Bool) -> [Call]? {
        var mayLook = isWarm
        while true {
            enum Next { case calls([Call]), look, sleep, end }
            let next = state.withLock { state -> Next in
                if !state.waiting.isEmpty { return .calls(taken(&state)) }
                if state.isClosed { return .end }
                if mayLook {
                    state.looking += 1
                    return .look
                }
                state.idle += 1
                return .sleep
            }
            switch next {
            case .calls(let calls): return calls
            case .end: return nil
            case .look:
                mayLook = false
                let end = ContinuousClock.now + CallLine.watch
                while count.load(ordering: .relaxed) == 0, .now < end { sched_yield() }
                state.withLock { $0.looking -= 1 }
            case .sleep: arrivals.wait()
            }
        }
    }

    private func taken(_ state: inout State) -> [Call] {
        var size = 0
        let end = state.waiting.firstIndex { call in
            size += call.size
            return size > CallLine.writeSize
        }
        let taken = Array(state.waiting.prefix(max(1, end ?? state.waiting.count)))
        state.waiting.removeFirst(taken.count)
        count.store(state.waiting.count, ordering: .relaxed)
        return taken
    }

    /// How many calls no connection has taken yet.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    var closedError: BrokerError {
        BrokerError(.cancelled, "the broker at \(configuration) is shut down", mayHaveStored: false)
    }

    /// Takes no more calls. Those in line are made first.
    func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = 0 }
            return state.idle
        }
        for _ in 0..<idle { arrivals.signal() }
    }

    /// Waits until all threads have ended.
    func join() async {
        await withUnsafeContinuation { continuation in
            let hasEnded = state.withLock { state in
                if state.threads > 0 { state.joiners.append(continuation) }
                return state.threads == 0
            }
            if hasEnded { continuation.resume() }
        }
    }
}

/// Spaces attempts to connect, for all connections of a broker together: at once, then after pauses that double.
final class Backoff: Sendable {
    private let state = Mutex((failures: 0, next: ContinuousClock.now))

    /// How long to wait before the next attempt.
    var pause: Duration {
        state.withLock { $0.failures == 0 ? .zero : max(.zero, ContinuousClock.now.duration(to: $0.next)) }
    }

    func failed() {
        state.withLock { state in
            state.failures += 1
            state.next = .now + min(.milliseconds(10 << min(state.failures, 10)), .milliseconds(500))
        }
    }

    func succeeded() { state.withLock { $0.failures = 0 } }
}
