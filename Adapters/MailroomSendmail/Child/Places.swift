import Mailroom
import Synchronization

/// So many may run at once; the others wait in line, in the order of their coming, and block no thread.
final class Places: Sendable {
    private struct State {
        var free: Int
        var nextNumber = 0
        var line: [(number: Int, continuation: CheckedContinuation<TransportError?, Never>)] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    /// How many stand in line.
    var waiting: Int { state.withLock { $0.line.count } }

    /// Waits for a place until the deadline or cancellation. Who gets one gives it back.
    func take(until deadline: ContinuousClock.Instant) async throws(TransportError) {
        guard !Task.isCancelled else { throw Self.cancelled }
        guard .now < deadline else { throw Self.timedOut }
        let number = state.withLock { state -> Int? in
            if state.free > 0 {
                state.free -= 1
                return nil
            }
            state.nextNumber += 1
            return state.nextNumber
        }
        guard let number else { return }
        let timer = Task.detached { [weak self] in
            do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
            self?.leave(number, Self.timedOut)
        }
        defer { timer.cancel() }
        let error = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isTaken = state.withLock { state in
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.line.append((number, continuation))
                    return false
                }
                if isTaken { return continuation.resume(returning: nil) }
                // Cancelled or late before it stood in line: nobody else would say so.
                if Task.isCancelled { leave(number, Self.cancelled) }
                if .now >= deadline { leave(number, Self.timedOut) }
            }
        } onCancel: {
            leave(number, Self.cancelled)
        }
        if let error { throw error }
    }

    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<TransportError?, Never>? in
            guard !state.line.isEmpty else {
                state.free += 1
                return nil
            }
            return state.line.removeFirst().continuation
        }
        next?.resume(returning: nil)
    }

    private func leave(_ number: Int, _ error: TransportError) {
        let continuation = state.withLock { state -> CheckedContinuation<TransportError?, Never>? in
            guard let index = state.line.firstIndex(where: { $0.number == number }) else { return nil }
            return state.line.remove(at: index).continuation
        }
        continuation?.resume(returning: error)
    }

    private static let cancelled = TransportError(
        .cancelled, "The delivery was cancelled before a program was started.")
    private static let timedOut = TransportError(
        .timedOut, "The mail's time ran out while it waited for its turn. Allow more programs at once.")
}
