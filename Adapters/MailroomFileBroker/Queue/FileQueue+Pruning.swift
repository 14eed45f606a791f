import Foundation
import Mailroom

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension FileQueue {
    /// Deletes segments from the log's beginning on, as long as every job that came in with them is removed and no
    /// attachment in them is needed. Afterwards, what was removed is on the disk.
    func dropDeadSegments() throws(BrokerError) {
        let numbers = try before { () throws(SystemError) in try log.folder.segments().numbers }
        var hasDropped = false
        for number in numbers where number < log.segment.number {
            guard !attachments.isNeeded(upTo: number, by: machine), try isDead(number) else { break }
            log.forget(number)
            guard unlink(log.folder.segmentPath(number)) == 0 || errno == ENOENT else { break }
            hasDropped = true
        }
        if hasDropped { try before { () throws(SystemError) in try Folder.sync(log.folder.path) } }
    }

    /// Whether no job that came in with a segment is still on record.
    private func isDead(_ number: UInt32) throws(BrokerError) -> Bool {
        guard let segment = try Segment.open(number, in: log.folder) else { return true }
        var offset = Segment.headerSize
        while true {
            let position = Position(segment: number, offset: UInt32(offset))
            let found = try before { () throws(SystemError) -> StoredRecord? in
                let bytes = try segment.file.bytes(RecordHead.size, at: offset)
                guard let head = bytes.withUnsafeBytes({ RecordHead($0) }), let kind = RecordKind(rawValue: head.kind)
                else { return nil }
                // Only arrivals are read whole.
                let payload =
                    kind == .enqueued
                    ? try segment.file.bytes(Int(head.length), at: offset + RecordHead.size)[...] : []
                offset += RecordHead.space(forPayload: Int(head.length))
                return StoredRecord(kind: kind, bytes: payload, position: position)
            }
            guard let record = found else { return false }
            if record.kind == .end { return true }
            guard record.kind == .enqueued else { continue }
            guard let arrivals = try? EncodedSubmissions.arrivals(in: record) else { return false }
            if arrivals.contains(where: { machine.record(of: $0.header.id) != nil }) { return false }
        }
    }
}
