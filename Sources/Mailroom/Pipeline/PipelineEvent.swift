public import Foundation

/// Something that happened in this process' part of a pipeline. Its description is a log line.
public struct PipelineEvent: Sendable, CustomStringConvertible {
    /// What happened.
    public enum Kind: Sendable {
        /// A message was stored.
        case submitted(recipients: [String])
        /// An attempt left someone without the message.
        case attemptFailed(attempt: Int, cause: String)
        /// The job will be tried again at this time.
        case retryScheduled(at: Date)
        /// The job waits because it was asked to; that is no attempt.
        case snoozed(until: Date, cause: String?)
        /// The job reached its end.
        case settled(JobState, attempts: Int, error: String?)
        /// The job went back to its queue because the worker is stopping.
        case released
        /// The job's lease went to another worker; what was delivered is recorded.
        case leaseLost
        /// The broker cannot be reached; the worker goes on asking.
        case brokerFailed(String)
    }

    /// When it happened, by the pipeline's clock.
    public let time: Date
    /// The job; `nil` where it is about the broker.
    public let job: JobID?
    /// What happened.
    public let kind: Kind

    /// A log line, without the time.
    public var description: String {
        let subject = job.map { "job \($0)" } ?? "broker"
        switch kind {
        case .submitted(let recipients): return "\(subject) submitted for \(recipients.joined(separator: ", "))"
        case .attemptFailed(let attempt, let cause): return "\(subject) attempt \(attempt) failed: \(cause)"
        case .retryScheduled(let due):
            return "\(subject) next attempt in \(Int(due.timeIntervalSince(time).rounded())) s"
        case .snoozed(let until, let cause):
            let wait = "\(subject) waits \(Int(until.timeIntervalSince(time).rounded())) s"
            return cause.map { "\(wait): \($0)" } ?? wait
        case .settled(.finished, let attempts, _):
            return "\(subject) sent at attempt \(attempts)"
        case .settled(let state, let attempts, let error):
            return "\(subject) \(state) after attempt \(attempts): \(error ?? "no reason recorded")"
        case .released: return "\(subject) released"
        case .leaseLost: return "\(subject) lease lost to another worker"
        case .brokerFailed(let reason): return "\(subject) failed: \(reason)"
        }
    }
}
