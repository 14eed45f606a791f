/// The latest events, each with its number.
package struct EventRing {
    private var events: [JobEvent] = []
    private var trimmed = 0
    private let limit: Int

    /// Keeps at least this many.
    package init(limit: Int = 10_000) { self.limit = limit }

    package mutating func append(_ event: JobEvent) {
        if events.count >= 2 * limit {
            events.removeFirst(limit)
            trimmed += limit
        }
        events.append(event)
    }

    /// How many there were: the place of the feed's end.
    package var end: Int { trimmed + events.count }

    /// Events after a place, at most so many.
    package func events(after place: Int?, limit: Int) -> (events: [JobEvent], next: Int, hasGap: Bool) {
        let isKnown = place.map { $0 >= trimmed && $0 <= end } ?? false
        let first = isKnown ? place! - trimmed : 0
        let last = min(events.count, first + max(0, limit))
        return (Array(events[first..<last]), trimmed + last, !isKnown)
    }
}
