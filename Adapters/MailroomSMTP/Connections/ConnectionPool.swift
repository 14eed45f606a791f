import Dispatch
import Mailroom
import MailroomSockets
import Synchronization

/// The connections of one transport and the deliveries that wait for them.
///
/// A delivery goes to an idle connection, else to a new one, else it waits in line, where the busy ones find it: as
/// the next mail, or to be sent ahead with the end of the one before.
final class ConnectionPool: Sendable {
    let configuration: SMTPConfiguration
    let route: String
    private let state = Mutex(State())

    /// The place where one connection's thread waits for work.
    final class Seat: Sendable {
        let id: Int
        fileprivate let arrival = DispatchSemaphore(value: 0)
        fileprivate let handed = Mutex<Delivery?>(nil)

        fileprivate init(id: Int) { self.id = id }
    }

    private struct State {
        var line = WaitingLine<Delivery>()
        /// The one used last is last, so that what is not needed grows old.
        var idle: [Seat] = []
        var connections = 0
        var threads: [Int: Task<Void, Never>] = [:]
        var nextID = 0
        var isClosed = false
        /// Every delivery not yet returned, for the timer.
        var live: [Delivery?] = []
        var free: [Int] = []
        var timer: Task<Void, Never>?
        var timerEnd: ContinuousClock.Instant?

        mutating func next() -> Delivery? {
            while let delivery = line.popFirst() {
                if !delivery.isSettled { return delivery }
            }
            return nil
        }
    }

    init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
        route = configuration.route
    }

    // MARK: Deliveries

    private enum Way { case idle(Seat), new(Seat), waiting, closed }

    func submit(_ delivery: Delivery) {
        let way = state.withLock { state -> Way in
            guard !state.isClosed else { return .closed }
            keep(delivery, in: &state)
            if let seat = state.idle.popLast() {
                seat.handed.withLock { $0 = delivery }
                return .idle(seat)
            }
            if state.connections < configuration.maximumConnections {
                state.connections += 1
                state.nextID += 1
                return .new(Seat(id: state.nextID))
            }
            state.line.append(delivery)
            return .waiting
        }
        switch way {
        case .idle(let seat): seat.arrival.signal()
        case .new(let seat): start(seat, with: delivery)
        case .waiting: break
        case .closed: delivery.fail(TransportError(.cancelled, "The SMTP transport was shut down."))
        }
    }

    private func start(_ seat: Seat, with delivery: Delivery) {
        do {
            let loop = try ConnectionLoop(pool: self, seat: seat)
            state.withLock { $0.threads[seat.id] = Task { await loop.run(delivery) } }
        } catch {
            delivery.fail(TransportError(.connectionFailed, error.description))
            if let next = retire(seat) { start(seat, with: next) }
        }
    }

    /// How many deliveries wait for a connection.
    var waiting: Int { state.withLock { $0.line.count } }

    // MARK: Connections

    /// A delivery that waits, if there is one.
    func takeWaiting() -> Delivery? { state.withLock { $0.next() } }

    /// Waits for a delivery, on the connection's own thread; `nil` when the connection is to be closed.
    func wait(_ seat: Seat) -> Delivery? {
        let (next, isClosed) = state.withLock { state -> (Delivery?, Bool) in
            if let next = state.next() { return (next, false) }
            if !state.isClosed { state.idle.append(seat) }
            return (nil, state.isClosed)
        }
        if next != nil || isClosed { return next }
        let idleTime = DispatchTimeInterval.milliseconds(
            Int(min(configuration.idleTimeout, .seconds(86_400)).milliseconds))
        let wasSignalled = seat.arrival.wait(timeout: .now() + idleTime) == .success
        let handed = state.withLock { state in
            state.idle.removeAll { $0 === seat }
            return seat.handed.withLock { $0.take() }
        }
        // Handed over just as the time ran out: its signal is still to come.
        if handed != nil, !wasSignalled { seat.arrival.wait() }
        return handed
    }

    /// Gives the place back, unless a delivery waits: then the connection's thread is to take that.
    func retire(_ seat: Seat) -> Delivery? {
        state.withLock { state in
            if let next = state.next() { return next }
            state.connections -= 1
            state.threads[seat.id] = nil
            return nil
        }
    }

    func shutdown() async {
        let (seats, threads, waiting) = state.withLock { state -> ([Seat], [Task<Void, Never>], [Delivery]) in
            state.isClosed = true
            state.timer?.cancel()
            defer { state.idle = [] }
            var waiting: [Delivery] = []
            while let next = state.next() { waiting.append(next) }
            return (state.idle, Array(state.threads.values), waiting)
        }
        for delivery in waiting { delivery.fail(TransportError(.cancelled, "The SMTP transport was shut down.")) }
        for seat in seats { seat.arrival.signal() }
        for thread in threads { await thread.value }
    }

    // MARK: Time

    private func keep(_ delivery: Delivery, in state: inout State) {
        if let slot = state.free.popLast() {
            state.live[slot] = delivery
            delivery.slot = slot
        } else {
            delivery.slot = state.live.count
            state.live.append(delivery)
        }
        arm(&state, by: delivery.mail.deadline)
    }

    /// Says that a delivery has returned.
    func forget(_ delivery: Delivery) {
        guard let slot = delivery.slot else { return }
        state.withLock { state in
            state.live[slot] = nil
            state.free.append(slot)
        }
    }

    /// Looks after the deliveries again at this instant.
    func watch(until instant: ContinuousClock.Instant) { state.withLock { arm(&$0, by: instant) } }

    private func arm(_ state: inout State, by instant: ContinuousClock.Instant) {
        if let end = state.timerEnd, end <= instant { return }
        state.timer?.cancel()
        state.timerEnd = instant
        state.timer = Task { [weak self] in
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
}
