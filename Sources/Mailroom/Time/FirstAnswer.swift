import Synchronization

/// An answer that comes from another thread or task, from a deadline or from a cancellation: the first counts, and
/// whoever is late speaks to nobody.
package final class FirstAnswer<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, Never>?
        var value: Value?
    }

    private let state = Mutex(State())

    private init() {}

    /// Waits for what `ask` sees to be given, but not beyond the deadline, nor, with `cancelled`, the task's
    /// cancellation. A task that was cancelled beforehand asks nobody then.
    package static func wait(
        until deadline: ContinuousClock.Instant, late: @autoclosure @escaping @Sendable () -> Value,
        cancelled: (@Sendable () -> Value)? = nil, _ ask: (FirstAnswer) -> Void
    ) async -> Value {
        let answer = FirstAnswer()
        let timer = Task.detached {
            do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
            answer.give(late())
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in if answer.begin(continuation) { ask(answer) } }
        } onCancel: {
            if let cancelled { answer.give(cancelled()) }
        }
    }

    package func give(_ value: Value) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, Never>? in
            guard state.value == nil else { return nil }
            state.value = value
            return state.continuation.take()
        }
        waiting?.resume(returning: value)
    }

    /// Takes what waits; false when the answer is there already.
    private func begin(_ continuation: CheckedContinuation<Value, Never>) -> Bool {
        let value = state.withLock { state in
            if state.value == nil { state.continuation = continuation }
            return state.value
        }
        if let value { continuation.resume(returning: value) }
        return value == nil
    }
}
