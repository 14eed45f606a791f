import Mailroom
import Synchronization

/// The timer that ends deliveries whose time is up, wherever they are.
///
/// It rings when the first of those it knew is due, and looks through all of them then: with deadlines that lie about
/// as far ahead for each mail, once in that time.
final class DeliveryWatch: Sendable {
    private let state = Mutex(State())

    private struct State {
        /// Every delivery that has not returned, in any order, with holes.
        var live: [Delivery?] = []
        var free: [Int] = []
        var timer: Task<Void, Never>?
        var timerEnd: ContinuousClock.Instant?
    }

    func keep(_ delivery: Delivery) {
        state.withLock { state in
            if let slot = state.free.popLast() {
                state.live[slot] = delivery
                delivery.slot = slot
            } else {
                delivery.slot = state.live.count
                state.live.append(delivery)
            }
            arm(&state, by: delivery.mail.deadline)
        }
    }

    func forget(_ delivery: Delivery) {
        guard let slot = delivery.slot else { return }
        state.withLock { state in
            state.live[slot] = nil
            state.free.append(slot)
        }
    }

    /// Rings at this instant at the latest.
    func arm(by instant: ContinuousClock.Instant) { state.withLock { arm(&$0, by: instant) } }

    private func arm(_ state: inout State, by instant: ContinuousClock.Instant) {
        if let end = state.timerEnd, end <= instant { return }
        state.timer?.cancel()
        state.timerEnd = instant
        state.timer = Task.detached { [weak self] in
            try? await Task.sleep(until: instant, clock: .continuous)
            if !Task.isCancelled { self?.ring() }
        }
    }

    private func ring() {
        let due = state.withLock { state -> [Delivery] in
            state.timerEnd = nil
            let now = ContinuousClock.now
            var due: [Delivery] = []
            var next: ContinuousClock.Instant?
            for case let delivery? in state.live {
                let instant = delivery.due
                if instant <= now { due.append(delivery) } else { next = min(next ?? instant, instant) }
            }
            if let next { arm(&state, by: next) }
            return due
        }
        for delivery in due { delivery.expire() }
    }

    /// Stops the timer, once nothing is left to look after.
    func end() {
        state.withLock { state in
            state.timer?.cancel()
            state.timerEnd = nil
        }
    }
}
