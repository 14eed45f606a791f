import Foundation
import Mailroom

/// A job's details as bytes, checksummed by themselves because they are read by themselves.
///
/// 8 bytes of hash over the rest; the form; the digests of the attachments; in form 1 where the content stands; the
/// submission's header; in form 1 what has happened since. Form 0 is a job that came in: its content follows.
enum DetailsBlock {
    private static let arrived: UInt8 = 0
    private static let changed: UInt8 = 1

    /// A job that comes in. Its content is written right after it.
    static func write(_ submission: Submission, to writer: inout ByteWriter) {
        let start = begin(arrived, to: &writer)
        writer.write(submission.attachments) { writer, attachment in attachment.digest.encode(into: &writer) }
        submission.encodeHeader(into: &writer)
        end(start, &writer)
    }

    /// `header` are the bytes of the submission's header as they were read, where it is still the same.
    static func write(_ details: JobDetails, header: [UInt8]? = nil, to writer: inout ByteWriter) {
        let start = begin(changed, to: &writer)
        writer.write(details.content.digests) { writer, digest in digest.encode(into: &writer) }
        if case .stored(let segment, let offset, let length, _) = details.content {
            writer.write(fixed: segment)
            writer.write(fixed: offset)
            writer.write(fixed: length)
        } else {
            for _ in 0..<3 { writer.write(fixed: UInt32(0)) }
        }
        if let header { writer.bytes.append(contentsOf: header) } else { details.header.encodeHeader(into: &writer) }
        writer.write(details.updatedAt)
        writer.write(details.error)
        writer.write(details.fingerprint != nil)
        if let fingerprint = details.fingerprint { writer.write(fixed: fingerprint.rawValue) }
        writer.write(details.settledToken != nil)
        if let token = details.settledToken { writer.write(token) }
        writer.write(details.recipients) { writer, record in writer.write(record) }
        end(start, &writer)
    }

    private static func begin(_ form: UInt8, to writer: inout ByteWriter) -> Int {
        let start = writer.bytes.count
        writer.write(fixed: UInt64(0))
        writer.write(form)
        return start
    }

    /// Fills in the hash.
    private static func end(_ start: Int, _ writer: inout ByteWriter) {
        writer.bytes.withUnsafeMutableBytes { bytes in
            let hash = Fingerprint(of: UnsafeRawBufferPointer(rebasing: bytes[(start + 8)...])).rawValue
            bytes.storeBytes(of: hash.littleEndian, toByteOffset: start, as: UInt64.self)
        }
    }

    /// Where the content of a job that changed stands, and its attachments; `nil` where that cannot be read.
    static func content(ofChanged bytes: ArraySlice<UInt8>) -> (Position, [SHA256Digest])? {
        var reader = ByteReader(bytes.dropFirst(9))
        do throws(ByteReader.Malformed) {
            let digests = try digests(&reader)
            return (Position(segment: try reader.fixed32(), offset: try reader.fixed32()), digests)
        } catch { return nil }
    }

    /// Reads details back; `nil` where they are damaged.
    static func details(_ bytes: ArraySlice<UInt8>, of entry: JobEntry) -> JobDetails? {
        read(bytes, of: entry)?.details
    }

    /// The same, with the bytes of the submission's header.
    static func read(
        _ bytes: ArraySlice<UInt8>, of entry: JobEntry
    ) -> (details: JobDetails, header: ArraySlice<UInt8>)? {
        guard ContentBlock.isWhole(bytes) else { return nil }
        var reader = ByteReader(bytes.dropFirst(8))
        return try? read(&reader, bytes, of: entry)
    }

