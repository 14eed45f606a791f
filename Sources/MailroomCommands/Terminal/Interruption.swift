@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Waits for the signals that ask a process to end: SIGINT (Ctrl-C) and SIGTERM.
///
/// The first asks to stop; a second one ends the process as if nobody listened.
package final class Interruption: Sendable {
    private let sources: [any DispatchSourceSignal]

    /// Calls `action` at the first signal, on a queue of the system's, until this value goes away.
    package init(_ action: @escaping @Sendable () -> Void) {
        let once = Once()
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if once.take() {
                    action()
                } else {
                    signal(number, SIG_DFL)
                    raise(number)
                }
            }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }

    /// Waits for the first signal, or for the task to be cancelled.
    package static func wait() async {
        let stream = AsyncStream<Void> { continuation in
            let interruption = Interruption { continuation.finish() }
            continuation.onTermination = { _ in withExtendedLifetime(interruption) {} }
        }
        for await _ in stream {}
    }

    /// Runs `body` in a task that the first signal cancels.
    package static func cancelling<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task = Task { try await body() }
        let interruption = Interruption { task.cancel() }
        defer { withExtendedLifetime(interruption) {} }
        return try await task.value
    }
}

private final class Once: Sendable {
    private let isLeft = Mutex(true)

    func take() -> Bool {
        isLeft.withLock { isLeft in
            defer { isLeft = false }
            return isLeft
        }
    }
}
