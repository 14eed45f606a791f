import Synchronization

/// What is to be done once when something has ended. Any thread may use it.
final class EndActions: Sendable {
    private struct State {
        var hasEnded = false
        var bodies: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Calls `body` at the end, at once if that has been.
    func add(_ body: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if !state.hasEnded { state.bodies.append(body) }
            return state.hasEnded
        }
        if isLate { body() }
    }

    /// Forgets what was to be done: it has become pointless.
    func forget() { state.withLock { $0.bodies = [] } }

    /// Does what was to be done, once.
    func end() {
        let bodies = state.withLock { state in
            state.hasEnded = true
            defer { state.bodies = [] }
            return state.bodies
        }
        for body in bodies { body() }
    }
}
