import MailroomLibraries

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The life of a server's thread: waits, accepts, reads, lets handlers answer, writes, keeps time.
final class ServerLoop {
    private static let mailboxToken: UInt64 = 0
    /// Listeners have the tokens from 1, connections those from here on.
    private static let firstConnectionToken: UInt64 = 1 << 16
    private static let exhaustionPause = Duration.milliseconds(200)
    private static let maximumRefused = 256

    let configuration: SocketServer.Configuration
    private let mailbox: ServerMailbox
    private let makeHandler: @Sendable (ServerConnection) -> any ConnectionHandler
    private var listeners: [ListeningSocket]
    let poller = makePoller()
    var connections: [UInt64: LoopConnection] = [:]
    private var nextToken = ServerLoop.firstConnectionToken
    /// The time as it was when the connection under way was come to.
    var now = ContinuousClock.now
    /// The earliest moment at which a time limit may have passed.
    var nextSweep: ContinuousClock.Instant?
    /// While the system has no descriptors left, nothing is accepted until then.
    private var pausedUntil: ContinuousClock.Instant?
    var stopsAt: ContinuousClock.Instant?
    var pauses = PauseQueue()
    /// Connections that have work left, which is gone on with before the next wait.
    var revisits: [UInt64] = []
    /// How many of the connections are one too many.
    private var refusedCount = 0
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 * 1024, alignment: 16)
    let plaintext = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSEngine.recordSize, alignment: 16)

    init(
        configuration: SocketServer.Configuration, listeners: [ListeningSocket], mailbox: ServerMailbox,
        handler: @escaping @Sendable (ServerConnection) -> any ConnectionHandler
    ) {
        self.configuration = configuration
        self.listeners = listeners
        self.mailbox = mailbox
        makeHandler = handler
    }

    deinit {
        input.deallocate()
        plaintext.deallocate()
    }

    func run() {
        poller.add(mailbox.waker, token: Self.mailboxToken, interest: .reading)
        for (index, listener) in listeners.enumerated() {
            poller.add(listener.descriptor, token: UInt64(index + 1), interest: .reading)
        }
        var events: [PollEvent] = []
        // Time limits are held against the moment before the polls that told of everything that was ready, so that a
        // peer whose octets waited for this thread is served and not late.
        var (asked, reported) = (now, 0)
        while stopsAt == nil || !connections.isEmpty {
            if reported == 0 { asked = .now }
            let isAll = poller.wait(milliseconds: revisits.isEmpty ? patience : 0, into: &events)
            reported += events.count
            now = .now
            for event in events {
                switch event.token {
                case Self.mailboxToken: answerMailbox()
                case ..<Self.firstConnectionToken: accept(from: Int(event.token) - 1)
                default: if let connection = connections[event.token] { serve(connection, event.ready) }
                }
            }
            visitAgain()
            if let pausedUntil, pausedUntil <= now { setAccepting(true) }
            endPauses()
            if isAll || reported > connections.count + listeners.count {
                reported = 0
                if let nextSweep, nextSweep <= asked { sweep(asked) }
            }
            if let stopsAt, stopsAt <= now { break }
        }
        closeListeners()
        for connection in connections.values { drop(connection) }
        mailbox.close()
    }

    private var patience: Int32 {
        var next = nextSweep
        for other in [pausedUntil, stopsAt, pauses.first] {
            if let other, next.map({ other < $0 }) ?? true { next = other }
        }
        return next?.millisecondsLeft ?? -1
    }

    // MARK: Connections

    private func accept(from index: Int) {
        guard listeners.indices.contains(index) else { return }
        // Bounded, so that a storm of connections does not starve those there are.
        for _ in 0..<64 {
            guard let accepted = listeners[index].accept() else { return }
            if accepted.exhausted { return setAccepting(false) }
            open(accepted.descriptor, accepted.address)
        }
    }

    private func open(_ descriptor: Int32, _ address: SocketAddress?) {
        let isRefused = connections.count - refusedCount >= configuration.maximumConnections
        // Those told off take their time to go; beyond some they are not told.
        guard !isRefused || refusedCount < Self.maximumRefused else { return _ = close(descriptor) }
        let token = nextToken
        nextToken += 1
        let handler: any ConnectionHandler
        if isRefused {
            refusedCount += 1
            handler = RefusedConnection(configuration.refusal)
        } else {
            let (host, port) = address?.parts ?? ("?", 0)
            handler = makeHandler(
                ServerConnection(id: token, remoteAddress: endpointText(host: host, port: port), mailbox: mailbox))
        }
        let connection = LoopConnection(descriptor: descriptor, token: token, handler: handler, isRefused: isRefused)
        connections[token] = connection
        poller.add(descriptor, token: token, interest: .reading)
        connection.handler.begin(&connection.output)
        settle(connection)
    }

    func drop(_ connection: LoopConnection) {
        guard connections.removeValue(forKey: connection.token) != nil else { return }
        if connection.isRefused { refusedCount -= 1 }
        poller.remove(connection.descriptor)
        _ = close(connection.descriptor)
        connection.handler.end()
        if pausedUntil != nil { setAccepting(true) }
        if pauses.count > 2 * connections.count + 64 { pauses.keep { connections[$0] != nil } }
    }

    // MARK: Time

    private func endPauses() {
        while let token = pauses.take(at: now) {
            guard let connection = connections[token] else { continue }
            connection.resume(now: now)
            settle(connection)
        }
    }

    /// Goes on with the connections that have work left; those that still have some then come after all others.
    private func visitAgain() {
        let tokens = revisits
        revisits.removeAll(keepingCapacity: true)
        for token in tokens {
            guard let connection = connections[token] else { continue }
            connection.isQueued = false
            settle(connection)
        }
    }

    /// Looks at every connection's time limits; no more often than each quarter of a second. What a peer sent before
    /// `asked` has been read, unless the connection has work left.
    private func sweep(_ asked: ContinuousClock.Instant) {
        nextSweep = nil
        for connection in Array(connections.values) {
            if !connection.isQueued, let stall = connection.stallDeadline, stall <= asked {
                drop(connection)
            } else if !connection.isQueued, let deadline = connection.deadline, deadline <= asked {
                if connection.phase == .lingering {
                    drop(connection)
                } else {
                    connection.deadline = nil
                    connection.handler.expire(&connection.output)
                    settle(connection)
                }
            } else if let deadline = connection.nextDeadline, nextSweep.map({ deadline < $0 }) ?? true {
                nextSweep = deadline
            }
        }
        if let earliest = nextSweep { nextSweep = max(earliest, now + .milliseconds(250)) }
    }

    // MARK: Requests from outside

    /// Does what is asked for; each connection's octets leave once, after all requests.
    private func answerMailbox() {
        for request in mailbox.take() {
            switch request {
            case .send(let id, let bytes):
                guard let connection = connections[id], connection.phase == .open, !connection.output.closes
                else { continue }
                connection.output.write(bytes)
                if connection.output.isFull { settle(connection) } else { revisit(connection) }
            case .wake(let id):
                guard let connection = connections[id], connection.phase == .open, !connection.output.closes
                else { continue }
                connection.handler.receive(UnsafeRawBufferPointer(start: nil, count: 0), &connection.output)
                if connection.output.isFull { settle(connection) } else { revisit(connection) }
            case .close(let id):
                guard let connection = connections[id] else { continue }
                connection.output.close()
                revisit(connection)
            case .stop(let grace):
                stop(grace)
            }
        }
    }

    private func stop(_ grace: Duration) {
        guard stopsAt == nil else { return }
        stopsAt = now + grace
        closeListeners()
        for connection in Array(connections.values) where connection.phase == .open {
            connection.handler.stop(&connection.output)
            connection.output.close()
            settle(connection)
        }
    }

    private func closeListeners() {
        for listener in listeners {
            poller.remove(listener.descriptor)
            _ = close(listener.descriptor)
        }
        listeners = []
    }

    private func setAccepting(_ accepting: Bool) {
        pausedUntil = accepting ? nil : now + Self.exhaustionPause
        for (index, listener) in listeners.enumerated() {
            poller.change(listener.descriptor, token: UInt64(index + 1), interest: accepting ? .reading : [])
        }
    }
}
