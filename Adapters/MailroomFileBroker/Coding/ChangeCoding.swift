import Mailroom

/// The record of jobs whose details changed. Each stands for itself: it tells all that a table knows of the job, so that
/// earlier records of it may be gone.
enum ChangeCoding {
    /// A change to be stored.
    struct Item {
        var change: JobChange
        /// The job as it stands before.
        var entry: JobEntry
        var details: JobDetails
        var dropped: [SHA256Digest]
        /// The submission's header as it was read, where it is still the same.
        var header: [UInt8]?
    }

    /// The record, and the changes with the places of their details counted from the record's beginning.
    static func encoded(_ items: [Item]) -> (record: EncodedRecord, changes: [JobChange]) {
        var writer = ByteWriter(reserving: RecordHead.size + 16 + items.count * 448)
        for _ in 0..<3 { writer.write(fixed: UInt64(0)) }
        var changes: [JobChange] = []
        changes.reserveCapacity(items.count)
        writer.write(items.count)
        for item in items {
            var change = item.change
            let start = writer.bytes.count
            writer.write(fixed: UInt32(0))
            writer.write(change, item.entry)
            writer.write(item.details.header.queue.rawValue)
            writer.write(item.dropped) { writer, digest in digest.encode(into: &writer) }
            let details = writer.bytes.count
            DetailsBlock.write(item.details, header: item.header, to: &writer)
            change.offset = UInt32(details)
            change.length = UInt32(writer.bytes.count - details)
            writer.bytes.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(of: change.length.littleEndian, toByteOffset: start, as: UInt32.self)
            }
            changes.append(change)
        }
        return (EncodedRecord(.changed, headed: writer.bytes), changes)
    }

    /// A change that was read, and what else is known of the job.
    struct Stored {
        var change: JobChange
        /// Where the job stood, and when it is due, for a change that leaves it there.
        var state: JobState
        var due: Int64
        var filter: UInt32
        var contentLength: UInt32
        var queue: QueueName
        var dropped: [SHA256Digest]
        var block: ArraySlice<UInt8>
    }

    static func visit(_ record: StoredRecord, _ body: (Stored) -> Void) throws(ByteReader.Malformed) {
        var reader = ByteReader(record.bytes)
        var queue = QueueName.default
        for _ in 0..<(try reader.count()) {
            let length = try reader.fixed32()
            var (change, state, due, filter, contentLength) = try reader.change()
            try reader.queue(&queue)
            let dropped = try reader.list { reader throws(ByteReader.Malformed) in
                try SHA256Digest(decoding: &reader)
            }
            change.segment = record.position.segment
            change.offset = record.offset(of: reader.rest.startIndex)
            change.length = length
            let block = try reader.slice(Int(length))
            body(
                Stored(
                    change: change, state: state, due: due, filter: filter, contentLength: contentLength, queue: queue,
                    dropped: dropped,
                    block: block))
        }
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ change: JobChange, _ entry: JobEntry) {
        write(change.job)
        write(fixed: change.time)
        switch change.next {
        case .same:
            write(32 | entry.state.rawValue)
            write(fixed: entry.time)
        case .waiting(let due):
            write(UInt8(0))
            write(fixed: due)
        case .settled(let state, let keyUntil):
            write(16 | state.rawValue)
            write(fixed: keyUntil)
        }
        write(change.event.map { $0.rawValue + 1 } ?? 0)
        write(fixed: change.expires)
        write(UInt8(truncatingIfNeeded: change.attempts))
        write(UInt8(truncatingIfNeeded: change.attempts >> 8))
        write(change.lostAttempts)
        write(change.flags.rawValue)
        write(fixed: change.keyHash)
        write(fixed: entry.filter)
        write(fixed: entry.contentLength)
    }
}

extension ByteReader {
    fileprivate mutating func change() throws(Malformed) -> (JobChange, JobState, Int64, UInt32, UInt32) {
        let job = try job()
        let time = try fixedSigned()
        let kind = try byte()
        let value = try fixedSigned()
        guard let state = JobState(rawValue: kind & 15) else { throw Malformed(offset: 0) }
        let next: JobChange.Next
        switch kind & ~15 {
        case 0: next = .waiting(due: value)
        case 16 where state.isSettled: next = .settled(state, keyUntil: value)
        case 32: next = .same
        default: throw Malformed(offset: 0)
        }
        let event = try byte()
        guard event == 0 || JobEvent.Kind(rawValue: event - 1) != nil else { throw Malformed(offset: 0) }
        let expires = try fixedSigned()
        let attempts = UInt16(try byte()) | UInt16(try byte()) << 8
        let lostAttempts = try byte()
        let flags = JobEntry.Flags(rawValue: try byte())
        let change = JobChange(
            job: job, time: time, event: event == 0 ? nil : JobEvent.Kind(rawValue: event - 1), next: next,
            expires: expires, attempts: attempts, lostAttempts: lostAttempts, flags: flags, keyHash: try fixed32())
        return (change, state, value, try fixed32(), try fixed32())
    }
}
