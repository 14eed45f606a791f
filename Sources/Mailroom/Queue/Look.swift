/// What a broker saw when it looked for something.
package struct Look<Answer: Sendable>: Sendable {
    package let answer: Answer
    /// Whether that is answered at once, or when the time of waiting is over.
    package let isFound: Bool
    /// When to look again at the latest, on the clock of leases.
    package let next: Duration?
}

extension Look<[Lease]> {
    package init(_ leases: [Lease], next: Duration?) {
        self.init(answer: leases, isFound: !leases.isEmpty, next: next)
    }
}

extension Look<EventBatch> {
    package init(_ batch: EventBatch) {
        self.init(answer: batch, isFound: !batch.events.isEmpty || batch.hasGap, next: nil)
    }
}

extension Wakeup {
    /// Looks, and looks again when signalled or when the last look said so, until something is found or `wait` is over.
    ///
    /// `look` is told the time on the clock of leases. `idle` is told `true` when waiting begins, and `false` when it has
    /// ended; looks in between belong to it. Throws ``BrokerError/Code/cancelled`` when cancelled while it waits.
    package func search<Answer>(
        for wanted: String, within wait: Duration, on time: any TimeSource,
        _ look: (Duration) async throws(BrokerError) -> Look<Answer>, idle: (Bool) -> Void = { _ in }
    ) async throws(BrokerError) -> Answer {
        let deadline = time.uptime() + wait
        var isIdle = false
        defer { if isIdle { idle(false) } }
        while true {
            let generation = generation
            let uptime = time.uptime()
            let seen = try await look(uptime)
            if seen.isFound || uptime >= deadline { return seen.answer }
            if !isIdle { idle(true) }
            isIdle = true
            do {
                try await self.wait(after: generation, until: min(deadline, seen.next ?? deadline), on: time)
            } catch {
                throw BrokerError(.cancelled, "the wait for \(wanted) was cancelled", mayHaveStored: false)
            }
        }
    }
}
