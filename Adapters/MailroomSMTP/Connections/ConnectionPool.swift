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
    let encryption: SharedTLSContext
    private let state = Mutex(State())
    /// How many stand in line: saves the threads that find nobody there from asking for the lock.
    private let lineCount = Atomic<Int>(0)
    private let timer = DeliveryWatch()

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

    }

    init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
        route = configuration.route
        encryption = SharedTLSContext(configuration.security)
    }

    // MARK: Deliveries

    private enum Way { case idle(Seat), new, waiting, closed }

    func submit(_ delivery: Delivery) {
        timer.keep(delivery)
        let way = state.withLock { state -> Way in
            guard !state.isClosed else { return .closed }
            if let seat = state.idle.popLast() {
                seat.handed.withLock { $0 = delivery }
                return .idle(seat)
            }
            if state.connections < configuration.maximumConnections {
                state.connections += 1
                state.nextID += 1
                let seat = Seat(id: state.nextID)
                // In one step with the counting, so that a shutdown waits for it.
                state.threads[seat.id] = Task.detached { await self.work(seat, on: delivery) }
                return .new
            }
            state.line.append(delivery)
            lineCount.store(state.line.count, ordering: .relaxed)
            return .waiting
        }
        switch way {
        case .idle(let seat): seat.arrival.signal()
        case .new, .waiting: break
        case .closed: delivery.fail(TransportError(.cancelled, "The SMTP transport was shut down."))
        }
    }

    private func work(_ seat: Seat, on first: Delivery) async {
        var waiting: Delivery? = first
        while let delivery = waiting {
            do throws(SocketError) {
                return try await ConnectionLoop(pool: self, seat: seat).run(delivery)
            } catch {
                delivery.fail(TransportError(.connectionFailed, error.description))
                waiting = retire(seat)
            }
        }
    }

    /// How many deliveries wait for a connection.
    var waiting: Int { lineCount.load(ordering: .relaxed) }

    // MARK: Connections

    /// How many there are, those that are being opened included.
    var connected: Int { state.withLock { $0.connections } }

    /// A delivery that waits, if there is one.
    func takeWaiting() -> Delivery? {
        guard lineCount.load(ordering: .relaxed) > 0 else { return nil }
        return state.withLock { takeNext(&$0) }
    }

    private func takeNext(_ state: inout State) -> Delivery? {
        defer { lineCount.store(state.line.count, ordering: .relaxed) }
        while let delivery = state.line.popFirst() {
            if !delivery.isSettled { return delivery }
        }
        return nil
    }

    /// Waits for a delivery, on the connection's own thread; `nil` when the connection is to be closed.
    func wait(_ seat: Seat, until end: ContinuousClock.Instant) -> Delivery? {
        let (next, isClosed) = state.withLock { state -> (Delivery?, Bool) in
            if let next = takeNext(&state) { return (next, false) }
            if !state.isClosed { state.idle.append(seat) }
            return (nil, state.isClosed)
        }
        if next != nil || isClosed { return next }
        let idleTime = DispatchTimeInterval.milliseconds(
            Int(max(min(configuration.idleTimeout, ContinuousClock.now.duration(to: end)), .zero).milliseconds))
        let wasSignalled = seat.arrival.wait(timeout: .now() + idleTime) == .success
        if !wasSignalled, state.withLock({ Self.leave(seat, &$0) }) { return nil }
        // Handed over just as the time ran out: its signal is still to come.
        if !wasSignalled { seat.arrival.wait() }
        return seat.handed.withLock { $0.take() }
    }

    /// Takes the seat from the idle ones; false when it has just been given something.
    private static func leave(_ seat: Seat, _ state: inout State) -> Bool {
        guard let index = state.idle.firstIndex(where: { $0 === seat }) else { return false }
        state.idle.remove(at: index)
        return true
    }

    /// Gives the place back, unless a delivery waits: then the connection's thread is to take that.
    func retire(_ seat: Seat) -> Delivery? {
        state.withLock { state in
            if let next = takeNext(&state) { return next }
            state.connections -= 1
            state.threads[seat.id] = nil
            return nil
        }
    }

    func shutdown() async {
        let (seats, threads, waiting) = state.withLock { state -> ([Seat], [Task<Void, Never>], [Delivery]) in
            state.isClosed = true
            defer { state.idle = [] }
            var waiting: [Delivery] = []
            while let next = takeNext(&state) { waiting.append(next) }
            return (state.idle, Array(state.threads.values), waiting)
        }
        for delivery in waiting { delivery.fail(TransportError(.cancelled, "The SMTP transport was shut down.")) }
        for seat in seats { seat.arrival.signal() }
        for thread in threads { await thread.value }
        timer.end()
    }

    // MARK: Time

    /// Says that a delivery has returned.
    func forget(_ delivery: Delivery) { timer.forget(delivery) }

    /// Looks after the deliveries again at this instant.
    func watch(until instant: ContinuousClock.Instant) { timer.arm(by: instant) }
}
