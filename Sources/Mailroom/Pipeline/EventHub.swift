import Synchronization

/// Gives every listener each event, in order. A listener that falls behind loses the oldest.
final class EventHub: Sendable {
    private struct State {
        var next = 0
        var isFinished = false
        var listeners: [Int: AsyncStream<PipelineEvent>.Continuation] = [:]
    }

    private let state = Mutex(State())

    func listen() -> AsyncStream<PipelineEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: PipelineEvent.self, bufferingPolicy: .bufferingNewest(10_000))
        let number = state.withLock { state -> Int? in
            state.next += 1
            if !state.isFinished { state.listeners[state.next] = continuation }
            return state.isFinished ? nil : state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in _ = state.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    func send(_ event: @autoclosure () -> PipelineEvent) {
        let listeners = state.withLock { Array($0.listeners.values) }
        guard !listeners.isEmpty else { return }
        let event = event()
        for listener in listeners { listener.yield(event) }
    }

    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }
}
