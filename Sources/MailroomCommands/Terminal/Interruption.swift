@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Listens for the signals that ask a process to end: SIGINT (Ctrl-C) and SIGTERM.
///
/// The first asks to stop; a further one ends the process at once, as does the first where nobody listens any more.
package final class Interruption: Sendable {
    private let number: Int

    /// Calls `action` at the first signal, on a thread of the system's, until this value goes away.
    package init(_ action: @escaping @Sendable () -> Void) {
        number = Signals.shared.add(action)
    }

    deinit { Signals.shared.remove(number) }

    /// Waits for the first signal, or for the task to be cancelled. Calls `announcement`, which may tell people of the
    /// signal, once it listens.
    package static func wait(announcing announcement: () -> Void) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let interruption = Interruption { continuation.finish() }
        announcement()
        for await _ in stream {}
        withExtendedLifetime(interruption) {}
    }

    /// Runs `body` in a task that the first signal cancels, after `notice`. Listens before `body` begins.
    package static func cancelling<Value: Sendable>(
        after notice: @escaping @Sendable () -> Void = {}, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task = Mutex<Task<Value, any Error>?>(nil)
        let (interruption, begun) = task.withLock { slot in
            let interruption = Interruption {
                notice()
                task.withLock { $0?.cancel() }
            }
            let begun = Task { try await body() }
            slot = begun
            return (interruption, begun)
        }
        defer { withExtendedLifetime(interruption) {} }
        return try await begun.value
    }
}

/// The process' signal sources. Made once and kept: a source that is made again for a signal may never fire.
private final class Signals: Sendable {
    static let shared = Signals()

    private struct State {
        var next = 0
        var listeners: [Int: @Sendable () -> Void] = [:]
        var sources: [any DispatchSourceSignal] = []
        var isAsked = false
    }

    private let state = Mutex(State())

    func add(_ action: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            if state.sources.isEmpty { state.sources = [SIGINT, SIGTERM].map(source) }
            state.next += 1
            state.listeners[state.next] = action
            return state.next
        }
    }

    func remove(_ number: Int) { state.withLock { state in state.listeners[number] = nil } }

    private func source(for number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { self.received(number) }
        source.resume()
        return source
    }

    private func received(_ number: Int32) {
        let listeners = state.withLock { state -> [@Sendable () -> Void] in
            defer { state.isAsked = true }
            return state.isAsked ? [] : Array(state.listeners.values)
        }
        guard !listeners.isEmpty else { _exit(128 + number) }
        for listener in listeners { listener() }
    }
}
