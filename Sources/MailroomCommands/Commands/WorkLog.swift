import Foundation
import Mailroom

/// Which events a worker prints without being asked for more: how a job ended, and what went wrong.
struct WorkLog {
    private var lastCause: String?
    private var lastTime = Date.distantPast

    /// Of jobs that wait for the same cause, as all do while a next hop is left alone, one a minute is printed.
    mutating func takes(_ event: PipelineEvent) -> Bool {
        switch event.kind {
        case .submitted, .retryScheduled, .released: return false
        case .attemptFailed, .settled, .leaseLost, .brokerFailed: return true
        case .snoozed(_, let cause):
            let cause = cause?.filter { !$0.isNumber }
            guard cause != lastCause || event.time.timeIntervalSince(lastTime) >= 60 else { return false }
            lastCause = cause
            lastTime = event.time
            return true
        }
    }
}
