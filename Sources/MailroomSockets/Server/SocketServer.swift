import Synchronization

/// A TCP server on a thread of its own that hands octets to a ``ConnectionHandler`` for each connection.
///
/// Connections share the thread, so one that computes for long delays the others; give work of another kind a server
/// of its own. The server stops when it is released.
public final class SocketServer: Sendable {
    /// Where to listen, and the limits.
    public struct Configuration: Sendable {
        /// A name or an address; a name with several addresses, like `localhost`, is listened on at all of them, and `*`
        /// is every address of this machine.
        public var host: String
        /// 0 lets the system choose; ``SocketServer/port`` says what it chose.
        public var port: Int
        /// Further connections are sent ``refusal`` and closed.
        public var maximumConnections = 1000
        /// What a connection over the limit is told.
        public var refusal: [UInt8] = []
        /// A peer for which more octets wait than this is dropped.
        public var maximumPendingOutput = 256 << 20
        /// A peer that takes no octet for so long, though some wait, is dropped.
        public var stallLimit = Duration.seconds(60)

        /// Listening on this machine only, unless another host is given.
        public init(host: String = "127.0.0.1", port: Int = 0) {
            self.host = host
            self.port = port
        }
    }

    /// The port listened on.
    public let port: Int
    private let mailbox: ServerMailbox
    private let ending: Ending

    /// Listens at once and serves until ``stop(grace:)``.
    ///
    /// `handler` is called on the server's thread for each connection. Throws ``SocketError/Code/addressInUse`` when
    /// another program has the port.
    public init(
        _ configuration: Configuration, handler: @escaping @Sendable (ServerConnection) -> any ConnectionHandler
    ) throws(SocketError) {
        let mailbox = try ServerMailbox()
        let listeners = try ListeningSocket.open(host: configuration.host, port: configuration.port)
        let ending = Ending()
        self.mailbox = mailbox
        self.ending = ending
        port = listeners.first?.port ?? 0
        do throws(SocketError) {
            try startThread {
                ServerLoop(configuration: configuration, listeners: listeners, mailbox: mailbox, handler: handler).run()
                ending.reach()
            }
        } catch {
            for listener in listeners { _ = systemClose(listener.descriptor) }
            throw error
        }
    }

    deinit { mailbox.post(.stop(grace: .zero)) }

    /// Stops listening, lets every handler say good-bye, and closes each connection once its octets have left, at the
    /// latest after `grace`. Blocks until then; may be called again. Not to be called by a handler.
    public func stop(grace: Duration = .milliseconds(200)) {
        mailbox.post(.stop(grace: grace))
        ending.wait()
    }
}

/// That the server's thread has ended.
private final class Ending: Sendable {
    private let condition = Condition()
    private let reached = Atomic<Bool>(false)

    func reach() {
        condition.lock()
        reached.store(true, ordering: .releasing)
        condition.broadcast()
        condition.unlock()
    }

    func wait() {
        condition.lock()
        while !reached.load(ordering: .acquiring) { condition.wait() }
        condition.unlock()
    }
}
