import Foundation
import Mailroom
import MailroomFiles

/// Events as the log's records tell them.
struct EventReading: Sendable {
    private(set) var events: [JobEvent] = []
    private(set) var hasGap = false
    private(set) var place = EventPlace(Position(segment: 0, offset: 0), 0)
    private let folder: FolderLayout
    private let readers: SegmentReaders
    private let limit: Int
    private var window: [UInt8] = []
    private var windowStart = Position(segment: 0, offset: 0)

    init(_ folder: FolderLayout, _ readers: SegmentReaders, limit: Int) {
        self.folder = folder
        self.readers = readers
        self.limit = limit
    }

    /// Reads from a place to the end; from the log's beginning where the place is not one of this log.
    mutating func read(after start: EventPlace?, to end: Position) throws(BrokerError) {
        if let start, start.position <= end {
            place = start
            do throws(BrokerError) {
                if try readOn(to: end) { return }
            } catch {
                guard error.code == .segmentIsGone else { throw error }
            }
        }
        hasGap = true
        events = []
        let first = try before { () throws(FileError) in try folder.segments().numbers.first ?? end.segment }
        place = EventPlace(Position(segment: first, offset: UInt32(Segment.headerSize)), 0)
        _ = try readOn(to: end)
    }

    /// False where no record begins at the place.
    private mutating func readOn(to end: Position) throws(BrokerError) -> Bool {
        while place.position < end, events.count < limit {
            let offset = place.position.offset
            guard let head = try bytes(RecordHead.size).withUnsafeBytes({ RecordHead($0) }),
                let kind = RecordKind(rawValue: head.kind)
            else { return false }
            let record = try bytes(RecordHead.size + Int(head.length))
            let position = place.position
            guard record.withUnsafeBytes({ head.isWhole(in: $0, at: position) }) else { return false }
            if kind == .end {
                place = EventPlace(
                    Position(segment: position.segment + 1, offset: UInt32(Segment.headerSize)), 0)
                continue
            }
            let stored = StoredRecord(kind: kind, bytes: record.dropFirst(RecordHead.size), position: position)
            guard let told = try? EventReading.events(in: stored) else { return false }
            let rest = told.dropFirst(place.index)
            let taken = rest.prefix(limit - events.count)
            events += taken
            if taken.count < rest.count {
                place.index += taken.count
            } else {
                let next = offset + UInt32(RecordHead.space(forPayload: Int(head.length)))
                place = EventPlace(Position(segment: position.segment, offset: next), 0)
            }
        }
        return true
    }

    /// Bytes from the place on, read ahead.
    private mutating func bytes(_ count: Int) throws(BrokerError) -> ArraySlice<UInt8> {
        let start = Int(place.position.offset) - Int(windowStart.offset)
        if windowStart.segment != place.position.segment || start < 0 || start + count > window.count {
            window = try readers.bytes(
                segment: place.position.segment, offset: Int(place.position.offset), count: max(count, 64 << 10))
            windowStart = place.position
            return window.prefix(count)
        }
        return window[start..<start + count]
    }

    private static func events(in record: StoredRecord) throws(ByteReader.Malformed) -> [JobEvent] {
        var events: [JobEvent] = []
        switch record.kind {
        case .enqueued:
            try EncodedArrivals.visit(record) { arrival, _, _ in
                events.append(
                    JobEvent(job: arrival.id, kind: .submitted, time: Date(milliseconds: arrival.createdAt)))
            }
        case .changed:
            try ChangeCoding.visit(record) { stored in
                guard let kind = stored.change.event else { return }
                events.append(
                    JobEvent(job: stored.change.job, kind: kind, time: Date(milliseconds: stored.change.time)))
            }
        case .removed:
            let (jobs, time) = try record.removals()
            for job in jobs { events.append(JobEvent(job: job.id, kind: .removed, time: time)) }
        case .leased, .extended, .attachment, .boot, .end, .moved: break
        }
        return events
    }
}
