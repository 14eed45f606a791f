import Foundation
import Mailroom

extension EncodedRecord {
    /// A record as bytes. Jobs that come in have a form of their own, ``EncodedSubmissions``.
    init(_ record: QueueRecord) {
        switch record {
        case .enqueued: preconditionFailure("jobs are encoded by EncodedSubmissions")
        case .leased(let grants):
            self.init(.leased, reserving: 48 + grants.leases.count * 24) { writer in
                writer.write(grants.worker)
                writer.write(grants.expires)
                writer.write(grants.leases) { $0.write($1) }
            }
        case .extended(let leases, let until):
            self.init(.extended, reserving: 16 + leases.count * 24) { writer in
                writer.write(until)
                writer.write(leases) { $0.write($1) }
            }
        case .settled(let settlements, let time):
            self.init(.settled, reserving: 16 + settlements.count * 128) { writer in
                writer.write(time)
                writer.write(settlements) { $0.write($1) }
            }
        case .ended(let jobs, let reason, let time):
            self.init(.ended, reserving: 64 + jobs.count * 16) { writer in
                writer.write(time)
                writer.write(reason)
                writer.write(jobs) { $0.write($1) }
            }
        case .revived(let jobs, let time):
            self.init(.revived, reserving: 16 + jobs.count * 16) { writer in
                writer.write(time)
                writer.write(jobs) { $0.write($1) }
            }
        case .removed(let jobs, let time):
            self.init(.removed, reserving: 16 + jobs.count * 16) { writer in
                writer.write(time)
                writer.write(jobs) { $0.write($1) }
            }
        case .erased(let jobs, let recipient):
            self.init(.erased, reserving: 64 + jobs.count * 16) { writer in
                writer.write(recipient)
                writer.write(jobs) { $0.write($1) }
            }
        case .restarted: preconditionFailure("a restart is told by the boot's record")
        }
    }

    /// The boot that what follows was written in.
    init(boot: String, at time: Date) {
        self.init(.boot) { writer in
            writer.write(boot)
            writer.write(time)
        }
    }
}

extension StoredRecord {
    /// The change of the queue that this record is. Attachments and boots are not among them.
    func queueRecord() throws(ByteReader.Malformed) -> QueueRecord? {
        var reader = ByteReader(bytes)
        switch kind {
        case .enqueued: return .enqueued(try EncodedSubmissions.arrivals(in: self))
        case .leased:
            let worker = try reader.string()
            let expires = try reader.duration()
            return .leased(.init(leases: try reader.list(StoredRecord.lease), worker: worker, expires: expires))
        case .extended:
            let until = try reader.duration()
            return .extended(try reader.list(StoredRecord.lease), until: until)
        case .settled:
            let time = try reader.date()
            return .settled(
                try reader.list { reader throws(ByteReader.Malformed) in try reader.settlement() }, at: time)
        case .ended:
            let time = try reader.date()
            let reason = try reader.string()
            return .ended(try reader.list(StoredRecord.job), reason: reason, at: time)
        case .revived:
            let time = try reader.date()
            return .revived(try reader.list(StoredRecord.job), at: time)
        case .removed:
            let time = try reader.date()
            return .removed(try reader.list(StoredRecord.job), at: time)
        case .erased:
            let recipient = try reader.string()
            return .erased(try reader.list(StoredRecord.job), recipient: recipient)
        case .attachment, .boot, .end: return nil
        }
    }

    func boot() throws(ByteReader.Malformed) -> (id: String, time: Date) {
        var reader = ByteReader(bytes)
        return (try reader.string(), try reader.date())
    }

    private static func lease(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> Lease.ID {
        try reader.lease()
    }

    private static func job(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> JobID { try reader.job() }
}
