package import Foundation

/// Everything that is recorded of a job but its place in the queue, and what happens to it, as pure decisions.
package struct JobDetails: Sendable {
    /// As it was submitted, without payload and attachments.
    package var header: Submission
    package var recipients: [RecipientRecord]
    /// When it was last settled or acted on.
    package var updatedAt: Date
    package var error: String?
    package var fingerprint: Fingerprint?
    /// The lease whose decision was taken last: settling it again changes nothing.
    package var settledToken: UInt64?
    package var content: Content

    /// A job's payload and attachments, or where they are.
    package enum Content: Sendable {
        /// Here.
        case bytes(payload: [UInt8], attachments: [Attachment.Content])
        /// In a broker's store, at a place that only the broker understands, with the digests of its attachments.
        case stored(segment: UInt32, offset: UInt32, length: UInt32, digests: [SHA256Digest])
        /// Gone: the job is finished.
        case none
    }

    /// A job that comes in.
    package init(_ header: Submission, content: Content) {
        self.header = header
        self.content = content
        recipients = header.recipients.map { RecipientRecord($0, at: header.createdAt) }
        updatedAt = header.createdAt
    }

    /// The record of the send.
    package func record(_ entry: JobEntry) -> JobRecord {
        JobRecord(
            id: header.id, queue: header.queue, channel: header.channel, messageID: header.messageID,
            tags: header.tags, state: entry.state, attempts: Int(entry.attempts), createdAt: header.createdAt,
            updatedAt: updatedAt,
            notBefore: entry.state.isSettled ? header.notBefore : Date(milliseconds: entry.time), error: error,
            recipients: recipients)
    }

    /// What a worker is given. The submission comes without its content.
    package func lease(_ id: Lease.ID, _ entry: JobEntry) -> Lease {
        Lease(
            id: id, submission: header, attempt: Int(entry.attempts), earlierAttemptLost: entry.lostAttempts > 0,
            recipients: recipients, fingerprint: fingerprint, isRevived: entry.flags.contains(.isRevived))
    }

    /// Until when the idempotency key lives after a settlement at a time, in milliseconds.
    func keyUntil(_ time: Date) -> Int64 {
        header.idempotency.map { time.advanced(by: $0.lifetime).milliseconds } ?? 0
    }
}

extension JobDetails {
    /// Why a job is dead that waited too long.
    package static let expiredInLine = "expired before it could be delivered"
}
