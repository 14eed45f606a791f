import Foundation
public import Mailroom

extension RedisBroker: EventFeed {
    /// Where the feed ends.
    public func latestEvent() async throws(BrokerError) -> EventCursor {
        EventPlace(entry: try await feed(after: "", limit: 1).last, read: nil).cursor
    }

    /// Events after a place, of all processes. The latest ten thousand at least are kept. Where the entry that a cursor
    /// names was trimmed, a gap is told, even if it was the last to be trimmed.
    public func events(
        after cursor: EventCursor, limit: Int, wait: Duration
    ) async throws(BrokerError) -> EventBatch {
        let place = EventPlace(cursor)
        var last = ""
        return try await listener.events.search(for: "an event", within: wait, on: time) { _ throws(BrokerError) in
            if Task.isCancelled { throw RedisBroker.cancelledFeed }
            let found = try await feed(after: place?.entry ?? "-1", limit: max(1, limit))
            last = found.last
            return Look(batch(of: found, after: place, limit: limit))
        } idle: { isIdle in
            if isIdle { listener.join(from: last) } else { listener.leave() }
        }
    }

    private static var cancelledFeed: BrokerError {
        BrokerError(.cancelled, "the wait for an event was cancelled", mayHaveStored: false)
    }

    private struct Found {
        var isWhole: Bool
        var last: String
        var own: EventEntry?
        var following: [EventEntry]
    }

    private func feed(after entry: String, limit: Int) async throws(BrokerError) -> Found {
        var arguments = arguments()
        // No entry has a number as high: a cursor of somebody else's finds nothing and is told of a gap.
        arguments.write(entry == "-1" ? "18446744073709551615-1" : entry)
        arguments.write(min(limit, 1000))
        guard let parts = try await call(Scripts.feed, arguments).array, parts.count == 4, let last = parts[1].string
        else { throw unexpected }
        return Found(
            isWhole: parts[0].integer == 1, last: last, own: parts[2].array?.first.flatMap(EventEntry.init),
            following: parts[3].array?.compactMap(EventEntry.init) ?? [])
    }

    private func batch(of found: Found, after place: EventPlace?, limit: Int) -> EventBatch {
        var events: [JobEvent] = []
        var end = place ?? EventPlace(entry: "0-0", read: nil)
        if !found.isWhole { end = EventPlace(entry: "0-0", read: nil) }
        func take(_ entry: EventEntry, from start: Int) -> Bool {
            let room = limit - events.count
            guard room > 0 else { return false }
            let taken = entry.events.dropFirst(start).prefix(room)
            events += taken
            let isRead = start + taken.count >= entry.events.count
            end = EventPlace(entry: entry.id, read: isRead ? nil : start + taken.count)
            return isRead
        }
        if found.isWhole, let read = place?.read, let own = found.own {
            guard take(own, from: read) else { return EventBatch(events: events, next: end.cursor) }
        }
        for entry in found.following where !take(entry, from: 0) { break }
        return EventBatch(events: events, next: end.cursor, hasGap: !found.isWhole)
    }
}

/// A place in the stream: behind an entry, or behind the first events of one.
struct EventPlace: Hashable {
    var entry: String
    /// How many events of the entry were read; `nil` is all.
    var read: Int?

    init(entry: String, read: Int?) {
        self.entry = entry
        self.read = read
    }

    /// `nil` for a cursor that this broker did not make.
    init?(_ cursor: EventCursor) {
        let parts = cursor.rawValue.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, numbers.allSatisfy({ UInt64($0) != nil }) else { return nil }
        entry = String(parts[0])
        if parts.count == 2 {
            guard let count = Int(parts[1]), count > 0 else { return nil }
            read = count
        }
    }

    var cursor: EventCursor { EventCursor(rawValue: read.map { "\(entry).\($0)" } ?? entry) }
}
