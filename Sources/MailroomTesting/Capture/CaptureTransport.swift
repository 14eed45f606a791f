public import Mailroom
import Synchronization

/// A transport that keeps what it is given, for tests: one line swaps it into an app's composition.
///
/// ```swift
/// let capture = CaptureTransport()
/// let pipeline = try composition.broker(.memory()).capturing(capture).build()
/// // … let the app submit, and a worker run …
/// let mail = try capture.expectOne(.to("anna@example.org"), .subject("Invitation"))
/// ```
///
/// Each one is an inbox of its own and there is nothing global, so tests run side by side without seeing each other's
/// mail. One inbox may serve several channels, and several pipelines: it does not tell which of them sent a mail. It
/// keeps everything until ``removeAll()``.
///
/// Every attempt counts as one mail, whatever is answered: a mail that is tried three times is there three times. Everyone
/// is accepted, unless ``faults`` or a closure answer otherwise.
public final class CaptureTransport: Transport {
    /// What a test wants answered.
    public typealias Answer = @Sendable (Mail) async throws(TransportError) -> DeliveryReport

    struct State {
        var faults: [CaptureFault] = []
        /// The inbox.
        var captured = MailLog()
        /// Mails that were answered after somebody had looked at them, who is to look again.
        var answered = MailLog()
        /// How many had been captured when stalls were last released.
        var released = 0
        var stalled: [(number: Int, end: FirstAnswer<StallEnd>)] = []
        var watchers: [Int: Watcher] = [:]
        var nextWatcher = 0
        /// The number of events that the first of the watchers waits for.
        var firstWatched = Int.max
    }

    let state: Mutex<State>
    let time: any TimeSource
    private let answer: Answer?

    /// A transport that accepts everything but for these faults. Waits for mail are timed by its clock: give it a
    /// ``ManualClock`` and no real time passes.
    public init(_ faults: CaptureFault..., time: any TimeSource = .system) {
        state = Mutex(State(faults: faults))
        self.time = time
        answer = nil
    }

    /// A transport that answers as it is told. A mail counts as captured before it is answered.
    public init(time: any TimeSource = .system, _ answer: @escaping Answer) {
        state = Mutex(State())
        self.time = time
        self.answer = answer
    }

    /// What goes wrong, in this order; a change counts for mails that are captured after it. Without faults everyone is
    /// accepted, or whatever the closure answers.
    public var faults: [CaptureFault] {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    /// Keeps the mail and answers as the transport was told. A mail whose delivery was cancelled beforehand, or whose
    /// deadline has passed, is not captured.
    public func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        guard !Task.isCancelled else { throw TransportError(.cancelled, "The delivery was cancelled beforehand.") }
        guard ContinuousClock.now < mail.deadline else {
            throw TransportError(.timedOut, "The mail's deadline had passed before its delivery.")
        }
        let (captured, faults) = capture(mail)
        do throws(TransportError) {
            var report =
                if let answer { try await answer(mail) } else {
                    DeliveryReport(all: mail.envelope.recipients, .accepted)
                }
            for fault in faults where fault.concerns(captured) {
                try await apply(fault.deed, to: captured, &report)
            }
            note(.report(report), on: captured)
            return report
        } catch {
            note(.error(error), on: captured)
            throw error
        }
    }

    private func capture(_ mail: Mail) -> (CapturedMail, [CaptureFault]) {
        let (captured, faults, watchers) = state.withLock { state in
            let captured = CapturedMail(mail, number: state.captured.count + 1)
            state.captured.append(captured)
            return (captured, state.faults, state.takeWatchers())
        }
        for watcher in watchers { watcher.continuation.resume() }
        return (captured, faults)
    }

    private func note(_ answer: CapturedMail.Answered, on captured: CapturedMail) {
        guard captured.take(answer) == .watched else { return }
        let watchers = state.withLock { state in
            state.answered.append(captured)
            return state.takeWatchers()
        }
        for watcher in watchers { watcher.continuation.resume() }
    }

    /// Every mail so far, in the order of the attempts.
    public var mails: [CapturedMail] { state.withLock { $0.captured.mails } }

    /// Empties the inbox, and answers what was in it. Numbers go on from there.
    @discardableResult
    public func removeAll() -> [CapturedMail] {
        state.withLock { state in
            defer {
                state.captured.removeAll()
                state.answered.removeAll()
            }
            return state.captured.mails
        }
    }
}
