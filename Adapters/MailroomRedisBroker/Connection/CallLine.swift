import Dispatch
import Mailroom
import MailroomSockets
import Synchronization

/// The calls that wait for a connection, and the threads that carry them.
///
/// A thread takes all calls that wait, sends them in one write and reads their answers; what comes meanwhile is the next
/// round, or another thread's. Nothing waits on a timer for company.
final class CallLine: Sendable {
    private struct State {
        var waiting: [Call] = []
        var idle = 0
        var threads = 0
        var isClosed = false
        var joiners: [UnsafeContinuation<Void, Never>] = []
    }

    let configuration: RedisConfiguration
    let encryption: RedisEncryption
    let interruption = SocketInterruption()
    let backoff = Backoff()
    private let state = Mutex(State())
    private let arrivals = DispatchSemaphore(value: 0)

    /// About how many octets one write takes together.
    private static let writeSize = 4 << 20

    init(_ configuration: RedisConfiguration) {
        self.configuration = configuration
        encryption = RedisEncryption(configuration.security)
    }

    /// Adds a call; starts a thread if none is free and there may be more.
    func add(_ call: Call) {
        enum Next { case nothing, wake, start, refuse }
        let next = state.withLock { state -> Next in
            if state.isClosed { return .refuse }
            state.waiting.append(call)
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
    func take() -> [Call]? {
        while true {
            let (calls, isClosed) = state.withLock { state -> ([Call], Bool) in
                if state.waiting.isEmpty {
                    if !state.isClosed { state.idle += 1 }
                    return ([], state.isClosed)
                }
                var size = 0
                let count = state.waiting.firstIndex { call in
                    size += call.size
                    return size > CallLine.writeSize
                }
                let taken = Array(state.waiting.prefix(max(1, count ?? state.waiting.count)))
                state.waiting.removeFirst(taken.count)
                return (taken, false)
            }
            if !calls.isEmpty { return calls }
            if isClosed { return nil }
            arrivals.wait()
        }
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
