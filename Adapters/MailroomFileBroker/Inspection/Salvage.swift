import Foundation
import Mailroom

/// What can still be read of a damaged stretch: jobs' details and contents and attachments are checksummed by
/// themselves, so that one wrong byte in a record of many jobs costs one of them.
struct Salvage {
    /// Details that are whole, where they stand, and the content behind them if that is whole.
    struct Job {
        var details: JobDetails
        /// As it would come in.
        var arrival: JobArrival
        /// Whether nothing had happened to it yet when the details were written.
        var isArrival: Bool
    }

    private(set) var jobs: [Job] = []
    /// Jobs of which no more than this can be read.
    private(set) var lost: [(arrival: JobArrival, queue: QueueName)] = []
    /// The stretch as a record of which only the head was wrong.
    private(set) var record: StoredRecord?
    private(set) var attachment: (digest: SHA256Digest, range: Range<Int>)?
    /// What the head at its beginning says that it was.
    private(set) var kind: RecordKind?
    /// Whether all that the stretch held is here again, and it held no lease and no settlement.
    private(set) var isComplete = false

    init(_ bytes: [UInt8], of stretch: Stretch) {
        guard bytes.count >= RecordHead.size else { return }
        kind = RecordKind(rawValue: bytes[4])
        record = Salvage.mended(bytes, stretch)
        if record != nil {
            kind = record?.kind
            isComplete = true
            return
        }
        let length = bytes.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) }
        let fits = RecordHead.space(forPayload: Int(length)) == stretch.count
        if !fits { kind = nil }
        findJobs(bytes, stretch)
        if kind == .attachment, length > 32 {
            // The bytes say themselves what they are; who needs something else finds it missing.
            let range = RecordHead.size + 32..<RecordHead.size + Int(length)
            attachment = (SHA256Digest(of: Array(bytes[range])), range)
        }
        switch kind {
        case .attachment, .boot, .removed: isComplete = true
        case .enqueued: isComplete = findLost(bytes, Int(length), stretch)
        default: break
        }
    }

    /// The stretch with another kind, length or with unused bytes of its head as they should be, where that makes a
    /// record of it.
    private static func mended(_ bytes: [UInt8], _ stretch: Stretch) -> StoredRecord? {
        bytes.withUnsafeBytes { bytes in
            let checksum = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            let synced = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            let marks = [synced] + (0..<32).map { synced ^ 1 << UInt32($0) }
            for length in stride(
                from: bytes.count - RecordHead.size, to: max(0, bytes.count - RecordHead.size - 8), by: -1)
            {
                let payload = UnsafeRawBufferPointer(rebasing: bytes[RecordHead.size..<RecordHead.size + length])
                let hash = Fingerprint(of: payload).rawValue
                for kind in RecordKind.all {
                    for mark in marks {
                        let head = RecordHead(kind, length: length, hash: hash, at: stretch.position, synced: mark)
                        guard head.checksum == checksum else { continue }
                        return StoredRecord(kind: kind, bytes: Array(payload)[...], position: stretch.position)
                    }
                }
            }
            return nil
        }
    }

    /// Names the jobs that came in whose details are damaged. False where the record cannot be gone through.
    private mutating func findLost(_ bytes: [UInt8], _ length: Int, _ stretch: Stretch) -> Bool {
        let payload = bytes[RecordHead.size..<RecordHead.size + length]
        var reader = ByteReader(payload)
        guard let count = try? reader.integer(), count > 0, count <= length else { return false }
        let saved = Set(jobs.map(\.arrival.offset))
        var found: [(arrival: JobArrival, queue: QueueName)] = []
        var seen = 0
        let record = StoredRecord(kind: .enqueued, bytes: payload, position: stretch.position)
        let isRead: Void? = try? EncodedArrivals.visit(record) { arrival, queue, _ in
            seen += 1
            if !saved.contains(arrival.offset) { found.append((arrival, queue)) }
        }
        lost = found
        return isRead != nil && seen == count
    }

    private mutating func findJobs(_ bytes: [UInt8], _ stretch: Stretch) {
        var index = 0
        while index + 24 < bytes.count {
            // Form, and for most jobs no attachments and the first byte of the header.
            let form = bytes[index + 8]
            if form <= 1, let job = Salvage.job(bytes, at: index, stretch) {
                jobs.append(job)
                index += Int(job.arrival.length)
            } else {
                index += 1
            }
        }
    }

    private static func job(_ bytes: [UInt8], at index: Int, _ stretch: Stretch) -> Job? {
        let isArrival = bytes[index + 8] == 0
        let count = Int(bytes[index + 9])
        guard count < 128 else { return nil }
        let header = index + 10 + count * 32 + (isArrival ? 0 : 12)
        guard header < bytes.count, bytes[header] == 1 else { return nil }
        var place = JobEntry(
            JobArrival(id: JobID(high: 0, low: 0), createdAt: 0, due: 0, expires: 0, keyHash: 0, filter: 0), lane: 0,
            sequence: 0)
        place.segment = stretch.segment
        place.offset = UInt32(stretch.start + index)
        var reader = ByteReader(bytes[(index + 8)...])
        guard var details = try? DetailsBlock.read(&reader, bytes[...], of: place).details else { return nil }
        let end = reader.rest.startIndex
        guard ContentBlock.isWhole(bytes[index..<end]) else { return nil }
        var arrival = JobArrival(details.header)
        (arrival.segment, arrival.offset, arrival.length) = (place.segment, place.offset, UInt32(end - index))
        if isArrival {
            // The content's length stands before the queue's name, which stands before the details.
            var name = ByteWriter()
            name.write(details.header.queue.rawValue)
            let start = index - name.bytes.count - 56
            if start >= 0 {
                var reader = ByteReader(bytes[(start + 4)...])
                arrival.contentLength = (try? reader.fixed32()) ?? 0
            }
            details.content = .stored(
                segment: arrival.segment, offset: arrival.offset + arrival.length, length: arrival.contentLength,
                digests: details.content.digests)
        } else if case .stored(_, _, let length, _) = details.content {
            arrival.contentLength = length
            if length == 0 { details.content = .none }
        }
        return Job(details: details, arrival: arrival, isArrival: isArrival)
    }
}

extension RecordKind {
    static let all: [RecordKind] = (1...9).compactMap { RecordKind(rawValue: $0) }
}
