import Mailroom

/// Where attachments stand in the log, by digest, how many jobs need each, and the ones read last.
struct StoredAttachments {
    struct Place {
        var position: Position
        /// Of the record, its head included.
        var length: Int
        /// How many jobs need it.
        var references = 0
    }

    private(set) var places: [SHA256Digest: Place] = [:]
    private var cache: [SHA256Digest: Attachment.Content] = [:]
    private var cachedBytes = 0
    private static let cacheLimit = 16 << 20
    /// The bytes in the log that jobs need.
    private(set) var liveBytes = 0

    init() {}

    /// Attachments as a checkpoint has them.
    init(places: [SHA256Digest: Place]) {
        self.places = places
        for place in places.values where place.references > 0 { liveBytes += place.length }
    }

    /// Learns of a record that was read.
    mutating func note(_ record: StoredRecord) throws(ByteReader.Malformed) {
        var reader = ByteReader(record.bytes)
        stand(try SHA256Digest(decoding: &reader), at: record.position, RecordHead.size + record.bytes.count)
    }

    private mutating func stand(_ digest: SHA256Digest, at position: Position, _ length: Int) {
        let references = places[digest]?.references ?? 0
        if references > 0 { liveBytes += length - (places[digest]?.length ?? 0) }
        places[digest] = Place(position: position, length: length, references: references)
    }

    /// Jobs came in that need these. Where an attachment stands may be told later, when it was moved.
    mutating func retain(_ digests: [SHA256Digest]) {
        for digest in digests {
            var place = places[digest] ?? Place(position: Position(segment: 0, offset: 0), length: 0)
            if place.references == 0 { liveBytes += place.length }
            place.references += 1
            places[digest] = place
        }
    }

    /// Jobs gave these up.
    mutating func release(_ digests: [SHA256Digest]) {
        for digest in digests {
            guard let place = places[digest], place.references > 0 else { continue }
            if place.references > 1 {
                places[digest]!.references -= 1
            } else {
                liveBytes -= place.length
                places[digest] = nil
            }
        }
    }

    /// Stores attachments that no job needs yet.
    mutating func append(
        _ contents: [Attachment.Content], to log: Log, unless stored: inout Set<SHA256Digest>
    ) {
        for content in contents where stored.insert(content.digest).inserted {
            // One that nobody needs is not moved with its segment: it may be gone.
            if let place = places[content.digest], place.references > 0, place.length > 0 { continue }
            let record = EncodedRecord(.attachment, reserving: 32 + content.bytes.count) { writer in
                content.digest.encode(into: &writer)
                writer.bytes.append(contentsOf: content.bytes)
            }
            stand(content.digest, at: log.append(record), record.bytes.count)
        }
    }

    /// Writes an attachment anew; false where it is missing or damaged.
    mutating func move(_ digest: SHA256Digest, in log: Log) throws(BrokerError) -> Bool {
        guard let content = try content(digest, in: log) else { return false }
        let record = EncodedRecord(.attachment, reserving: 32 + content.bytes.count) { writer in
            digest.encode(into: &writer)
            writer.bytes.append(contentsOf: content.bytes)
        }
        stand(digest, at: log.append(record), record.bytes.count)
        return true
    }

    /// Reads an attachment; `nil` where it is missing or damaged.
    mutating func content(_ digest: SHA256Digest, in log: Log) throws(BrokerError) -> Attachment.Content? {
        if let content = cache[digest] { return content }
        guard let place = places[digest], place.length > 0 else { return nil }
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
