import Mailroom

/// Where attachments stand in the log, by digest, and the ones read last.
struct StoredAttachments {
    private struct Place {
        var position: Position
        /// Of the record, its head included.
        var length: Int
    }

    private var places: [SHA256Digest: Place] = [:]
    private var storedInCall: Set<SHA256Digest> = []
    private var cache: [SHA256Digest: Attachment.Content] = [:]
    private var cachedBytes = 0
    private var countAfterTrim = 0
    private static let cacheLimit = 16 << 20

    /// Learns of a record that was read.
    mutating func note(_ record: StoredRecord) throws(ByteReader.Malformed) {
        var reader = ByteReader(record.bytes)
        places[try SHA256Digest(decoding: &reader)] = Place(
            position: record.position, length: RecordHead.size + record.bytes.count)
    }

    /// Stores attachments that no job needs yet.
    mutating func append(_ contents: [Attachment.Content], to log: Log, unlessNeededBy machine: QueueMachine) {
        for content in contents where !storedInCall.contains(content.digest) {
            storedInCall.insert(content.digest)
            if machine.needs(content.digest), places[content.digest] != nil { continue }
            let record = EncodedRecord(.attachment, reserving: 32 + content.bytes.count) { writer in
                content.digest.encode(into: &writer)
                writer.bytes.append(contentsOf: content.bytes)
            }
            places[content.digest] = Place(position: log.append(record), length: record.bytes.count)
        }
    }

    /// Forgets what the call under way has stored: from here on the machine knows.
    mutating func endCall() { storedInCall = [] }

    /// Forgets the places of attachments that no job needs any more, now and then.
    mutating func trim(neededBy machine: QueueMachine) {
        guard places.count > 2 * countAfterTrim + 64 else { return }
        places = places.filter { machine.needs($0.key) }
        countAfterTrim = places.count
    }

    /// Whether an attachment that is needed stands in this segment or an earlier one.
    func isNeeded(upTo segment: UInt32, by machine: QueueMachine) -> Bool {
        places.contains { $0.value.position.segment <= segment && machine.needs($0.key) }
    }

    /// Reads an attachment; `nil` where it is missing or damaged.
    mutating func content(_ digest: SHA256Digest, in log: Log) throws(BrokerError) -> Attachment.Content? {
        if let content = cache[digest] { return content }
        guard let place = places[digest] else { return nil }
        var bytes = try log.bytes(
            segment: place.position.segment, offset: Int(place.position.offset), count: place.length)
        let isWhole = bytes.withUnsafeBytes { bytes in
            RecordHead(bytes).map { $0.isWhole(in: bytes, at: place.position) } ?? false
        }
        guard isWhole else { return nil }
        // In place: a second array would double what a large attachment takes.
        bytes.removeFirst(RecordHead.size + 32)
        let content = Attachment.Content(bytes: bytes, digest: digest)
        if content.bytes.count <= StoredAttachments.cacheLimit / 4 {
            if cachedBytes + content.bytes.count > StoredAttachments.cacheLimit {
                cache = [:]
                cachedBytes = 0
            }
            cache[digest] = content
            cachedBytes += content.bytes.count
        }
        return content
    }
}
