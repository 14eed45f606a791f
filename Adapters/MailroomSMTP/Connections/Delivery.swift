import Mailroom
import MailroomSockets
import Synchronization

/// One call of `deliver`, shared by the task that waits for it, the thread that carries it out, and the timer.
///
/// It is settled once, by whoever comes first. Until it is committed it can be given up or begun anew at any moment;
/// from then on, which is just before the final dot leaves, only the server's answer can free it of doubt.
final class Delivery: Sendable {
    typealias Outcome = Result<DeliveryReport, TransportError>

    /// How long the answer to a final dot is awaited after cancellation.
    static let grace = Duration.milliseconds(500)

    let mail: Mail
    let envelope: SMTPEnvelope
    let body: SMTPBody
    private let route: String
    private let state = Mutex(State())

    private struct State {
        var continuation: CheckedContinuation<Outcome, Never>?
        var outcome: Outcome?
        var isCommitted = false
        var graceEnd: ContinuousClock.Instant?
        /// Recipients refused one by one, and all the others at once.
        var refusals: [Int: SMTPClientSession.Refusal] = [:]
        var refusal: SMTPClientSession.Refusal?
        /// The connection that works for this mail alone.
        var connection: ConnectionStanding?
        var slot: Int?

        /// Returns what is to be resumed once the lock is released.
        mutating func settle(_ outcome: Outcome) -> CheckedContinuation<Outcome, Never>? {
            guard self.outcome == nil else { return nil }
            self.outcome = outcome
            connection = nil
            defer { continuation = nil }
            return continuation
        }
    }

    /// Checks and encodes; done by the caller's task, so that connections need not.
    /// - Parameter isNamed: whether the server may be told what to call the mail in its notifications.
    init(_ mail: Mail, route: String, isNamed: Bool = false) throws(TransportError) {
        self.mail = mail
        self.route = route
        envelope = try SMTPEnvelope(mail.envelope, identifier: isNamed ? mail.id.description : "")
        body = try SMTPBody(mail.bytes)
    }

    // MARK: The waiting task

    /// Takes what waits; false when it was settled at once.
    func begin(_ continuation: CheckedContinuation<Outcome, Never>) -> Bool {
        let outcome = state.withLock { state -> Outcome? in
            if state.outcome == nil { state.continuation = continuation }
            return state.outcome
        }
        if let outcome { continuation.resume(returning: outcome) }
        return outcome == nil
    }

    /// Gives up if nobody can be in doubt; otherwise returns until when the answer may still come.
    func cancel() -> ContinuousClock.Instant? {
        let (resumed, graceEnd) = state.withLock {
            state -> (CheckedContinuation<Outcome, Never>?, ContinuousClock.Instant?) in
            guard state.outcome == nil else { return (nil, nil) }
            guard state.isCommitted else {
                state.connection?.interruption.interrupt()
                return (state.settle(.failure(Self.cancelled)), nil)
            }
            state.graceEnd = min(.now + Self.grace, mail.deadline)
            return (nil, state.graceEnd)
        }
        resumed?.resume(returning: .failure(Self.cancelled))
        return graceEnd
    }

    private static let cancelled = TransportError(.cancelled, "The delivery was cancelled before the message was sent.")

    // MARK: The timer

    /// When the waiting must end.
    var due: ContinuousClock.Instant { state.withLock { $0.graceEnd ?? mail.deadline } }

    /// Ends the waiting, and with it the connection that works for this mail alone.
    func expire() {
        let reason =
            if let point = state.withLock({ $0.connection?.point }) {
                "The mail's time ran out where \(point) was due. Check the server, or allow more time."
            } else {
                "The mail's time ran out while it waited for its turn. Allow more connections, or more time."
            }
        fail(TransportError(.timedOut, "\(route): \(reason)"), interrupting: true)
    }

    /// Where the pool keeps it.
    var slot: Int? {
        get { state.withLock { $0.slot } }
        set { state.withLock { $0.slot = newValue } }
    }

    // MARK: The connection

    var isSettled: Bool { state.withLock { $0.outcome != nil } }

    /// Says that the connection now works for this mail alone; false when it is settled already.
    func moveToFront(of connection: ConnectionStanding) -> Bool {
        state.withLock { state in
            guard state.outcome == nil else { return false }
            state.connection = connection
            return true
        }
    }

    /// Says that the connection is lost and none of the mail was taken; false when it need not be begun anew, because
    /// nobody waits or everyone was refused.
    func release() -> Bool {
        state.withLock { state in
            guard state.outcome == nil, state.graceEnd == nil, state.refusal == nil else { return false }
            state.connection = nil
            state.refusals = [:]
            return true
        }
    }

