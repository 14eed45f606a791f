import Dispatch
import Synchronization

/// Something to wait for until a test opens it.
package final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    package init() {}

    package func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    package func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// Waits as for somebody who does not answer: until `deadline`, or for ever without one.
/// - Throws: `CancellationError` as soon as the task is cancelled.
package func silence(until deadline: ContinuousClock.Instant? = nil) async throws(CancellationError) {
    let (stream, continuation) = AsyncStream<Never>.makeStream()
    if let deadline {
        let left = ContinuousClock.now.duration(to: deadline) / .seconds(1)
        DispatchQueue.global().asyncAfter(deadline: .now() + left) { continuation.finish() }
    }
    for await _ in stream {}
    if Task.isCancelled { throw CancellationError() }
}

/// What `body` makes of a task that was cancelled before it began.
package func cancelledBeforehand<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
    await Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return await body()
    }.value
}
