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

    private let configuration: SocketServer.Configuration
    private let mailbox: ServerMailbox
    private let makeHandler: @Sendable (ServerConnection) -> any ConnectionHandler
    private var listeners: [ListeningSocket]
    private let poller = makePoller()
    private var connections: [UInt64: LoopConnection] = [:]
    private var nextToken = ServerLoop.firstConnectionToken
    private var now = ContinuousClock.now
    /// The earliest moment at which a time limit may have passed.
    private var nextSweep: ContinuousClock.Instant?
    /// While the system has no descriptors left, nothing is accepted until then.
    private var pausedUntil: ContinuousClock.Instant?
    private var stopsAt: ContinuousClock.Instant?
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 * 1024, alignment: 16)

    init(
        configuration: SocketServer.Configuration, listeners: [ListeningSocket], mailbox: ServerMailbox,
        handler: @escaping @Sendable (ServerConnection) -> any ConnectionHandler
    ) {
        self.configuration = configuration
        self.listeners = listeners
        self.mailbox = mailbox
        makeHandler = handler
    }

    deinit { input.deallocate() }

    func run() {
        poller.add(mailbox.waker, token: Self.mailboxToken, interest: .reading)
        for (index, listener) in listeners.enumerated() {
            poller.add(listener.descriptor, token: UInt64(index + 1), interest: .reading)
        }
        var events: [PollEvent] = []
        while stopsAt == nil || !connections.isEmpty {
            poller.wait(milliseconds: patience, into: &events)
            now = .now
            for event in events {
                switch event.token {
                case Self.mailboxToken: answerMailbox()
                case ..<Self.firstConnectionToken: accept(from: Int(event.token) - 1)
                default: if let connection = connections[event.token] { serve(connection, event.ready) }
                }
            }
            if let pausedUntil, pausedUntil <= now { setAccepting(true) }
            if let nextSweep, nextSweep <= now { sweep() }
            if let stopsAt, stopsAt <= now { break }
        }
        closeListeners()
        for connection in connections.values { drop(connection) }
        mailbox.close()
    }

    private var patience: Int32 {
        [nextSweep, pausedUntil, stopsAt].compactMap { $0 }.min().map(\.millisecondsLeft) ?? -1
    }

    // MARK: Connections

    private func accept(from index: Int) {
        guard listeners.indices.contains(index) else { return }
        // Bounded, so that a storm of connections does not starve those there are.
        for _ in 0..<64 {
            guard let accepted = listeners[index].accept() else { return }
            if accepted.exhausted { return setAccepting(false) }
            guard connections.count < configuration.maximumConnections else {
                refuse(accepted.descriptor)
                continue
            }
            open(accepted.descriptor, accepted.address)
        }
    }

    private func open(_ descriptor: Int32, _ address: SocketAddress?) {
        let token = nextToken
        nextToken += 1
        let (host, port) = address?.parts ?? ("?", 0)
        let outside = ServerConnection(
            id: token, remoteAddress: endpointText(host: host, port: port), mailbox: mailbox)
        let connection = LoopConnection(descriptor: descriptor, token: token, handler: makeHandler(outside))
        connections[token] = connection
        poller.add(descriptor, token: token, interest: .reading)
        connection.handler.begin(&connection.output)
        settle(connection)
    }

    private func refuse(_ descriptor: Int32) {
        _ = configuration.refusal.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, sendFlags) }
        _ = close(descriptor)
    }

    private func serve(_ connection: LoopConnection, _ ready: PollInterest) {
        // A broken connection is reported as ready for both, wanted or not; reading or writing then tells.
        if connection.interest.isEmpty {
            if connection.isBroken { drop(connection) }
            return
        }
        if ready.contains(.reading), connection.interest.contains(.reading) { read(connection) }
        if connections[connection.token] != nil { settle(connection) }
    }

    private func read(_ connection: LoopConnection) {
        let count = recv(connection.descriptor, input.baseAddress, input.count, 0)
        if count > 0 {
            if connection.phase == .open {
                connection.handler.receive(
                    UnsafeRawBufferPointer(rebasing: input[..<count]), &connection.output)
            }
        } else if count == 0 {
            if connection.phase == .lingering { return drop(connection) }
            connection.inputEnded = true
        } else if errno != EAGAIN && errno != EINTR {
            drop(connection)
        }
    }

    /// Does what the handler asked for: writes, waits, closes.
    private func settle(_ connection: LoopConnection) {
        connection.applyTimer(now: now)
        if connection.output.count > configuration.maximumPendingOutput { return drop(connection) }
        guard connection.flush(now: now, stallLimit: configuration.stallLimit) else { return drop(connection) }
        while connection.phase == .open, connection.output.count == 0, connection.output.waitsForRoom {
            connection.output.roomIsBack()
            connection.handler.receive(UnsafeRawBufferPointer(start: nil, count: 0), &connection.output)
            connection.applyTimer(now: now)
            guard connection.flush(now: now, stallLimit: configuration.stallLimit) else { return drop(connection) }
        }
        if connection.phase == .open, connection.output.closes || connection.inputEnded {
            connection.phase = .flushing
            connection.deadline = nil
        }
        if connection.phase == .flushing, connection.output.count == 0 {
            if connection.inputEnded || stopsAt != nil && !connection.hasUnreadInput { return drop(connection) }
            connection.phase = .lingering
            connection.deadline = now + LoopConnection.lingerLimit
            _ = shutdown(connection.descriptor, Int32(SHUT_WR))
        }
        watch(connection)
    }

    private func watch(_ connection: LoopConnection) {
        var interest: PollInterest = connection.output.count > 0 ? .writing : []
        let readsOn =
            connection.phase == .lingering
            || connection.phase == .open && !connection.output.waitsForRoom && !connection.output.pausesReading
        if readsOn, connection.phase == .lingering || !connection.output.isFull { interest.insert(.reading) }
        if interest != connection.interest {
            connection.interest = interest
            poller.change(connection.descriptor, token: connection.token, interest: interest)
        }
        if let deadline = connection.nextDeadline, nextSweep.map({ deadline < $0 }) ?? true { nextSweep = deadline }
    }

    private func drop(_ connection: LoopConnection) {
        guard connections.removeValue(forKey: connection.token) != nil else { return }
        poller.remove(connection.descriptor)
        _ = close(connection.descriptor)
        connection.handler.end()
        if pausedUntil != nil { setAccepting(true) }
    }

    // MARK: Time

    /// Looks at every connection's time limits; no more often than each quarter of a second.
    private func sweep() {
        nextSweep = nil
        for connection in Array(connections.values) {
            if let stall = connection.stallDeadline, stall <= now {
                drop(connection)
            } else if let deadline = connection.deadline, deadline <= now {
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

    private func answerMailbox() {
        for request in mailbox.take() {
            switch request {
            case .send(let id, let bytes):
                guard let connection = connections[id], connection.phase == .open else { continue }
                connection.output.write(bytes)
                settle(connection)
            case .wake(let id):
                guard let connection = connections[id], connection.phase == .open else { continue }
                connection.handler.receive(UnsafeRawBufferPointer(start: nil, count: 0), &connection.output)
                settle(connection)
            case .close(let id):
                guard let connection = connections[id] else { continue }
                connection.output.close()
                settle(connection)
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
