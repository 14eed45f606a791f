import Mailroom
import MailroomMIME
import MailroomTesting
import Synchronization
import TestSupport

/// A transport to a next hop in memory, with a flaw.
final class FlawedTransport: Transport {
    enum Flaw: CaseIterable {
        case none
        case leavesSomeoneOut, respellsAddresses, reportsTwice
        case stopsAtARefusal, refusesAllForGood, acceptsTheRefused, takesRefusalsOfMailForTransient
        case givesUpWhenUnreachable, throwsAfterSending, throwsDoubt, callsDoubtRefused
        case forgetsBlindRecipients, convertsLineEnds, inventsASender
        case datesEachCopy, numbersItsRoutes, mixesMails, trustsAddresses, truncatesCharacters
        case ignoresEarlyCancellation, ignoresCancellation, throwsWhenCancelledLate, ignoresDeadlines
        case throwsAtALateDeadline, sendsLateMail, hangsAfterShutdown, acceptsAfterShutdown, hangsInShutdown
        case tellsPasswords
    }

    private struct State {
        var arrivals: [TransportBench.Arrival] = []
        var current: Mail?
        var deliveries = 0
        var isShutDown = false
    }

    private let behaviour: NextHopBehaviour
    private let flaw: Flaw
    private let state = Mutex(State())
    private let reached = Gate()

    init(_ behaviour: NextHopBehaviour, _ flaw: Flaw) {
        self.behaviour = behaviour
        self.flaw = flaw
    }

    static func bench(_ behaviour: NextHopBehaviour, _ flaw: Flaw) -> TransportBench {
        let transport = FlawedTransport(behaviour, flaw)
        var bench = TransportBench(transport) { transport.state.withLock { $0.arrivals } }
        bench.reached = { await transport.reached.wait() }
        bench.secrets = ["pass word"]
        return bench
    }

    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        let (number, isShutDown) = state.withLock { state in
            state.deliveries += 1
            state.current = mail
            return (state.deliveries, state.isShutDown)
        }
        if isShutDown {
            if flaw == .hangsAfterShutdown { await hang() }
            if flaw != .acceptsAfterShutdown { throw TransportError(.cancelled, "It was shut down.") }
            return DeliveryReport(all: mail.envelope.recipients, .accepted)
        }
        if Task.isCancelled, flaw != .ignoresEarlyCancellation { throw TransportError(.cancelled, "Cancelled.") }
        if mail.deadline <= .now, flaw != .sendsLateMail { throw TransportError(.timedOut, "Too late.") }
        switch behaviour {
        case .isUnreachable:
            throw TransportError(
                .connectionFailed, flaw == .tellsPasswords ? "user:pass word@host" : "Nobody there.",
                isTransient: flaw != .givesUpWhenUnreachable)
        case .refusesMail(let forGood):
            if flaw == .acceptsTheRefused { return DeliveryReport(all: mail.envelope.recipients, .accepted) }
            throw TransportError(
                .refused, "Refused.", isTransient: !forGood || flaw == .takesRefusalsOfMailForTransient)
        case .neverAnswers:
            reached.open()
            try await wait(for: mail)
        default: break
        }
        if flaw == .mixesMails { await Task.yield() }
        let written = flaw == .mixesMails ? state.withLock { $0.current ?? mail } : mail
        let report = take(written, instead: mail, number)
        switch behaviour {
        case .takesAndHangsUp:
            if flaw == .throwsDoubt { throw TransportError(.connectionLost, "Lost.") }
            return DeliveryReport(all: mail.envelope.recipients, flaw == .callsDoubtRefused ? .refusedForNow : .unknown)
        case .takesAndNeverAnswers:
            reached.open()
            do throws(TransportError) {
                try await wait(for: mail)
            } catch {
                if error.code == .cancelled, flaw == .throwsWhenCancelledLate { throw error }
                if error.code == .timedOut, flaw == .throwsAtALateDeadline { throw error }
            }
            return DeliveryReport(all: mail.envelope.recipients, .unknown)
        default:
            if flaw == .throwsAfterSending { throw TransportError(.connectionLost, "Lost.") }
            return report
        }
    }

    func shutdown() async {
        let isWaited = behaviour == .neverAnswers && flaw == .hangsInShutdown
        state.withLock { $0.isShutDown = true }
        if isWaited { await hang() }
    }

    // MARK: The next hop

    private func take(_ mail: Mail, instead asked: Mail, _ number: Int) -> DeliveryReport {
        var (forNow, forGood): ([String], [String]) = ([], [])
        if case .refuses(let now, let good) = behaviour { (forNow, forGood) = (now, good) }
        var taken: [String] = []
        var outcomes: [RecipientOutcome] = []
        let stops = flaw == .stopsAtARefusal && mail.envelope.recipients.contains { forGood.contains($0.address) }
        for recipient in mail.envelope.recipients {
            var status = RecipientOutcome.Status.accepted
            let address = recipient.address
            if stops || forGood.contains(address) {
                status = .refused
            } else if forNow.contains(address) {
                status = flaw == .refusesAllForGood ? .refused : .refusedForNow
            } else if flaw == .trustsAddresses {
                taken += address.split(whereSeparator: \.isNewline).map(String.init)
            } else if flaw == .truncatesCharacters {
                let bytes = address.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
                taken += bytes.split { $0 == 13 || $0 == 10 }.map { String(decoding: $0, as: UTF8.self) }
            } else if (try? EmailAddress(address)) == nil {
                status = .refused
            } else if flaw != .forgetsBlindRecipients || recipient.role != .bcc {
                taken.append(address)
            }
            let spelling = flaw == .respellsAddresses ? address.lowercased() : address
            if flaw == .acceptsTheRefused { status = .accepted }
            let route = "memory:" + (flaw == .numbersItsRoutes ? "\(number)" : "")
            outcomes.append(RecipientOutcome(recipient: spelling, status: status, route: route))
        }
        if flaw == .leavesSomeoneOut { outcomes.removeLast() }
        if flaw == .reportsTwice, let first = outcomes.first { outcomes.append(first) }
        if flaw == .mixesMails {
            outcomes = asked.envelope.recipients.map { .init(recipient: $0.address, status: .accepted) }
        }
        var content = mail.bytes
        if flaw == .convertsLineEnds { content.removeAll { $0 == 13 } }
        if flaw == .datesEachCopy { content += Array("\(number)".utf8) }
        var sender = mail.envelope.reversePath?.description
        if flaw == .inventsASender { sender = sender ?? "postmaster@example.org" }
        if !taken.isEmpty || stops {
            let arrival = TransportBench.Arrival(reversePath: sender, recipients: taken, content: content)
            state.withLock { $0.arrivals.append(arrival) }
        }
        return DeliveryReport(outcomes)
    }

    private func wait(for mail: Mail) async throws(TransportError) {
        switch flaw {
        case .ignoresDeadlines: await hang()
        case .ignoresCancellation: await hang(until: mail.deadline)
        default:
            do {
                try await silence(until: mail.deadline)
            } catch {
                throw TransportError(.cancelled, "Cancelled.")
            }
        }
        throw TransportError(.timedOut, "Time ran out.")
    }

    /// Waits, cancelled or not: a task of its own is not cancelled with this one.
    private func hang(until deadline: ContinuousClock.Instant? = nil) async {
        await Task { try? await silence(until: deadline) }.value
    }
}
