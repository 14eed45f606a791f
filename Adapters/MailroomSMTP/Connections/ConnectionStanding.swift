import MailroomSockets
import Synchronization

/// What others may know of a connection, and the one thing that they may do to it: end what it blocks on.
final class ConnectionStanding: Sendable {
    let interruption = SocketInterruption()
    private let stored = Atomic<SMTPPoint>(.connection)

    /// What its thread waits for; after its work has begun, what it waited for last.
    var point: SMTPPoint {
        get { stored.load(ordering: .relaxed) }
        set { stored.store(newValue, ordering: .relaxed) }
    }
}
