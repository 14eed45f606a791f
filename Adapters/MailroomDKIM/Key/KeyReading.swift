import Dispatch
import MailroomLibraries
import Synchronization

/// One task's wait for a key that is read on another thread; neither a cancelled task nor one whose time is up waits any
/// longer.
final class KeyReading: Sendable {
    typealias Outcome = Result<SigningKey, LibraryError>

    private struct State {
        var continuation: CheckedContinuation<Outcome, Never>?
        var outcome: Outcome?
    }

    private let state = Mutex(State())

    /// What `read` gives on `queue`, reading what has that name.
    static func outcome(
        of name: String, on queue: DispatchQueue, until deadline: ContinuousClock.Instant,
        _ read: @escaping @Sendable () throws(LibraryError) -> SigningKey
    ) async -> Outcome {
        let reading = KeyReading()
        let timer = Task.detached {
            do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
            reading.end(.failure(LibraryError("\(name) could not be read in time: its disk does not answer.")))
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard reading.begin(continuation) else { return }
                queue.async { reading.end(Result { () throws(LibraryError) in try read() }) }
            }
        } onCancel: {
            reading.end(.failure(LibraryError("Waiting for the key was cancelled.")))
        }
    }

    /// Takes what waits; false when it was ended already.
    private func begin(_ continuation: CheckedContinuation<Outcome, Never>) -> Bool {
        let outcome = state.withLock { state in
            if state.outcome == nil { state.continuation = continuation }
            return state.outcome
        }
        if let outcome { continuation.resume(returning: outcome) }
        return outcome == nil
    }

    private func end(_ outcome: Outcome) {
        let waiting = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            defer { state.continuation = nil }
            return state.continuation
        }
        waiting?.resume(returning: outcome)
    }
}
