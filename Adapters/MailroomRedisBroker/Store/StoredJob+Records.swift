import Foundation
import Mailroom

extension StoredJob {
    /// The state at a time of the server's clock.
    func state(at now: Int64) -> JobState {
        if state == 0 { return due > now ? .scheduled : .ready }
        return JobState(rawValue: UInt8(truncatingIfNeeded: state)) ?? .ready
    }

    func submission() throws(BrokerError) -> Submission { try Submission(encodedHeader: header[...]) }

    func record(at now: Int64) throws(BrokerError) -> JobRecord {
        let submission = try submission()
        return JobRecord(
            id: submission.id, queue: submission.queue, channel: submission.channel, messageID: submission.messageID,
            tags: submission.tags, state: state(at: now), attempts: Int(attempts), createdAt: submission.createdAt,
            updatedAt: Date(milliseconds: updatedAt), notBefore: Date(milliseconds: due), error: error,
            recipients: records(of: submission))
    }

    /// What is recorded of each recipient.
    func records(of submission: Submission) -> [RecipientRecord] {
        zip(submission.recipients, recipients).map { recipient, stored in
            var record = RecipientRecord(recipient, at: Date(milliseconds: stored.updatedAt))
            record.status = stored.status
            record.error = stored.error
            record.sentAt = stored.sentAt.map { Date(milliseconds: $0) }
            record.route = stored.route
            record.remoteID = stored.remoteID
            record.isPossibleDuplicate = stored.isPossibleDuplicate
            return record
        }
    }

    /// The lease that was granted with the job; its attachments are the caller's to add.
    func lease(payload: [UInt8]) throws(BrokerError) -> Lease {
        var submission = try submission()
        submission.payload = payload
        submission.expiresAt = Date(milliseconds: expiresAt)
        return Lease(
            id: Lease.ID(job: submission.id, token: UInt64(token)), submission: submission, attempt: Int(attempts),
            earlierAttemptLost: lostAttempts > 0, recipients: records(of: submission),
            fingerprint: Fingerprint(octets: fingerprint), isRevived: isRevived)
    }

    /// Without a recipient and everything that names them; for a settled job.
    func redacted(of address: String) throws(BrokerError) -> StoredJob {
        var job = self
        var submission = try submission()
        submission.recipients.removeAll { $0.hasAddress(address) }
        submission.tags = submission.tags.filter {
            !$0.key.containsAddress(address) && !$0.value.containsAddress(address)
        }
        if submission.idempotency?.key.containsAddress(address) == true {
            submission.idempotency = nil
            job.key = nil
        }
        job.header = submission.encodedHeader()
        job.tags = StoredJob.tags(submission.tags)
        job.recipients.removeAll { Recipient.to($0.address).hasAddress(address) }
        if job.error?.containsAddress(address) == true { job.error = "erased" }
        for index in job.recipients.indices {
            if job.recipients[index].error?.containsAddress(address) == true { job.recipients[index].error = "erased" }
            if job.recipients[index].remoteID?.containsAddress(address) == true {
                job.recipients[index].remoteID = nil
            }
        }
        return job
    }
}

extension JobID {
    /// The id as keys have it.
    var octets: [UInt8] { UInt64.octets(of: high) + UInt64.octets(of: low) }

    init?(octets: ArraySlice<UInt8>) {
        guard octets.count == 16 else { return nil }
        self.init(high: UInt64(octets: octets.prefix(8)), low: UInt64(octets: octets.suffix(8)))
    }
}

extension Fingerprint {
    var octets: [UInt8] { UInt64.octets(of: rawValue) }

    init?(octets: [UInt8]) {
        guard octets.count == 8 else { return nil }
        self.init(rawValue: UInt64(octets: octets[...]))
    }
}

extension SHA256Digest {
    var octets: [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(32)
        for index in 0..<8 { withUnsafeBytes(of: words[index].bigEndian) { octets.append(contentsOf: $0) } }
        return octets
    }
}

extension UInt64 {
    /// Eight octets, the highest first, so that they sort as the numbers do.
    static func octets(of value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    init(octets: ArraySlice<UInt8>) { self = octets.reduce(0) { $0 << 8 | UInt64($1) } }
}
