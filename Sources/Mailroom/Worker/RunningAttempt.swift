import Synchronization

/// An attempt under way, which can be cancelled, and given up on where its transport does not return.
final class RunningAttempt: Sendable {
    enum Cause: Sendable {
        case timeLimit
        case leaseLost
    }

    private struct State {
        var task: Task<Void, Never>?
        var waiting: CheckedContinuation<Verdict.Ending, Never>?
        var cancelled: (cause: Cause, at: Duration)?
        var owed: [Recipient] = []
        var isAbandoned = false
    }

    let deadline: Duration
    private let state = Mutex(State())

    init(deadline: Duration) { self.deadline = deadline }

    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    /// When it was cancelled, on the clock of leases.
    var cancelledAt: Duration? { state.withLock { $0.cancelled?.at } }

    /// Runs the attempt in a task of its own, so that this call can return although the task does not.
    func run(_ attempt: Attempt) async -> Verdict.Ending {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.waiting = continuation
                state.owed = attempt.owed
            }
            let task = Task {
                let result = await attempt.run()
                self.complete(result)
            }
            let isCancelled = state.withLock { state in
                state.task = task
                return state.cancelled != nil
            }
            if isCancelled { task.cancel() }
        }
    }

    func cancel(_ cause: Cause, at time: Duration) {
        let task = state.withLock { state in
            if state.cancelled == nil { state.cancelled = (cause, time) }
            return state.task
        }
        task?.cancel()
    }

    /// Gives up on an attempt that does not return: everyone it was for is in doubt.
    func abandon() {
        let (waiting, owed) = state.withLock { state in
            state.isAbandoned = true
            defer { state.waiting = nil }
            return (state.waiting, state.owed)
        }
        waiting?.resume(returning: .abandoned(owed))
    }

    private func complete(_ result: Attempt.Result) {
        let (waiting, cause) = state.withLock { state in
            defer { state.waiting = nil }
            return (state.waiting, state.cancelled?.cause)
        }
        switch cause {
        case nil: waiting?.resume(returning: .attempted(result))
        case .timeLimit: waiting?.resume(returning: .timedOut(result))
        case .leaseLost: waiting?.resume(returning: .interrupted(result))
        }
    }
}