    /// Reads what follows a block's hash, and leaves the reader at the block's end.
    static func read(
        _ reader: inout ByteReader, _ bytes: ArraySlice<UInt8>, of entry: JobEntry
    ) throws(ByteReader.Malformed) -> (details: JobDetails, header: ArraySlice<UInt8>) {
        let form = try reader.byte()
        let digests = try digests(&reader)
        var place = (segment: entry.segment, offset: entry.offset + entry.length, length: entry.contentLength)
        if form == changed { place = (try reader.fixed32(), try reader.fixed32(), try reader.fixed32()) }
        let start = reader.rest.startIndex
        let submission = try Submission(header: &reader)
        let header = bytes[start..<reader.rest.startIndex]
        var details = JobDetails(
            submission,
            content: form == arrived || entry.flags.contains(.hasContent)
                ? .stored(segment: place.segment, offset: place.offset, length: place.length, digests: digests) : .none)
        guard form == changed else { return (details, header) }
        details.updatedAt = try reader.date()
        details.error = try reader.optionalString()
        details.fingerprint = try reader.flag() ? Fingerprint(rawValue: try reader.fixed64()) : nil
        details.settledToken = try reader.flag() ? try reader.unsigned() : nil
        details.recipients = try reader.list { reader throws(ByteReader.Malformed) in
            try reader.recipientRecord(details.header.channel)
        }
        return (details, header)
    }

    /// The digests of a block, for counting who needs an attachment.
    static func digests(in block: ArraySlice<UInt8>) throws(ByteReader.Malformed) -> [SHA256Digest] {
        var reader = ByteReader(block.dropFirst(9))
        return try digests(&reader)
    }

    private static func digests(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> [SHA256Digest] {
        try reader.list { reader throws(ByteReader.Malformed) in try SHA256Digest(decoding: &reader) }
    }
}

/// A job's payload as bytes, checksummed by itself: 8 bytes of hash, then the payload.
enum ContentBlock {
    static func write(_ payload: [UInt8], to writer: inout ByteWriter) {
        writer.write(fixed: Fingerprint(of: payload).rawValue)
        writer.bytes.append(contentsOf: payload)
    }

    /// Reads a payload back; `nil` where it is damaged.
    static func payload(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        isWhole(bytes) ? Array(bytes.dropFirst(8)) : nil
    }

    /// Whether bytes begin with the hash of the rest.
    static func isWhole(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count >= 8 else { return false }
        return bytes.withUnsafeBytes { bytes in
            Fingerprint(of: UnsafeRawBufferPointer(rebasing: bytes[8...])).rawValue
                == UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        }
    }
}

extension ByteWriter {
    mutating func write(_ record: RecipientRecord) {
        write(record.recipient.address)
        write(record.recipient.name)
        write(record.recipient.role.rawValue)
        write(record.status.rawValue)
        write(record.error)
        write(record.updatedAt)
        write(record.sentAt != nil)
        if let sentAt = record.sentAt { write(sentAt) }
        write(record.route)
        write(record.remoteID)
        write(record.isPossibleDuplicate)
    }

    mutating func write(_ job: JobID) {
        write(fixed: job.high)
        write(fixed: job.low)
    }

    mutating func write(_ lease: Lease.ID) {
        write(lease.job)
        write(lease.token)
    }

    mutating func write(_ date: Date) { write(fixed: UInt64(bitPattern: date.milliseconds)) }

    mutating func write(fixed value: Int64) { write(fixed: UInt64(bitPattern: value)) }

    mutating func write(_ duration: Duration) {
        let parts = duration.components
        write(fixed: parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}

extension ByteReader {
    mutating func recipientRecord(_ channel: Channel) throws(Malformed) -> RecipientRecord {
        let address = try string()
        let name = try optionalString()
        guard let role = Recipient.Role(rawValue: try byte()), let status = RecipientRecord.Status(rawValue: try byte())
        else { throw Malformed(offset: 0) }
        var record = RecipientRecord(
            Recipient(channel: channel, address: address, name: name, role: role), at: Date(milliseconds: 0))
        record.status = status
        record.error = try optionalString()
        record.updatedAt = try date()
        record.sentAt = try flag() ? try date() : nil
        record.route = try string()
        record.remoteID = try optionalString()
        record.isPossibleDuplicate = try flag()
        return record
    }

    mutating func job() throws(Malformed) -> JobID { JobID(high: try fixed64(), low: try fixed64()) }

    mutating func lease() throws(Malformed) -> Lease.ID { Lease.ID(job: try job(), token: try unsigned()) }

    mutating func fixedSigned() throws(Malformed) -> Int64 { Int64(bitPattern: try fixed64()) }

    mutating func duration() throws(Malformed) -> Duration { .nanoseconds(try fixedSigned()) }
}
