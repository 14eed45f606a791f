import Synchronization

/// What a worker holds: every lease from the moment it is granted until it is settled.
final class Hands: Sendable {
    private struct State {
        var leases: [Lease.ID: Holding] = [:]
        /// Leased and not yet done with: waiting to begin, or running.
        var active = 0
    }

    enum Holding {
        /// Not begun; the lease lasts until then unless it is extended.
        case waiting(until: Duration)
        case running(RunningAttempt)
        case settling
        case lost
    }

    private let state = Mutex(State())

    var isEmpty: Bool { state.withLock { $0.leases.isEmpty } }

    var unbegunAndRunning: Int { state.withLock { $0.active } }

    func take(_ leases: [Lease.ID], until end: Duration) {
        state.withLock { state in
            for lease in leases { state.leases[lease] = .waiting(until: end) }
            state.active += leases.count
        }
    }

    /// Marks an attempt as begun; `nil` when its lease was lost meanwhile or has run out: the process may have been
    /// frozen, and the job be another's.
    func begin(_ lease: Lease.ID, at now: Duration, deadline: Duration) -> RunningAttempt? {
        state.withLock { state in
            guard case .waiting(let end) = state.leases[lease], now < end else { return nil }
            let running = RunningAttempt(deadline: deadline)
            state.leases[lease] = .running(running)
            return running
        }
    }

    /// The attempt is over, its settlement is on its way.
    func end(_ lease: Lease.ID) {
        state.withLock { state in
            state.leases[lease] = .settling
            state.active -= 1
        }
    }

    /// A settlement is on its way. A lease that was never begun, or lost before, is given back by it.
    func putDown(_ lease: Lease.ID) {
        state.withLock { state in
            switch state.leases[lease] {
            case .waiting, .lost: state.active -= 1
            default: break
            }
            state.leases[lease] = .settling
        }
    }

    func settled(_ leases: [Lease.ID]) {
        state.withLock { state in for lease in leases { state.leases[lease] = nil } }
    }

    /// Leases were extended.
    func renew(_ leases: [Lease.ID], until end: Duration) {
        state.withLock { state in
            for lease in leases {
                if case .waiting = state.leases[lease] { state.leases[lease] = .waiting(until: end) }
            }
        }
    }

    /// Leases to be extended: all but those whose transport does not return.
    var extendable: [Lease.ID] {
        state.withLock { state in
            state.leases.compactMap { lease, holding in
                switch holding {
                case .running(let attempt): attempt.isAbandoned ? nil : lease
                case .lost: nil
                case .waiting, .settling: lease
                }
            }
        }
    }

    var running: [RunningAttempt] {
        state.withLock { state in
            state.leases.values.compactMap { if case .running(let attempt) = $0 { attempt } else { nil } }
        }
    }

    /// Another worker has the job now: its delivery here is cancelled.
    func lose(_ leases: [Lease.ID], at time: Duration) {
        let attempts = state.withLock { state in
            leases.compactMap { lease -> RunningAttempt? in
                switch state.leases[lease] {
                case .running(let attempt): return attempt
                case .waiting:
                    state.leases[lease] = .lost
                    return nil
                default: return nil
                }
            }
        }
        for attempt in attempts { attempt.cancel(.leaseLost, at: time) }
    }
}
