import Mailroom
import MailroomSockets

/// The thread of one connection after another: it blocks on its socket or waits for work, and never elsewhere.
actor ConnectionLoop {
    private let thread: DedicatedThread
    private let pool: ConnectionPool
    private let seat: ConnectionPool.Seat

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(pool: ConnectionPool, seat: ConnectionPool.Seat) throws(SocketError) {
        self.pool = pool
        self.seat = seat
        thread = try DedicatedThread()
    }

    /// Carries out deliveries until none is left and the idle time is over.
    func run(_ first: Delivery) {
        var waiting = [first]
        while !waiting.isEmpty {
            waiting = SMTPConnection(pool: pool, seat: seat).run(waiting)
            if waiting.isEmpty, let next = pool.retire(seat) { waiting = [next] }
        }
    }
}
