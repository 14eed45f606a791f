import Mailroom
import MailroomSockets

/// One connection from its opening to its end, driven by the thread that calls ``run(_:)``.
final class SMTPConnection {
    /// Up to this size a message leaves in one write with the commands around it.
    private static let wholeBody = 64 << 10
    private static let block = 256 << 10
    /// What of a larger message stays back for the write with the final dot.
    private static let tail = 16 << 10

    private let pool: ConnectionPool
    private let seat: ConnectionPool.Seat
    private let configuration: SMTPConfiguration
    private let interruption = SocketInterruption()
    private var session: SMTPClientSession
    private var stream: (any SMTPStream)?
    /// The mail that is being sent or whose answer is awaited.
    private var front: Delivery?
    /// The mail whose commands were sent with the final dot of the one at the front.
    private var ahead: Delivery?
    /// What an earlier connection left behind, to be carried before anything else.
    private var backlog: [Delivery] = []
    /// How many mails the server has answered.
    private var answered = 0
    private var isLost = false
    private var waitEnd = ContinuousClock.now
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

    init(pool: ConnectionPool, seat: ConnectionPool.Seat) {
        self.pool = pool
        self.seat = seat
        configuration = pool.configuration
        session = SMTPClientSession(pool.configuration)
    }

    deinit { input.deallocate() }

    /// Connects and delivers these mails and those that follow, until the connection ends.
    /// - Returns: the mails of which nothing was taken when it died: a fresh one may carry them.
    func run(_ mails: [Delivery]) -> [Delivery] {
        backlog = mails
        let first = backlog.removeFirst()
        guard first.moveToFront(of: interruption) else { return backlog }
        front = first
        defer { stream?.close() }
        do throws(TransportError) {
            try connect(until: first.mail.deadline)
            try converse()
            return backlog
        } catch {
            return abandon(error)
        }
    }

    private func connect(until deadline: ContinuousClock.Instant) throws(TransportError) {
        do throws(SocketError) {
            stream = try TCPStream.connect(
                host: configuration.host, port: configuration.port,
                deadline: limit(configuration.timeouts.connect, deadline), interruption: interruption)
        } catch {
            throw TransportError(
                error.code == .interrupted ? .cancelled : .connectionFailed, "\(pool.route): \(error.description)")
        }
        waitEnd = limit(configuration.timeouts.greeting, deadline)
    }

    private func converse() throws(TransportError) {
        while true {
            try takeEvents()
            try flush()
            if front == nil {
                guard try begin() else { return quit() }
            } else {
                try receive()
            }
        }
    }

    /// Finds the next mail; false when the connection is no longer needed.
    private func begin() throws(TransportError) -> Bool {
        guard answered < configuration.messagesPerConnection else { return false }
        if !backlog.isEmpty || session.isOwedReply, let next = takeWaiting() {
            start(next)
            return true
        }
        // What the server still owes must not look like a farewell when the connection is used again.
        while session.isOwedReply {
            waitEnd = .now + min(configuration.timeouts.command ?? .seconds(10), .seconds(10))
            try receive()
            try takeEvents()
        }
        guard let next = pool.wait(seat) else { return false }
        start(next)
        if stream?.hasInput != false { throw TransportError(.connectionLost, "The connection died while idle.") }
        return true
    }

    private func takeWaiting() -> Delivery? { backlog.isEmpty ? pool.takeWaiting() : backlog.removeFirst() }

    private func start(_ next: Delivery) {
        guard next.moveToFront(of: interruption) else { return }
        front = next
        session.begin(next.envelope, size: next.body.size, isEightBit: next.body.isEightBit)
        restartLimit()
    }

    private func takeEvents() throws(TransportError) {
        while let event = session.next() {
            switch event {
            case .ready:
                if let front {
                    session.begin(front.envelope, size: front.body.size, isEightBit: front.body.isEightBit)
                }
            case .refusedRecipient(let index, let refusal): front?.refuse(refusal, recipient: index)
            case .refusedMail(let refusal): front?.refuseRest(refusal)
            case .bodyWanted: try sendBody()
            case .over: try advance { $0.fail(TransportError(.refused, "The server refused every recipient.")) }
            case .unsuitable(let error): try advance { $0.fail(error) }
            case .answered(let status, let reply): try advance { $0.answer(status, reply) }
            case .goodbye: return
            case .failed(let error): throw named(error)
            }
        }
    }

    /// Settles the mail at the front and turns to the next.
    private func advance(_ settle: (Delivery) -> Void) throws(TransportError) {
        answered += 1
        if let front { settle(front) }
        front = ahead
        ahead = nil
        guard let front else { return }
        // A mail given up meanwhile has its DATA on the wire: only the end of the connection takes that back.
        guard front.moveToFront(of: interruption) else { throw Self.givenUp }
        restartLimit()
    }

    private static let givenUp = TransportError(.cancelled, "Nobody waits for the delivery any more.")

    // MARK: Sending

