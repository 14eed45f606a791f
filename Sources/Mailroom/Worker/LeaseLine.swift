import Synchronization

/// Jobs leased and not begun, in order, and the deliveries that wait for one.
final class LeaseLine: Sendable {
    private struct State {
        var leases: [Lease] = []
        var next = 0
        var waiting: [CheckedContinuation<Lease?, Never>] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    func append(_ leases: [Lease]) {
        let served = state.withLock { state in
            if state.next == state.leases.count {
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
        for (waiting, lease) in served { waiting.resume(returning: lease) }
    }

    /// The next job; `nil` once the line is closed.
    func next() async -> Lease? {
        await withCheckedContinuation { continuation in
            let answer: Lease?? = state.withLock { state in
                if state.next < state.leases.count {
                    state.next += 1
                    return .some(state.leases[state.next - 1])
                }
                if state.isClosed { return .some(nil) }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Ends the line. Answers the jobs that nobody has begun.
    func close() -> [Lease] {
        let (left, waiting) = state.withLock { state in
            state.isClosed = true
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
