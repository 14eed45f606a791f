import Foundation
import Mailroom

extension MessagePackWriter {
    /// A settlement as the script reads it.
    init(_ settlement: Settlement) {
        let outcomes = settlement.report?.outcomes
        self.init(reserving: 96 + (outcomes?.count ?? 0) * 96)
        write(arrayOf: 7)
        write(settlement.lease.job.octets)
        write(Int64(clamping: settlement.lease.token))
        let (next, time): (Int, Int64) =
            switch settlement.next {
            case .finished: (0, 0)
            case .retry(let due): (1, due.milliseconds)
            case .snooze(let until): (2, until.milliseconds)
            case .release: (3, 0)
            case .dead: (4, 0)
            case .held: (5, 0)
            }
        write(next)
        write(time)
        write(orFalse: settlement.reason)
        write(settlement.fingerprint?.octets ?? [])
        guard let outcomes else {
            write(false)
            return
        }
        write(arrayOf: outcomes.count)
        for outcome in outcomes {
            write(arrayOf: 5)
            write(outcome.recipient)
            write(Int(outcome.status.rawValue))
            write(orFalse: outcome.reply?.description)
            write(outcome.route)
            write(orFalse: outcome.remoteID)
        }
    }
}

extension SettleResult {
    /// What the script answered.
    init(code: Int64) {
        switch code {
        case -1: self = .unknownJob
        case -2: self = .leaseLost
        case 0: self = .settled(.scheduled)
        default: self = .settled(JobState(rawValue: UInt8(truncatingIfNeeded: code)) ?? .ready)
        }
    }
}
