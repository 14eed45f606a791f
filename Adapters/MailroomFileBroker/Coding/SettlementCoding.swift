import Foundation
import Mailroom

extension ByteWriter {
    mutating func write(_ settlement: Settlement) {
        write(settlement.lease)
        write(settlement.report != nil)
        if let report = settlement.report { write(report) }
        switch settlement.next {
        case .finished: write(UInt8(0))
        case .retry(let due):
            write(UInt8(1))
            write(due)
        case .snooze(let until):
            write(UInt8(2))
            write(until)
        case .release: write(UInt8(3))
        case .dead: write(UInt8(4))
        case .held: write(UInt8(5))
        }
        write(settlement.reason)
        write(settlement.fingerprint != nil)
        if let fingerprint = settlement.fingerprint { write(fixed: fingerprint.rawValue) }
    }

    private mutating func write(_ report: DeliveryReport) {
        write(report.outcomes) { writer, outcome in
            writer.write(outcome.recipient)
            writer.write(outcome.status.rawValue)
            writer.write(outcome.reply != nil)
            if let reply = outcome.reply {
                writer.write(reply.code)
                writer.write(reply.enhancedStatus)
                writer.write(reply.text)
            }
            writer.write(outcome.route)
            writer.write(outcome.remoteID)
        }
        write(report.retryAfter != nil)
        if let duration = report.retryAfter { write(duration) }
    }
}

extension ByteReader {
    mutating func settlement() throws(Malformed) -> Settlement {
        let lease = try lease()
        let report = try flag() ? try self.report() : nil
        let next: Settlement.Next
        switch try byte() {
        case 0: next = .finished
        case 1: next = .retry(notBefore: try date())
        case 2: next = .snooze(until: try date())
        case 3: next = .release
        case 4: next = .dead
        case 5: next = .held
        default: throw Malformed(offset: 0)
        }
        let reason = try optionalString()
        let fingerprint = try flag() ? Fingerprint(rawValue: try fixed64()) : nil
        return Settlement(lease, report: report, next: next, reason: reason, fingerprint: fingerprint)
    }

    private mutating func report() throws(Malformed) -> DeliveryReport {
        let outcomes = try list { reader throws(Malformed) in
            let recipient = try reader.string()
            guard let status = RecipientOutcome.Status(rawValue: try reader.byte()) else {
                throw Malformed(offset: 0)
            }
            var reply: Reply?
            if try reader.flag() {
                reply = Reply(
                    code: try reader.integer(), enhancedStatus: try reader.optionalString(),
                    text: try reader.string())
            }
            return RecipientOutcome(
                recipient: recipient, status: status, reply: reply, route: try reader.string(),
                remoteID: try reader.optionalString())
        }
        return DeliveryReport(outcomes, retryAfter: try flag() ? try duration() : nil)
    }
}
