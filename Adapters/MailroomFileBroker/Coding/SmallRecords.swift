import Foundation
import Mailroom

extension EncodedRecord {
    /// Jobs handed out at one moment.
    static func leased(_ leases: [Lease.ID], worker: String, expires: Duration) -> EncodedRecord {
        EncodedRecord(.leased, reserving: 48 + worker.utf8.count + leases.count * 24) { writer in
            writer.write(worker)
            writer.write(expires)
            writer.write(leases) { $0.write($1) }
        }
    }

    /// Leases made longer.
    static func extended(_ leases: [Lease.ID], until expires: Duration) -> EncodedRecord {
        EncodedRecord(.extended, reserving: 16 + leases.count * 24) { writer in
            writer.write(expires)
            writer.write(leases) { $0.write($1) }
        }
    }

    /// Jobs that are not on record any more, each with the attachments it gave up.
    static func removed(_ jobs: [(id: JobID, dropped: [SHA256Digest])], at time: Date) -> EncodedRecord {
        EncodedRecord(.removed, reserving: 16 + jobs.count * 20) { writer in
            writer.write(time)
            writer.write(jobs) { writer, job in
                writer.write(job.id)
                writer.write(job.dropped) { writer, digest in digest.encode(into: &writer) }
            }
        }
    }

    /// The boot that what follows was written in, and how far tokens and places in line had been counted.
    static func boot(_ boot: String, at time: Date, lastToken: UInt64, lastSequence: UInt64) -> EncodedRecord {
        EncodedRecord(.boot) { writer in
            writer.write(boot)
            writer.write(time)
            writer.write(fixed: lastToken)
            writer.write(fixed: lastSequence)
        }
    }
}

extension StoredRecord {
    func leases() throws(ByteReader.Malformed) -> (leases: [Lease.ID], worker: String, expires: Duration) {
        var reader = ByteReader(bytes)
        let worker = try reader.string()
        let expires = try reader.duration()
        return (try reader.list(StoredRecord.lease), worker, expires)
    }

    func extensions() throws(ByteReader.Malformed) -> (leases: [Lease.ID], expires: Duration) {
        var reader = ByteReader(bytes)
        let expires = try reader.duration()
        return (try reader.list(StoredRecord.lease), expires)
    }

    func removals() throws(ByteReader.Malformed) -> (jobs: [(id: JobID, dropped: [SHA256Digest])], time: Date) {
        var reader = ByteReader(bytes)
        let time = try reader.date()
        let jobs = try reader.list { reader throws(ByteReader.Malformed) in
            let id = try reader.job()
            let dropped = try reader.list { reader throws(ByteReader.Malformed) in
                try SHA256Digest(decoding: &reader)
            }
            return (id: id, dropped: dropped)
        }
        return (jobs, time)
    }

    struct Boot {
        var id: String
        var time: Date
        var lastToken: UInt64
        var lastSequence: UInt64
    }

    func boot() throws(ByteReader.Malformed) -> Boot {
        var reader = ByteReader(bytes)
        return Boot(
            id: try reader.string(), time: try reader.date(), lastToken: try reader.fixed64(),
            lastSequence: try reader.fixed64())
    }

    private static func lease(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> Lease.ID {
        try reader.lease()
    }
}
