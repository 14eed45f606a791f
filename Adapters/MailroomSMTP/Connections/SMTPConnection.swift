import Mailroom
import MailroomSockets

/// One connection from its opening to its end: takes deliveries from the pool and settles them, driven by the thread that
/// calls ``run(_:)``.
final class SMTPConnection {
    /// Up to this size a message leaves in one write with the commands around it.
    private static let wholeBody = 64 << 10
    /// Up to this size it leaves without waiting for the server to read: what it takes fits the system's buffer.
    private static let instantBody = 16 << 10
    private static let block = 256 << 10
    /// How many answers are told at once.
    private static let answersAtOnce = 8
    /// What of a larger message stays back for the write with its end.
    private static let tail = 16 << 10
    /// The size of a chunk of BDAT but the last.
    private static let chunk = 1 << 20

    private let pool: ConnectionPool
    private let seat: ConnectionPool.Seat
    private let configuration: SMTPConfiguration
    private let link: SMTPLink
    private let lifeEnd: ContinuousClock.Instant
    /// The mail that is being sent or whose answer is awaited.
    private var front: Delivery?
    /// The mail whose commands were sent with the end of the one at the front.
    private var ahead: Delivery?
    /// What an earlier connection left behind, to be carried before anything else.
    private var backlog: [Delivery] = []
    /// How many mails the server has answered.
    private var answered = 0
    /// Who is to be told of answers, a few at a time while others wait in line: waking a thread costs more than a mail.
    private var answers: [Delivery.Waking] = []
    /// How many replies had come when the wait for the next began.
    private var replies = 0
    /// How much of the body at the front has left in chunks.
    private var chunked = 0

    init(pool: ConnectionPool, seat: ConnectionPool.Seat) {
        self.pool = pool
        self.seat = seat
        configuration = pool.configuration
        link = SMTPLink(configuration, encryption: pool.encryption, number: seat.id)
        lifeEnd = .now + configuration.connectionLifetime
    }

    /// Connects and delivers these mails and those that follow, until the connection ends.
    /// - Returns: the mails of which nothing was taken when it died: a fresh one may carry them.
    func run(_ mails: [Delivery]) -> [Delivery] {
        backlog = mails
        let first = backlog.removeFirst()
        guard first.moveToFront(of: link.standing) else { return backlog }
        front = first
        defer {
            tellAnswers()
            link.transcribe()
            link.close()
        }
        do throws(TransportError) {
            try link.connect(until: first.mail.deadline)
            try converse()
            return backlog
        } catch {
            return abandon(error)
        }
    }

    private func converse() throws(TransportError) {
        while true {
            try takeEvents()
            if link.session.replies != replies { restartLimit() }
            replies = link.session.replies
            try flush()
            link.transcribe()
            if front == nil || answers.count >= Self.answersAtOnce || pool.waiting < Self.answersAtOnce {
                tellAnswers()
            }
            if front == nil {
                guard try begin() else { return quit() }
            } else {
                try link.receive { tellAnswers() }
            }
        }
    }

    private func tellAnswers() {
        for answer in answers { answer.resume() }
        answers.removeAll(keepingCapacity: true)
    }

    /// Whether it may carry one more mail.
    private var isFresh: Bool { answered < configuration.messagesPerConnection && .now < lifeEnd }

    /// Finds the next mail; false when the connection is no longer needed.
    private func begin() throws(TransportError) -> Bool {
        guard isFresh else { return false }
        if !backlog.isEmpty || link.session.isOwedReply, let next = takeWaiting() {
            start(next)
            return true
        }
        // What the server still owes must not look like a farewell when the connection is used again.
        link.waitEnd = .now + min(configuration.timeouts.command ?? .seconds(10), .seconds(10))
        while link.session.isOwedReply {
            try link.receive()
            try takeEvents()
        }
        guard let next = pool.wait(seat, until: lifeEnd) else { return false }
        start(next)
        if link.hasInput { throw TransportError(.connectionLost, "The connection died while idle.") }
        return true
    }

    private func takeWaiting() -> Delivery? { backlog.isEmpty ? pool.takeWaiting() : backlog.removeFirst() }

    private func start(_ next: Delivery) {
        guard next.moveToFront(of: link.standing) else { return }
        front = next
        beginMail(next)
        restartLimit()
    }

    private func beginMail(_ mail: Delivery) {
        link.session.begin(mail.envelope, size: mail.body.size, isEightBit: mail.body.isEightBit)
    }

