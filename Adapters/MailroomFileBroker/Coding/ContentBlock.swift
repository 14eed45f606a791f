import Foundation
import Mailroom

/// A job's payload and the names of its attachments, as they stand in the record of its arrival.
struct ContentBlock {
    let payload: [UInt8]
    let attachments: [SHA256Digest]

    static func write(_ submission: Submission, to writer: inout ByteWriter) {
        let start = writer.bytes.count
        writer.write(fixed: UInt64(0))
        writer.write(submission.attachments) { writer, attachment in
            attachment.digest.encode(into: &writer)
            writer.write(attachment.bytes.count)
        }
        writer.write(submission.payload)
        writer.bytes.withUnsafeMutableBytes { bytes in
            let hash = Fingerprint(of: UnsafeRawBufferPointer(rebasing: bytes[(start + 8)...])).rawValue
            bytes.storeBytes(of: hash.littleEndian, toByteOffset: start, as: UInt64.self)
        }
    }

    /// Reads a block back; `nil` where it is damaged.
    init?(_ bytes: [UInt8]) {
        guard bytes.count > 8 else { return nil }
        let isWhole = bytes.withUnsafeBytes { bytes in
            Fingerprint(of: UnsafeRawBufferPointer(rebasing: bytes[8...])).rawValue
                == UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        }
        var reader = ByteReader(bytes[8...])
        guard isWhole, let attachments = try? ContentBlock.digests(&reader), let payload = try? reader.array() else {
            return nil
        }
        self.attachments = attachments
        self.payload = payload
    }

    /// The attachments named in a block of this length, read on to its end.
    static func digests(
        _ reader: inout ByteReader, length: Int
    ) throws(ByteReader.Malformed) -> [SHA256Digest] {
        _ = try reader.fixed64()
        let digests = try digests(&reader)
        _ = try reader.slice()
        return digests
    }

    private static func digests(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> [SHA256Digest] {
        try reader.list { reader throws(ByteReader.Malformed) in
            let digest = try SHA256Digest(decoding: &reader)
            _ = try reader.integer()
            return digest
        }
    }
}

extension ByteWriter {
    mutating func write(_ job: JobID) {
        write(fixed: job.high)
        write(fixed: job.low)
    }

    mutating func write(_ lease: Lease.ID) {
        write(lease.job)
        write(lease.token)
    }

    mutating func write(_ date: Date) { write(fixed: UInt64(bitPattern: date.milliseconds)) }

    mutating func write(_ duration: Duration) {
        let parts = duration.components
        write(fixed: UInt64(bitPattern: parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000))
    }
}

extension ByteReader {
    mutating func job() throws(Malformed) -> JobID { JobID(high: try fixed64(), low: try fixed64()) }

    mutating func lease() throws(Malformed) -> Lease.ID { Lease.ID(job: try job(), token: try unsigned()) }

    mutating func duration() throws(Malformed) -> Duration { .nanoseconds(Int64(bitPattern: try fixed64())) }
}
