import Mailroom
import Synchronization

/// Puts requests of many tasks together: what comes while earlier ones are under way goes out as one.
///
/// A request that finds nothing under way goes at once, by itself. Whoever ends a round hands what waits to the first of
/// those who wait, who leads the next: there is no task of its own.
final class Combiner<Request: Sendable, Answer: Sendable>: Sendable {
    typealias Outcome = Result<Answer, BrokerError>

    private enum Turn {
        case answered(Outcome)
        /// To lead a round of one's own request and these.
        case lead([Waiting])
    }

    private struct Waiting {
        var request: Request
        var size: Int
        var continuation: UnsafeContinuation<Turn, Never>
    }

    private struct State {
        var waiting: [Waiting] = []
        var rounds = 0
    }

    private let state = Mutex(State())
    private let rounds: Int
    private let limit: Int

    /// - Parameters:
    ///   - rounds: how many may be under way at once.
    ///   - limit: the size that a round does not go beyond, unless one request does by itself.
    init(rounds: Int, limit: Int) {
        self.rounds = rounds
        self.limit = limit
    }

    /// Makes a request, perhaps together with others. `perform` answers as many outcomes as it is given requests.
    func run(
        _ request: Request, size: Int, _ perform: @Sendable ([Request]) async -> [Outcome]
    ) async throws(BrokerError) -> Answer {
        let isFirst = state.withLock { state in
            guard state.rounds < rounds else { return false }
            state.rounds += 1
            return true
        }
        let turn: Turn =
            isFirst
            ? .lead([])
            : await withUnsafeContinuation { continuation in
                let mayLead = state.withLock { state in
                    // A round may have ended meanwhile.
                    if state.rounds < rounds {
                        state.rounds += 1
                        return true
                    }
                    state.waiting.append(Waiting(request: request, size: size, continuation: continuation))
                    return false
                }
                if mayLead { continuation.resume(returning: .lead([])) }
            }
        switch turn {
        case .answered(let outcome): return try outcome.get()
        case .lead(let others):
            let outcomes = await perform([request] + others.map(\.request))
            handOver()
            for (other, outcome) in zip(others, outcomes.dropFirst()) {
                other.continuation.resume(returning: .answered(outcome))
            }
            return try outcomes[0].get()
        }
    }

    /// Ends a round: who waits first leads the next, with those behind.
    private func handOver() {
        let next = state.withLock { state -> [Waiting] in
            guard !state.waiting.isEmpty else {
                state.rounds -= 1
                return []
            }
            var size = 0
            let end = state.waiting.firstIndex { waiting in
                size += waiting.size
                return size > limit
            }
            let taken = Array(state.waiting.prefix(max(1, end ?? state.waiting.count)))
            state.waiting.removeFirst(taken.count)
            return taken
        }
        next.first?.continuation.resume(returning: .lead(Array(next.dropFirst())))
    }
}
