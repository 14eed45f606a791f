import Foundation
import Mailroom

extension FileQueue {
    /// Picks due jobs and records that they were handed out.
    func pick(_ request: LeaseRequest, now: Date, uptime: Duration) throws(BrokerError) -> QueueMachine.Picks {
        let picks = machine.pick(request, now: now, uptime: uptime)
        if !picks.expired.isEmpty {
            append(.ended(picks.expired, reason: "expired before it could be delivered", at: now))
        }
        guard !picks.leases.isEmpty else { return picks }
        do {
            let worker = try before { () throws(SystemError) in try workers.ownName(for: request.worker) }
            try leaseIsAwaited()
            append(.leased(.init(leases: picks.leases, worker: worker, expires: uptime + request.duration)))
        } catch {
            machine.putBack(picks)
            throw error
        }
        return picks
    }

    /// The leases with their content read back, and those whose content is damaged, with the reason.
    func fill(_ ids: [Lease.ID]) throws(BrokerError) -> (leases: [Lease], damaged: [Settlement]) {
        var leases: [Lease] = []
        leases.reserveCapacity(ids.count)
        var damaged: [Settlement] = []
        for id in ids {
            guard let granted = machine.lease(id) else { continue }
            var lease = granted.lease
            guard case .stored(let segment, let offset, let length) = granted.content else { continue }
            if try fill(&lease.submission, segment: segment, offset: Int(offset), length: Int(length)) {
                leases.append(lease)
            } else {
                let reason =
                    "its content in \(log.folder.segmentPath(segment)) at offset \(offset) is damaged: restore the "
                    + "queue's folder from a copy, or submit the message again"
                damaged.append(Settlement(id, next: .held, reason: reason))
            }
        }
        return (leases, damaged)
    }

    private func fill(
        _ submission: inout Submission, segment: UInt32, offset: Int, length: Int
    ) throws(BrokerError) -> Bool {
        let bytes = try log.bytes(segment: segment, offset: offset, count: length)
        guard bytes.count == length, let block = ContentBlock(bytes) else { return false }
        submission.payload = block.payload
        for digest in block.attachments {
            guard let content = try attachments.content(digest, in: log) else { return false }
            submission.attachments.append(content)
        }
        return true
    }
}
