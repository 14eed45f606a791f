import Synchronization

/// Jobs leased and not begun, in order, and the deliveries that wait for one.
final class LeaseLine: Sendable {
    private struct State {
        var leases: [Lease] = []
        var next = 0
        /// When the line last moved, on the clock of leases.
        var moved = Duration.zero
        var waiting: [CheckedContinuation<Lease?, Never>] = []
        var isFinished = false
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Adds jobs; answers those that come too late, because the line is closed.
    func append(_ leases: [Lease], at now: Duration) -> [Lease] {
        let served = state.withLock { state -> [(CheckedContinuation<Lease?, Never>, Lease)]? in
            if state.isClosed { return nil }
            if state.next == state.leases.count {
                state.moved = now
                state.leases.removeAll(keepingCapacity: true)
                state.next = 0
            }
            state.leases += leases
            var served: [(CheckedContinuation<Lease?, Never>, Lease)] = []
            while state.next < state.leases.count, let waiting = state.waiting.popLast() {
                served.append((waiting, state.leases[state.next]))
                state.next += 1
            }
            return served
        }
        guard let served else { return leases }
        for (waiting, lease) in served { waiting.resume(returning: lease) }
        return []
    }

    /// The next job; `nil` once there will be none.
    func next(at now: Duration) async -> Lease? {
        await withCheckedContinuation { continuation in
            let answer: Lease?? = state.withLock { state in
                if state.next < state.leases.count {
                    state.next += 1
                    state.moved = now
                    return .some(state.leases[state.next - 1])
                }
                if state.isFinished { return .some(nil) }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Whether jobs wait here.
    var isEmpty: Bool { state.withLock { $0.next == $0.leases.count } }

    /// Takes the jobs out of a line that has not moved since then: others may be free to deliver them.
    func takeAll(unmovedSince time: Duration) -> [Lease] {
        state.withLock { state in
            guard state.moved <= time, state.next < state.leases.count else { return [] }
            defer {
                state.leases = []
                state.next = 0
            }
            return Array(state.leases[state.next...])
        }
    }

    /// No job will be added: deliveries end when they have begun them all.
    func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiting in waiting { waiting.resume(returning: nil) }
    }

    /// Ends the line at once. Answers the jobs that nobody has begun.
    func close() -> [Lease] {
        let (left, waiting) = state.withLock { state in
            state.isClosed = true
            state.isFinished = true
            let left = Array(state.leases[state.next...])
            state.leases = []
            state.next = 0
            defer { state.waiting = [] }
            return (left, state.waiting)
        }
        for waiting in waiting { waiting.resume(returning: nil) }
        return left
    }
}