    private func takeEvents() throws(TransportError) {
        while let event = link.session.next() {
            switch event {
            case .encryptionDue: try link.encrypt(until: deadline)
            case .secretDue: try link.authenticate(until: deadline)
            case .ready: if let front { beginMail(front) }
            case .refusedRecipient(let index, let refusal): front?.refuse(refusal, recipient: index)
            case .refusedMail(let refusal): front?.refuseRest(refusal)
            case .bodyWanted: try sendBody()
            case .over: try advance { $0.fail(TransportError(.refused, "The server refused every recipient.")) }
            case .unsuitable(let error): try advance { $0.fail(error) }
            case .answered(let status, let reply):
                try advance { front in if let answer = front.answer(status, reply) { answers.append(answer) } }
            case .goodbye: return
            case .failed(let error): throw link.named(error)
            }
        }
    }

    /// Settles the mail at the front and turns to the next.
    private func advance(_ settle: (Delivery) -> Void) throws(TransportError) {
        answered += 1
        chunked = 0
        if let front { settle(front) }
        front = ahead
        ahead = nil
        guard let front else { return }
        // A mail given up meanwhile has its DATA on the wire: only the end of the connection takes that back.
        guard front.moveToFront(of: link.standing) else { throw Self.givenUp }
        restartLimit()
    }

    private static let givenUp = TransportError(.cancelled, "Nobody waits for the delivery any more.")

    // MARK: Bodies

    private func sendBody() throws(TransportError) {
        guard let front, !link.isLost else { throw TransportError(.connectionLost, "The connection was lost.") }
        if front.body.size > Self.instantBody { tellAnswers() }
        if link.session.sendsChunks { return try sendChunk(of: front) }
        let body = front.body
        var start = 0
        if body.bytes.count > Self.wholeBody {
            try flush()
            let end = body.bytes.count - Self.tail
            while start < end {
                let block = start..<min(start + Self.block, end)
                try write(front) { send in body.withStuffed(block, send) }
                start = block.upperBound
                // A server that speaks now has refused the message and must not see its end.
                if link.hasInput { return try link.receive() }
            }
        }
        try finish(front) { session in
            session.appendBody { output in
                body.withStuffed(start..<body.bytes.count) { output.append(contentsOf: $0) }
            }
            session.endBody(endsLine: body.endsLine)
        }
    }

    /// Sends the next chunk; the answer to it asks for the one after.
    private func sendChunk(of front: Delivery) throws(TransportError) {
        let bytes = front.body.bytes
        let left = bytes.count - chunked
        guard left > Self.wholeBody else {
            return try finish(front) { session in
                session.beginChunk(left, isLast: true)
                session.appendBody(bytes[chunked...])
                session.end()
            }
        }
        let end = chunked + min(Self.chunk, left - Self.tail)
        link.session.beginChunk(end - chunked, isLast: false)
        try flush()
        while chunked < end {
            let block = chunked..<min(chunked + Self.block, end)
            try write(front) { send in bytes.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[block])) } }
            chunked = block.upperBound
        }
        restartLimit()
    }

    /// Sends the end of a message and with it, where there is one, the commands of the next mail.
    private func finish(_ front: Delivery, _ end: (inout SMTPClientSession) -> Void) throws(TransportError) {
        guard front.commit() else { throw Self.givenUp }
        end(&link.session)
        if answered + 1 < configuration.messagesPerConnection, link.session.canBegin, .now < lifeEnd,
            let next = takeWaiting()
        {
            ahead = next
            beginMail(next)
        }
        try flush()
    }

    // MARK: Sending

    private func write(
        _ mail: Delivery, _ block: ((UnsafeRawBufferPointer) -> SocketError?) -> SocketError?
    ) throws(TransportError) {
        if mail.isSettled { throw Self.givenUp }
        var taken = 0
        let failure = block { link.write($0, until: mail.mail.deadline, taken: &taken) }
        if let failure { throw try salvaged(failure) }
    }

    private func flush() throws(TransportError) {
        guard !link.session.output.isEmpty, !link.isLost else { return }
        // What fits the system's buffer leaves at once; for more, nobody may be kept waiting.
        if link.session.output.count > Self.instantBody { tellAnswers() }
        let dotEnd = link.session.dotEnd
        var taken = 0
        if let failure = link.flush(until: deadline, taken: &taken) {
            if let dotEnd, taken < dotEnd { front?.withdraw() }
            throw try salvaged(failure)
        }
        restartLimit()
    }

    private func salvaged(_ failure: SocketError) throws(TransportError) -> TransportError {
        let error = link.lost(failure)
        link.salvage(after: failure)
        try takeEvents()
        return error
    }

    /// When the mail at the front has no time left; without one, what is left to do is short.
    private var deadline: ContinuousClock.Instant { front?.mail.deadline ?? .now + .seconds(1) }

    private func restartLimit() { if let front { link.restartLimit(until: front.mail.deadline) } }

    // MARK: The end

    /// Takes leave, waiting a moment for the answer, as RFC 5321 §4.1.1.10 wishes.
    private func quit() {
        link.session.quit()
        link.waitEnd = .now + .seconds(1)
        do throws(TransportError) {
            try flush()
            while link.session.isOwedReply {
                try link.receive()
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
