import Foundation
import Mailroom

/// A job as the server keeps it; its places are those that the scripts name.
struct StoredJob {
    struct StoredRecipient {
        var address: String
        var status: RecipientRecord.Status
        var error: String?
        var updatedAt: Int64
        var sentAt: Int64?
        var route: String
        var remoteID: String?
        var isPossibleDuplicate: Bool
    }

    /// As it is stored: 0 for a job that waits, else the raw value of its state.
    var state: Int64 = 0
    var queue: String
    /// Without payload and attachments.
    var header: [UInt8]
    var attempts: Int64 = 0
    var lostAttempts: Int64 = 0
    var mayHaveBeenSent = false
    var isRevived = false
    var settledToken: Int64 = 0
    var due: Int64
    var updatedAt: Int64
    var error: String?
    var fingerprint: [UInt8] = []
    var token: Int64 = 0
    var worker = ""
    var expiresAt: Int64
    var createdAt: Int64
    var key: String?
    var keyLifetime: Int64 = 0
    var keyFingerprint: [UInt8] = []
    var digests: [[UInt8]]
    var hasContent = true
    /// Name and value with a zero octet between them.
    var tags: [String]
    var recipients: [StoredRecipient]
    /// The number of the call that leased it last.
    var asked: [UInt8] = []
    var number: Int64 = 0

    init(_ submission: Submission) {
        queue = submission.queue.rawValue
        header = submission.encodedHeader()
        createdAt = submission.createdAt.milliseconds
        due = max(submission.notBefore.milliseconds, createdAt)
        updatedAt = createdAt
        expiresAt = submission.expiresAt.milliseconds
        if let guarded = submission.idempotency {
            key = guarded.key
            keyLifetime = guarded.lifetime.milliseconds
            keyFingerprint = guarded.fingerprint.octets
        }
        digests = submission.attachments.isEmpty ? [] : submission.attachments.map(\.digest.octets)
        tags = submission.tags.isEmpty ? [] : StoredJob.tags(submission.tags)
        recipients = []
        recipients.reserveCapacity(submission.recipients.count)
        for recipient in submission.recipients {
            recipients.append(
                StoredRecipient(
                    address: recipient.address, status: .pending, updatedAt: createdAt, route: "",
                    isPossibleDuplicate: false))
        }
    }

    static func tags(_ tags: [String: String]) -> [String] { tags.map { "\($0.key)\0\($0.value)" }.sorted() }

    /// The job as MessagePack; without the number that the server appends to a new one.
    func encoded(isNew: Bool) -> [UInt8] {
        var writer = MessagePackWriter(reserving: header.count + 160 + recipients.count * 64)
        writer.write(arrayOf: 25)
        writer.write(state)
        writer.write(queue)
        writer.write(header)
        writer.write(attempts)
        writer.write(lostAttempts)
        writer.write(mayHaveBeenSent ? 1 : 0)
        writer.write(isRevived ? 1 : 0)
        writer.write(settledToken)
        writer.write(due)
        writer.write(updatedAt)
        writer.write(orFalse: error)
        writer.write(fingerprint)
        writer.write(token)
        writer.write(worker)
        writer.write(expiresAt)
        writer.write(createdAt)
        writer.write(orFalse: key)
        writer.write(keyLifetime)
        writer.write(keyFingerprint)
        writer.write(arrayOf: digests.count)
        for digest in digests { writer.write(digest) }
        writer.write(hasContent ? 1 : 0)
        writer.write(arrayOf: tags.count)
        for tag in tags { writer.write(tag) }
        writer.write(arrayOf: recipients.count)
        for recipient in recipients {
            writer.write(arrayOf: 8)
            writer.write(recipient.address)
            writer.write(Int64(recipient.status.rawValue))
            writer.write(orFalse: recipient.error)
            writer.write(recipient.updatedAt)
            if let time = recipient.sentAt { writer.write(time) } else { writer.write(false) }
            writer.write(recipient.route)
            writer.write(orFalse: recipient.remoteID)
            writer.write(recipient.isPossibleDuplicate ? 1 : 0)
        }
        writer.write(asked)
        if !isNew {
            writer.write(number)
        }
        return writer.bytes
    }
}

extension StoredJob {
    /// Reads a job; throws ``BrokerError/Code/corrupt`` where it is none.
    init(_ bytes: [UInt8]) throws(BrokerError) {
        do {
            var reader = MessagePackReader(bytes)
            try self.init(&reader)
        } catch {
            throw BrokerError(
                .corrupt, "a stored job cannot be read: it is damaged, or a newer version wrote it",
                mayHaveStored: false)
        }
    }

    private init(_ reader: inout MessagePackReader) throws(MessagePackReader.Malformed) {
        guard try reader.array() == 25 else { throw MessagePackReader.Malformed() }
        state = try reader.integer()
        queue = try reader.string()
        header = Array(try reader.octets())
        attempts = try reader.integer()
        lostAttempts = try reader.integer()
        mayHaveBeenSent = try reader.integer() == 1
        isRevived = try reader.integer() == 1
        settledToken = try reader.integer()
        due = try reader.integer()
        updatedAt = try reader.integer()
        error = try reader.stringOrFalse()
        fingerprint = Array(try reader.octets())
        token = try reader.integer()
        worker = try reader.string()
        expiresAt = try reader.integer()
        createdAt = try reader.integer()
        key = try reader.stringOrFalse()
        keyLifetime = try reader.integer()
        keyFingerprint = Array(try reader.octets())
        digests = []
        for _ in 0..<(try reader.array()) { digests.append(Array(try reader.octets())) }
        hasContent = try reader.integer() == 1
        tags = []
        for _ in 0..<(try reader.array()) { tags.append(try reader.string()) }
        recipients = []
        for _ in 0..<(try reader.array()) {
            guard try reader.array() == 8 else { throw MessagePackReader.Malformed() }
            let address = try reader.string()
            guard let status = RecipientRecord.Status(rawValue: UInt8(truncatingIfNeeded: try reader.integer())) else {
                throw MessagePackReader.Malformed()
            }
            recipients.append(
                StoredRecipient(
                    address: address, status: status, error: try reader.stringOrFalse(),
                    updatedAt: try reader.integer(), sentAt: try reader.integerOrFalse(), route: try reader.string(),
                    remoteID: try reader.stringOrFalse(), isPossibleDuplicate: try reader.integer() == 1))
        }
        asked = Array(try reader.octets())
        number = try reader.integer()
    }
}
