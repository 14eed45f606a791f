import Mailroom
import Synchronization

/// How a stall ended.
enum StallEnd: Sendable {
    case released, late, cancelled
}

extension CaptureTransport {
    /// Lets the deliveries go on that stall, of all mails captured so far.
    public func release() {
        let released = state.withLock { state in
            state.released = state.captured.count
            defer { state.stalled = [] }
            return state.stalled
        }
        for stalled in released { stalled.end.give(.released) }
    }

    func apply(
        _ deed: CaptureFault.Deed, to captured: CapturedMail, _ report: inout DeliveryReport
    ) async throws(TransportError) {
        switch deed {
        case .refuse(let recipients, let status, let reply, let retryAfter):
            let reply = reply ?? status.defaultReply(on: captured.channel)
            let isAnyConcerned = report.change(recipients, of: captured.envelope) { outcome in
                outcome.status = status
                outcome.reply = reply
            }
            if isAnyConcerned, let retryAfter { report.retryAfter = retryAfter }
        case .loseReply(let recipients):
            _ = report.change(recipients, of: captured.envelope) { outcome in
                outcome.status = .unknown
                outcome.reply = nil
                outcome.remoteID = nil
            }
        case .fail(let error):
            throw error
        case .stall:
            let end = await stall(captured)
            // Who is in doubt by now stays so: the next hop has their mail.
            if report.outcomes.contains(where: { $0.status == .unknown }) { return }
            switch end {
            case .released: return
            case .late: throw TransportError(.timedOut, "The next hop did not answer: the test lets it stall.")
            case .cancelled: throw TransportError(.cancelled, "The delivery was cancelled while the test let it stall.")
            }
        }
    }

    private func stall(_ captured: CapturedMail) async -> StallEnd {
        let end = await FirstAnswer<StallEnd>.wait(
            until: captured.mail.deadline, late: .late, cancelled: { .cancelled }
        ) { end in
            let isReleased = state.withLock { state in
                if state.released >= captured.number { return true }
                state.stalled.append((captured.number, end))
                return false
            }
            if isReleased { end.give(.released) }
        }
        state.withLock { state in state.stalled.removeAll { $0.number == captured.number } }
        return end
    }
}

extension DeliveryReport {
    /// Changes the outcomes of some recipients of the envelope; false when it has none of them.
    fileprivate mutating func change(
        _ recipients: CaptureFault.Recipients, of envelope: Envelope, _ change: (inout RecipientOutcome) -> Void
    ) -> Bool {
        let chosen = envelope.recipients.enumerated().filter { recipients.includes($0.offset + 1, $0.element) }
        for (_, recipient) in chosen {
            for place in outcomes.indices where outcomes[place].recipient == recipient.address {
                change(&outcomes[place])
            }
        }
        return !chosen.isEmpty
    }
}

extension RecipientOutcome.Status {
    fileprivate func defaultReply(on channel: Channel) -> Reply {
        let isForNow = self == .refusedForNow
        let text = isForNow ? "busy, the test says" : "no such user, the test says"
        guard channel == .email else { return Reply(code: 0, text: text) }
        return isForNow
            ? Reply(code: 451, enhancedStatus: "4.3.0", text: text)
            : Reply(code: 550, enhancedStatus: "5.1.1", text: text)
    }
}
