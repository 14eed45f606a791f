import Mailroom

/// The record of jobs that are written anew because the segment they stand in is to be dropped: each as it stands, with
/// its lease, its details and its content.
enum MoveCoding {
    /// A job to be moved.
    struct Job {
        var slot: Slot
        var details: JobDetails
        /// With its hash, as it is stored.
        var content: [UInt8]
    }

    /// A job where it stands now.
    struct Moved {
        var entry: JobEntry
        var queue: QueueName
        var term: LeaseTerm?
        var digests: [SHA256Digest]
    }

    static func encoded(_ jobs: [Job], in table: QueueTable, at position: Position) -> EncodedRecord {
        var size = RecordHead.size + 16
        for job in jobs { size += 512 + job.content.count }
        var writer = ByteWriter(reserving: size)
        for _ in 0..<3 { writer.write(fixed: UInt64(0)) }
        writer.write(jobs.count)
        for job in jobs {
            let entry = table[job.slot]
            let start = writer.bytes.count
            writer.write(fixed: UInt32(0))
            writer.write(fixed: UInt32(job.content.count))
            writer.write(entry, flags: table.flags(of: entry))
            writer.write(table.queue(of: entry).rawValue)
            let term = table.leases[job.slot]
            writer.write(term != nil)
            if let term {
                writer.write(term.token)
                writer.write(term.worker)
                writer.write(term.expires)
            }
            // The content stands after the details, whose length does not depend on where.
            let details = writer.bytes.count
            var moved = job.details
            if case .stored(_, _, _, let digests) = moved.content {
                moved.content = .stored(segment: 0, offset: 0, length: 0, digests: digests)
                var measured = ByteWriter()
                DetailsBlock.write(moved, to: &measured)
                moved.content = .stored(
                    segment: position.segment,
                    offset: position.offset + UInt32(details + measured.bytes.count),
                    length: UInt32(job.content.count), digests: digests)
            }
            DetailsBlock.write(moved, to: &writer)
            let length = writer.bytes.count - details
            writer.bytes.append(contentsOf: job.content)
            writer.bytes.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(of: UInt32(length).littleEndian, toByteOffset: start, as: UInt32.self)
            }
        }
        return EncodedRecord(.moved, headed: writer.bytes)
    }

    static func visit(_ record: StoredRecord, _ body: (Moved) -> Void) throws(ByteReader.Malformed) {
        var reader = ByteReader(record.bytes)
        var queue = QueueName.default
        for _ in 0..<(try reader.count()) {
            let (length, contentLength) = (try reader.fixed32(), try reader.fixed32())
            var entry = try reader.entry()
            try reader.queue(&queue)
            var term: LeaseTerm?
            if try reader.flag() {
                term = .init(token: try reader.unsigned(), worker: try reader.string(), expires: try reader.duration())
            }
            entry.segment = record.position.segment
            entry.offset = record.offset(of: reader.rest.startIndex)
            entry.length = length
            entry.contentLength = contentLength
            let block = try reader.slice(Int(length))
            _ = try reader.slice(Int(contentLength))
            body(Moved(entry: entry, queue: queue, term: term, digests: try DetailsBlock.digests(in: block)))
        }
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ entry: JobEntry, flags: JobEntry.Flags) {
        write(entry.id)
        write(fixed: entry.time)
        write(fixed: entry.sequence)
        write(fixed: entry.expires)
        write(fixed: entry.keyHash)
        write(fixed: entry.filter)
        write(UInt8(truncatingIfNeeded: entry.attempts))
        write(UInt8(truncatingIfNeeded: entry.attempts >> 8))
        write(entry.lostAttempts)
        write(flags.rawValue)
        write(entry.state.rawValue)
    }
}

extension ByteReader {
    fileprivate mutating func entry() throws(Malformed) -> JobEntry {
        let id = try job()
        let (time, sequence, expires) = (try fixedSigned(), try fixed64(), try fixedSigned())
        let arrival = JobArrival(
            id: id, createdAt: time, due: time, expires: expires, keyHash: try fixed32(), filter: try fixed32())
        var entry = JobEntry(arrival, lane: 0, sequence: sequence)
        entry.attempts = UInt16(try byte()) | UInt16(try byte()) << 8
        entry.lostAttempts = try byte()
        entry.flags = JobEntry.Flags(rawValue: try byte()).intersection(.stored)
        guard let state = JobState(rawValue: try byte()) else { throw Malformed(offset: 0) }
        entry.state = state
        return entry
    }
}
