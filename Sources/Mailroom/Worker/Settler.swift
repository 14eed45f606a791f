import Synchronization

/// Gives jobs back to the broker, as many at once as have come together, while deliveries go on.
///
/// When the broker cannot be reached, the settlements are tried again, never the deliveries.
final class Settler: Sendable {
    private struct Entry {
        var decision: Verdict.Decision
        var job: JobID
        var attempt: Int
    }

    private struct State {
        var entries: [Entry] = []
        var isFinished = false
        /// When a stopping worker gives up on a broker that does not answer.
        var deadline: Duration?
        var unsaved = 0
        var summary = WorkSummary()
    }

    /// More than these in line make the deliveries wait: what is not settled would be delivered again after a crash.
    private static let limit = 64

    private let pipeline: Pipeline
    private let hands: Hands
    private let changes: Wakeup
    private let arrivals = Wakeup()
    private let departures = Wakeup()
    private let retries = Wakeup()
    private let state = Mutex(State())

    init(_ pipeline: Pipeline, _ hands: Hands, _ changes: Wakeup) {
        self.pipeline = pipeline
        self.hands = hands
        self.changes = changes
    }

    var summary: WorkSummary { state.withLock { $0.summary } }

    func countAttempt() { state.withLock { $0.summary.attempts += 1 } }

    func add(_ decision: Verdict.Decision, of lease: Lease) {
        if let failure = decision.failure {
            pipeline.emit(.attemptFailed(attempt: lease.attempt, cause: failure), job: lease.id.job)
        }
        hands.putDown(lease.id)
        state.withLock { state in
            state.entries.append(Entry(decision: decision, job: lease.id.job, attempt: lease.attempt))
        }
        arrivals.signal()
    }

    /// Waits while too much is in line.
    func room() async {
        while true {
            let generation = departures.generation
            guard state.withLock({ $0.entries.count > Settler.limit && $0.deadline == nil }) else { return }
            await departures.wait(after: generation)
        }
    }

    /// The worker stops: deliveries wait for nothing any more, and a broker that does not answer until then is given up.
    func stop(until deadline: Duration) {
        state.withLock { state in
            if state.deadline == nil { state.deadline = deadline }
        }
        departures.signal()
        retries.signal()
    }

    /// How many settlements the broker never took.
    var unsaved: Int { state.withLock { $0.unsaved } }

    /// Nothing is added any more: `run` returns when everything is settled.
    func finish() {
        state.withLock { $0.isFinished = true }
        arrivals.signal()
    }

    func run() async {
        while true {
            let generation = arrivals.generation
            let (entries, isFinished) = state.withLock { state in
                defer { state.entries = [] }
                return (state.entries, state.isFinished)
            }
            if !entries.isEmpty {
                await settle(entries)
            } else if isFinished && hands.isEmpty {
                return
            } else {
                await arrivals.wait(after: generation)
            }
        }
    }

    private func settle(_ entries: [Entry]) async {
        let settlements = entries.map(\.decision.settlement)
        var failures = 0
        while true {
            let generation = retries.generation
            do throws(BrokerError) {
                let results = try await pipeline.broker.settle(settlements)
                for (entry, result) in zip(entries, results) { note(entry, result) }
                break
            } catch {
                pipeline.emit(.brokerFailed(error.reason), job: nil)
                let now = pipeline.time.uptime()
                let deadline = state.withLock { $0.deadline }
                if let deadline, now >= deadline || error.code == .cancelled {
                    state.withLock { $0.unsaved += settlements.count }
                    break
                }
                failures += 1
                let wait = Duration.milliseconds(min(5000, 50 << min(failures, 7)))
                try? await retries.wait(after: generation, until: now + wait, on: pipeline.time)
            }
        }
        hands.settled(settlements.map(\.lease))
        departures.signal()
        changes.signal()
    }

    private func note(_ entry: Entry, _ result: SettleResult) {
        switch result {
        case .settled(let jobState):
            if jobState.isSettled { state.withLock { $0.summary.settled[jobState, default: 0] += 1 } }
            switch entry.decision.settlement.next {
            case .retry(let due): pipeline.emit(.retryScheduled(at: due), job: entry.job)
            case .snooze(let until):
                pipeline.emit(.snoozed(until: until, cause: entry.decision.settlement.reason), job: entry.job)
            case .release: pipeline.emit(.released, job: entry.job)
            case .finished, .dead, .held:
                pipeline.emit(
                    .settled(jobState, attempts: entry.attempt, error: entry.decision.settlement.reason),
                    job: entry.job)
            }
        case .leaseLost, .unknownJob:
            pipeline.emit(.leaseLost, job: entry.job)
        }
    }
}

extension Settlement.Next {
    /// Whether what led to it counts as one of the job's attempts.
    var usesAttempt: Bool {
        switch self {
        case .finished, .retry, .dead, .held: true
        case .snooze, .release: false
        }
    }
}
