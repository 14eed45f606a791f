import Mailroom
import MailroomFiles
import MailroomMIME
import Synchronization

/// One call of `deliver`, shared by the task that waits and the thread that writes. It is settled once, by whoever
/// comes first; until it is committed it can be given up at any moment.
final class SpoolDelivery: Sendable {
    typealias Outcome = Result<DeliveryReport, TransportError>

    /// How long a disk may still answer after cancellation.
    private static let grace = Duration.milliseconds(600)
    /// How long before the deadline the waiting ends.
    static let reserve = Duration.milliseconds(50)

    let mail: Mail
    /// The envelope as header fields, with CRLF.
    let fields: [UInt8]
    private let route: String
    /// Those whose address could not stand in a field.
    private let refused: Set<Int>
    private let state = Mutex(State())

    private struct State {
        var continuation: CheckedContinuation<Outcome, Never>?
        var outcome: Outcome?
        var hasBegun = false
        var isCommitted = false
        /// Why it is to be given up.
        var stop: TransportError?
    }

    init(_ mail: Mail, route: String) {
        self.mail = mail
        self.route = route
        var fields = Array("Return-Path: <\(mail.envelope.reversePath.map(Self.written) ?? "")>\r\n".utf8)
        var refused: Set<Int> = []
        for (index, recipient) in mail.envelope.recipients.enumerated() {
            let address = recipient.address.utf8
            guard !address.isEmpty, address.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
                refused.insert(index)
                continue
            }
            let written = (try? EmailAddress(recipient.address)).map(Self.written) ?? recipient.address
            fields += "Envelope-To: \(written)\r\n".utf8
        }
        self.fields = fields
        self.refused = refused
    }

    /// An address as a field has it: in ASCII, but for a local part that has no such form (RFC 6532 §3.2).
    private static func written(_ address: EmailAddress) -> String { "\(address.localPart)@\(address.asciiDomain)" }

    /// Whether there is anyone to write for.
    var hasRecipients: Bool { refused.count < mail.envelope.recipients.count }

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

    func cancel() {
        stop(TransportError(.cancelled, "The delivery was cancelled before its file was in place."), Self.grace)
    }

    func expire() {
        stop(TransportError(.timedOut, "The mail's time ran out before its file was in place."), .zero)
    }

    /// Gives up what has not begun; what has is waited for a little.
    private func stop(_ error: TransportError, _ grace: Duration) {
        let hasBegun = state.withLock { state in
            if state.stop == nil { state.stop = error }
            return state.hasBegun
        }
        guard hasBegun, grace > .zero else { return settleStopped() }
        Task.detached {
            try? await Task.sleep(for: grace)
            self.settleStopped()
        }
    }

    private func settleStopped() {
        settle { state in
            guard state.isCommitted else {
                return .failure(state.stop ?? TransportError(.cancelled, "The delivery was cancelled."))
            }
            let text = "The disk did not confirm the file in time. It may be there: look before sending it again."
            return .success(report(.unknown, nil, Reply(code: 0, text: text)))
        }
    }

    // MARK: The thread that writes

    /// False when nobody waits any more.
    func start() -> Bool {
        state.withLock { state in
            state.hasBegun = state.outcome == nil
            return state.hasBegun
        }
    }

    /// From now on the file may be in its place; false when it must not, because the delivery was given up.
    func commit() -> Bool {
        let isWanted = state.withLock { state in
            guard state.outcome == nil, state.stop == nil else { return false }
            state.isCommitted = true
            return true
        }
        if !isWanted { settleStopped() }
        return isWanted
    }

    func accept(_ name: String) { settle { _ in .success(report(.accepted, name)) } }

    func fail(_ error: FileError) { settle { _ in .failure(error.transportError) } }

    /// The file is in its place, but nobody knows whether it stays there.
    func doubt(_ name: String, _ error: FileError) {
        settle { _ in .success(report(.unknown, name, Reply(code: 0, text: error.reason))) }
    }

    // MARK: Outcomes

    private func settle(_ outcome: (State) -> Outcome) {
        let (resumed, settled) = state.withLock { state -> (CheckedContinuation<Outcome, Never>?, Outcome?) in
            guard state.outcome == nil else { return (nil, nil) }
            let outcome = outcome(state)
            state.outcome = outcome
            defer { state.continuation = nil }
            return (state.continuation, outcome)
        }
        if let resumed, let settled { resumed.resume(returning: settled) }
    }

    func report(_ status: RecipientOutcome.Status, _ name: String?, _ reply: Reply? = nil) -> DeliveryReport {
        DeliveryReport(
            mail.envelope.recipients.enumerated().map { index, recipient in
                guard !refused.contains(index) else {
                    let reply = Reply(
                        code: 0, enhancedStatus: "5.1.3",
                        text: "The address is empty or holds a control character. Correct it.")
                    return RecipientOutcome(
                        recipient: recipient.address, status: .refused, reply: reply, route: route)
                }
                return RecipientOutcome(
                    recipient: recipient.address, status: status, reply: reply, route: route, remoteID: name)
            })
    }
}
