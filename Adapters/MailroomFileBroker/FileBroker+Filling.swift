import Dispatch
import Foundation
import Mailroom

extension FileBroker {
    /// Reads the jobs that were handed out. A job whose record or content is damaged is set aside and not answered.
    func fill(_ handouts: [Handout], now: Date) async throws(BrokerError) -> [Lease] {
        let (layout, readers) = (settings.layout, readers)
        let read = await reading {
            var reading = HandoutReading(layout, readers)
            return reading.read(handouts)
        }
        var leases: [Lease] = []
        leases.reserveCapacity(handouts.count)
        var known: [(JobID, LeaseMemory.Job)] = []
        known.reserveCapacity(handouts.count)
        for (handout, result) in zip(handouts, read) {
            do throws(BrokerError) {
                let job: HandoutReading.Job
                if case .success(let read) = result { job = read } else { job = try await found(handout, result) }
                var lease = job.lease
                if !job.digests.isEmpty { lease.submission.attachments = try await attachments(job.digests) }
                leases.append(lease)
                known.append((handout.lease.job, job.memory))
            } catch {
                if error.code == .corrupt {
                    try await setAside(handout.lease, because: error.reason, now: now)
                } else {
                    // Nobody gets these leases: an attempt must not be used up by an error of the disk.
                    await giveBack(handouts.map(\.lease), now: now)
                    throw error
                }
            }
        }
        memory.note(known)
        return leases
    }

    /// What was read of a job, or what is there now if it was moved, and its segment deleted, since it was handed out.
    private func found(
        _ handout: Handout, _ result: Result<HandoutReading.Job, BrokerError>
    ) async throws(BrokerError) -> HandoutReading.Job {
        var (handout, result) = (handout, result)
        while true {
            do throws(BrokerError) {
                return try result.get()
            } catch {
                guard error.code == .segmentIsGone else { throw error }
                let lease = handout.lease
                let now = try await run { (queue) throws(BrokerError) in
                    queue.table.slot(of: lease.job).map { Handout(lease: lease, slot: $0, entry: queue.table[$0]) }
                }
                guard let now, now.entry.segment != handout.entry.segment else {
                    throw BrokerError(.corrupt, error.reason, mayHaveStored: false)
                }
                handout = now
                let (layout, readers) = (settings.layout, readers)
                result = await reading {
                    var reading = HandoutReading(layout, readers)
                    return reading.read([now])[0]
                }
            }
        }
    }

    /// Does what may wait for the disk on a thread that may.
    func reading<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) async -> Answer {
        await withUnsafeContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }

    private func attachments(_ digests: [SHA256Digest]) async throws(BrokerError) -> [Attachment.Content] {
        try await run { (queue) throws(BrokerError) in
            var contents: [Attachment.Content] = []
            for digest in digests {
                guard let content = try queue.attachments.content(digest, in: queue.log) else {
                    throw BrokerError(
                        .corrupt,
                        "an attachment of the job, digest \(digest), is damaged or missing: restore the queue's folder "
                            + "from a copy, or submit the message again",
                        mayHaveStored: false)
                }
                contents.append(content)
            }
            return contents
        }
    }

    private func setAside(_ lease: Lease.ID, because reason: String, now: Date) async throws(BrokerError) {
        try await run(room: 2048) { (queue) throws(BrokerError) in
            if queue.table.holds(lease) { try queue.setAside(lease.job, because: reason, at: now) }
        }
    }

    private func giveBack(_ leases: [Lease.ID], now: Date) async {
        let settlements = leases.map { Settlement($0, next: .release) }
        _ = try? await run(room: settlements.count * 1024) { (queue) throws(BrokerError) in
            try queue.settle(settlements, read: [:], at: now)
        }
    }
}
