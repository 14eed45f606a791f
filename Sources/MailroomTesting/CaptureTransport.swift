public import Mailroom
import Synchronization

/// A transport that keeps what it is given, for tests: one line swaps it into an app's composition.
///
/// ```swift
/// let capture = CaptureTransport()
/// let pipeline = try PipelineBuilder().broker(.memory()).transport(capture).build()
/// ```
///
/// Works for every channel. Answers that everyone was accepted, unless it is told to answer otherwise.
public final class CaptureTransport: Transport {
    /// What a test wants answered.
    public typealias Answer = @Sendable (Mail) async throws(TransportError) -> DeliveryReport

    private struct State {
        var mails: [Mail] = []
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let answer: Answer
    private let state = Mutex(State())

    /// A transport that accepts everything.
    public convenience init() {
        self.init { mail throws(TransportError) in DeliveryReport(all: mail.envelope.recipients, .accepted) }
    }

    /// A transport that answers as it is told. A mail counts as captured before it is answered.
    public init(_ answer: @escaping Answer) { self.answer = answer }

    /// Keeps the mail and answers as the transport was told. A mail whose delivery was cancelled beforehand, or whose
    /// deadline has passed, is not captured.
    public func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        guard !Task.isCancelled else { throw TransportError(.cancelled, "The delivery was cancelled beforehand.") }
        guard ContinuousClock.now < mail.deadline else {
            throw TransportError(.timedOut, "The mail's deadline had passed before its delivery.")
        }
        let woken = state.withLock { state in
            state.mails.append(mail)
            let count = state.mails.count
            let woken = state.waiting.filter { $0.count <= count }
            state.waiting.removeAll { $0.count <= count }
            return woken
        }
        for waiting in woken { waiting.continuation.resume() }
        return try await answer(mail)
    }

    /// Every mail so far, in the order of their attempts.
    public var mails: [Mail] { state.withLock { $0.mails } }

    /// Waits until so many mails were captured, and answers them.
    public func mails(atLeast count: Int) async -> [Mail] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.mails.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        return mails
    }
}
