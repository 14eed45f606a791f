import Foundation
public import Mailroom

extension FileBroker: EventFeed {
    /// Where the feed ends: the end of the log.
    public func latestEvent() async throws(BrokerError) -> EventCursor {
        EventCursor(EventPlace(try await end(), 0))
    }

    /// Events after a place, other processes' among them, as soon as they are on the disk. They are trimmed with the
    /// log's segments.
    public func events(
        after cursor: EventCursor, limit: Int, wait: Duration
    ) async throws(BrokerError) -> EventBatch {
        try await changes.search(for: "an event", within: wait, on: time) { _ throws(BrokerError) in
            let end = try await end()
            let (layout, readers) = (settings.layout, readers)
            let reading = try await reading {
                Result { () throws(BrokerError) in
                    var reading = EventReading(layout, readers, limit: limit)
                    try reading.read(after: EventPlace(cursor), to: end)
                    return reading
                }
            }.get()
            return Look(
                EventBatch(events: reading.events, next: EventCursor(reading.place), hasGap: reading.hasGap))
        } idle: { isIdle in
            if isIdle { inbox.addIdleWorker() } else { inbox.removeIdleWorker() }
        }
    }

    /// The end of what is on the disk.
    private func end() async throws(BrokerError) -> Position {
        try await run { (queue) throws(BrokerError) in
            try queue.answerIsAwaited()
            // Leases that came after are never synced: a place behind them may be another record's after a loss of power.
            let start = Position(segment: try queue.firstSegment(), offset: UInt32(Segment.headerSize))
            return max(start, queue.opened, queue.lastPromise)
        }
    }
}

/// A place in the log, and how many events of the record there were told already.
struct EventPlace: Comparable {
    var position: Position
    var index: Int

    init(_ position: Position, _ index: Int) {
        self.position = position
        self.index = index
    }

    /// `nil` for a cursor of another broker.
    init?(_ cursor: EventCursor) {
        let parts = cursor.rawValue.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let segment = UInt32(parts[0]), let offset = UInt32(parts[1]),
            let index = Int(parts[2]),
            segment > 0, offset >= Segment.headerSize, offset & 7 == 0, index >= 0
        else { return nil }
        self.init(Position(segment: segment, offset: offset), index)
    }

    static func < (one: EventPlace, other: EventPlace) -> Bool {
        (one.position, one.index) < (other.position, other.index)
    }
}

extension EventCursor {
    init(_ place: EventPlace) {
        self.init(rawValue: "\(place.position.segment).\(place.position.offset).\(place.index)")
    }
}
