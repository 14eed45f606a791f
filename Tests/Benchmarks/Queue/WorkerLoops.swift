import Mailroom
import Synchronization

/// Leases and settles as a worker does whose deliveries take no time: one loop leases ahead of need, another settles what
/// has come together meanwhile.
final class WorkerLoops<Jobs: Broker>: Sendable {
    private struct State {
        var unbegun: [Settlement] = []
        var delivered: [Settlement] = []
        /// How many jobs there are to lease yet.
        var left: Int
        /// Whether deliveries wait for a settlement to be answered.
        var isBlocked = false
        var isLeasing = true

        /// Delivers, until more is to be settled than a worker has unsettled.
        mutating func deliver() {
            guard !isBlocked else { return }
            let taken = unbegun.prefix(unsettledLimit + 1 - delivered.count)
            delivered += taken
            unbegun.removeFirst(taken.count)
            isBlocked = delivered.count > unsettledLimit
        }
    }

    private let broker: Jobs
    private let state: Mutex<State>
    private let arrivals = Wakeup()
    private let departures = Wakeup()

    init(_ broker: Jobs, count: Int) {
        self.broker = broker
        state = Mutex(State(left: count))
    }

    /// Answers how many jobs were settled.
    func run() async throws -> Int {
        async let leasing: Void = lease()
        let settled = try await settle()
        try await leasing
        return settled
    }

    private func lease() async throws {
        defer {
            state.withLock { $0.isLeasing = false }
            arrivals.signal()
        }
        while true {
            try Task.checkCancellation()
            let generation = departures.generation
            let (wanted, left) = state.withLock { state in
                let room = deliveriesAtOnce + leasedAhead - state.unbegun.count
                return (room >= leasedAhead / 2 ? min(room, state.left) : 0, state.left)
            }
            if left == 0 { return }
            guard wanted > 0 else {
                await departures.wait(after: generation)
                continue
            }
            let leases = try await broker.lease(LeaseRequest(limit: wanted, worker: "w"))
            if leases.isEmpty { return }
            let settlements = leases.map {
                Settlement($0.id, report: DeliveryReport(all: $0.submission.recipients, .accepted), next: .finished)
            }
            state.withLock { state in
                state.left -= settlements.count
                state.unbegun += settlements
                state.deliver()
            }
            arrivals.signal()
        }
    }

    private func settle() async throws -> Int {
        var settled = 0
        while true {
            try Task.checkCancellation()
            let generation = arrivals.generation
            let (settlements, isOver) = state.withLock { state in
                defer { state.delivered = [] }
                return (state.delivered, !state.isLeasing && state.unbegun.isEmpty)
            }
            if settlements.isEmpty {
                if isOver { return settled }
                await arrivals.wait(after: generation)
                continue
            }
            departures.signal()
            settled += try await broker.settle(settlements).count
            state.withLock { state in
                state.isBlocked = false
                state.deliver()
            }
            departures.signal()
        }
    }
}

// A worker's numbers, as they are where jobs are quick.
private let deliveriesAtOnce = WorkerOptions().concurrency
private let leasedAhead = 64
private let unsettledLimit = 64
