import Synchronization

/// An answer that is still to come: the server serves others meanwhile, but reads nothing more from this client.
public final class HTTPPendingAnswer: Sendable {
    private struct State {
        var make: (@Sendable () -> HTTPResponse)?
        var isComplete = false
        var hasEnded = false
    }

    private let wake: @Sendable () -> Void
    private let forward: (answer: HTTPPendingAnswer, change: @Sendable (HTTPResponse) -> HTTPResponse)?
    private let state = Mutex(State())
    private let actions = EndActions()

    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
        forward = nil
    }

    /// Completes another one, having changed what it is completed with.
    init(changing answer: HTTPPendingAnswer, by change: @escaping @Sendable (HTTPResponse) -> HTTPResponse) {
        wake = {}
        forward = (answer, change)
    }

    /// Gives the answer, from any thread; `make` is called on the server's thread, if the client is still there. Only
    /// the first call counts.
    public func complete(_ make: @escaping @Sendable () -> HTTPResponse) {
        if let (answer, change) = forward { return answer.complete { change(make()) } }
        let isFirst = state.withLock { state in
            if state.isComplete { return false }
            state.isComplete = true
            if !state.hasEnded { state.make = make }
            return true
        }
        if isFirst { wake() }
    }

    /// Calls `body` once when the client is gone or the server stops before the answer, at once if that has happened.
    public func onEnd(_ body: @escaping @Sendable () -> Void) {
        if let forward { return forward.answer.onEnd(body) }
        actions.add(body)
    }

    /// The answer, once, when it is there.
    func take() -> (@Sendable () -> HTTPResponse)? {
        let make = state.withLock { state in
            defer { state.make = nil }
            return state.make
        }
        if make != nil { actions.forget() }
        return make
    }

    /// Nobody waits any longer.
    func end() {
        state.withLock { state in
            state.hasEnded = true
            state.make = nil
        }
        actions.end()
    }
}