    func refuse(_ refusal: SMTPClientSession.Refusal, recipient index: Int) {
        state.withLock { $0.refusals[index] = refusal }
    }

    func refuseRest(_ refusal: SMTPClientSession.Refusal) { state.withLock { $0.refusal = refusal } }

    /// From now on the final dot may leave; false when it must not, because nobody waits any more.
    func commit() -> Bool {
        state.withLock { state in
            guard state.outcome == nil else { return false }
            state.isCommitted = true
            return true
        }
    }

    /// The final dot cannot have left after all.
    func withdraw() { state.withLock { $0.isCommitted = false } }

    var isCommitted: Bool { state.withLock { $0.isCommitted } }

    // MARK: Outcomes

    /// A settled delivery whose task still has to be told.
    struct Waking {
        fileprivate let continuation: CheckedContinuation<Outcome, Never>
        fileprivate let outcome: Outcome

        func resume() { continuation.resume(returning: outcome) }
    }

    /// The server answered for everyone who was not refused before. Who waits is told by ``Waking/resume()``.
    func answer(_ status: RecipientOutcome.Status, _ reply: Reply) -> Waking? {
        settlement { state in
            if status == .accepted, !state.isCommitted {
                return .failure(
                    TransportError(
                        .protocolViolation, "The server accepted a message that it had not been given to its end",
                        reply: reply))
            }
            let remoteID = status == .accepted ? Self.queueID(in: reply.text) : nil
            return .success(report(state, others: status, reply, remoteID: remoteID))
        }
    }

    /// Nothing more will come: everyone in doubt is unknown; if nobody is, what refusals are known are reported, and
    /// without any the whole delivery failed.
    func fail(_ error: TransportError, interrupting: Bool = false) {
        settle(interrupting: interrupting) { state in
            let reason = state.graceEnd == nil ? error.reason : "The delivery was cancelled before the answer came."
            let reply = error.reply ?? Reply(code: 0, text: reason)
            if state.isCommitted { return .success(report(state, others: .unknown, reply)) }
            if state.graceEnd != nil { return .failure(Self.cancelled) }
            // Where the two sides are out of step, a refusal may have been meant for somebody else.
            if error.code == .protocolViolation { return .failure(error) }
            if state.refusals.isEmpty, state.refusal == nil { return .failure(error) }
            return .success(report(state, others: .refusedForNow, reply))
        }
    }

    private func settle(interrupting: Bool = false, _ outcome: (State) -> Outcome) {
        settlement(interrupting: interrupting, outcome)?.resume()
    }

    /// The interruption belongs to the settling: later, the connection may work for another mail.
    private func settlement(interrupting: Bool = false, _ outcome: (State) -> Outcome) -> Waking? {
        state.withLock { state in
            guard state.outcome == nil else { return nil }
            let outcome = outcome(state)
            if interrupting { state.connection?.interruption.interrupt() }
            return state.settle(outcome).map { Waking(continuation: $0, outcome: outcome) }
        }
    }

    private func report(
        _ state: State, others status: RecipientOutcome.Status, _ reply: Reply, remoteID: String? = nil
    ) -> DeliveryReport {
        var outcomes: [RecipientOutcome] = []
        outcomes.reserveCapacity(mail.envelope.recipients.count)
        for (index, recipient) in mail.envelope.recipients.enumerated() {
            if let refusal = state.refusals[index] ?? state.refusal {
                outcomes.append(
                    RecipientOutcome(
                        recipient: recipient.address, status: refusal.status, reply: refusal.reply, route: route))
            } else {
                outcomes.append(
                    RecipientOutcome(
                        recipient: recipient.address, status: status, reply: reply, route: route, remoteID: remoteID))
            }
        }
        return DeliveryReport(outcomes)
    }

    /// What the server calls the message, from the words `queued as X` that many servers use.
    private static func queueID(in text: String) -> String? {
        let mark: StaticString = "queued as "
        return mark.withUTF8Buffer { mark in
            var text = text
            return text.withUTF8 { text in
                guard text.count > mark.count else { return nil }
                for start in 0..<(text.count - mark.count) where text[start] | 0x20 == mark[0] {
                    guard zip(text[start...], mark).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else { continue }
                    let name = text[(start + mark.count)...].prefix { $0 > 32 && $0 != 59 && $0 != 41 && $0 != 44 }
                    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
                }
                return nil
            }
        }
    }
}