    private func sendBody() throws(TransportError) {
        guard let front, !isLost else { throw TransportError(.connectionLost, "The connection was lost.") }
        let body = front.body
        var start = 0
        if body.bytes.count > Self.wholeBody {
            try flush()
            start = body.bytes.count - Self.tail
            try send(body.bytes, upTo: start, for: front)
            // A server that speaks now has refused the message and must not see its end.
            if stream?.hasInput != false { return try receive() }
        }
        guard front.commit() else { throw Self.givenUp }
        session.appendBody(body.bytes[start...])
        session.endBody(endsLine: body.endsLine)
        if answered + 1 < configuration.messagesPerConnection, session.canBegin, let next = takeWaiting() {
            ahead = next
            session.begin(next.envelope, size: next.body.size, isEightBit: next.body.isEightBit)
        }
        try flush()
    }

    private func send(_ bytes: [UInt8], upTo end: Int, for mail: Delivery) throws(TransportError) {
        var sent = 0
        while sent < end {
            if mail.isSettled { throw Self.givenUp }
            let block = sent..<min(sent + Self.block, end)
            let deadline = limit(configuration.timeouts.data, mail.mail.deadline)
            var taken = 0
            let failure = bytes.withUnsafeBytes { bytes in
                write(UnsafeRawBufferPointer(rebasing: bytes[block]), taken: &taken, deadline: deadline)
            }
            if let failure { throw try salvage(failure) }
            sent = block.upperBound
        }
    }

    private func flush() throws(TransportError) {
        guard !session.output.isEmpty, !isLost else { return }
        let deadline = limit(configuration.timeouts.data, front?.mail.deadline ?? .now + .seconds(1))
        var taken = 0
        let failure = session.output.withUnsafeBytes { write($0, taken: &taken, deadline: deadline) }
        if let failure {
            if let dotEnd = session.dotEnd, taken < dotEnd { front?.withdraw() }
            throw try salvage(failure)
        }
        session.outputWasSent()
        restartLimit()
    }

    private func write(
        _ bytes: UnsafeRawBufferPointer, taken: inout Int, deadline: ContinuousClock.Instant
    ) -> SocketError? {
        do throws(SocketError) {
            try stream?.write(bytes, taken: &taken, deadline: deadline)
            return nil
        } catch {
            return error
        }
    }

    /// What the server said before the connection broke tells more than that it broke.
    private func salvage(_ failure: SocketError) throws(TransportError) -> TransportError {
        isLost = true
        let error = lost(failure)
        guard failure.code != .interrupted else { return error }
        while let stream, stream.hasInput {
            guard let count = try? stream.read(into: input, deadline: .now), count > 0 else { break }
            session.receive(UnsafeRawBufferPointer(rebasing: input[..<count]))
        }
        try takeEvents()
        return error
    }

    // MARK: Receiving

    private func receive() throws(TransportError) {
        guard let stream else { return }
        let count: Int
        do throws(SocketError) {
            count = try stream.read(into: input, deadline: waitEnd)
        } catch {
            throw lost(error)
        }
        guard count > 0 else {
            throw named(
                TransportError(.connectionLost, "The server closed the connection where \(session.awaited) was due."))
        }
        session.receive(UnsafeRawBufferPointer(rebasing: input[..<count]))
    }

    /// The next answer may take as long as it may from now on.
    private func restartLimit() {
        guard let front else { return }
        let timeouts = configuration.timeouts
        waitEnd = limit(session.awaitsAnswer ? timeouts.finalDot : timeouts.command, front.mail.deadline)
    }

    private func limit(_ duration: Duration?, _ deadline: ContinuousClock.Instant) -> ContinuousClock.Instant {
        duration.map { min(.now + $0, deadline) } ?? deadline
    }

    private func lost(_ error: SocketError) -> TransportError {
        switch error.code {
        case .timedOut:
            named(
                TransportError(
                    .timedOut, "The time ran out where \(session.awaited) was due. Check the server, or allow more."))
        case .interrupted: TransportError(.cancelled, "The delivery was stopped.")
        default:
            named(
                TransportError(.connectionLost, "\(error.description) It happened where \(session.awaited) was due."))
        }
    }

    private func named(_ error: TransportError) -> TransportError {
        TransportError(
            error.code, "\(pool.route): \(error.reason)", isTransient: error.isTransient, reply: error.reply,
            retryAfter: error.retryAfter)
    }

    // MARK: The end

    /// Takes leave, waiting a moment for the answer, as RFC 5321 §4.1.1.10 wishes.
    private func quit() {
        session.quit()
        waitEnd = .now + .seconds(1)
        do throws(TransportError) {
            try flush()
            while session.isOwedReply {
                try receive()
                try takeEvents()
            }
        } catch {}
    }

    /// Settles what was on the connection, or returns it for another try where the connection was at fault, not the mail.
    private func abandon(_ error: TransportError) -> [Delivery] {
        var left: [Delivery] = []
        if let front {
            if !front.isCommitted, answered > 0, front.mail.deadline > .now, front.release() {
                left.append(front)
            } else {
                front.fail(error)
            }
        }
        if let ahead, ahead.release() { left.append(ahead) }
        (front, ahead) = (nil, nil)
        return left + backlog
    }
}
