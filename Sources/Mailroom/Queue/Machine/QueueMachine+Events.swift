import Foundation

extension QueueMachine {
    /// How many events are kept at least.
    static let eventLimit = 10_000

    func note(_ kind: JobEvent.Kind, _ job: JobID, at time: Date) {
        if events.count >= 2 * QueueMachine.eventLimit {
            events.removeFirst(QueueMachine.eventLimit)
            trimmedEvents += QueueMachine.eventLimit
        }
        events.append(JobEvent(job: job, kind: kind, time: time))
    }

    /// How many events there were: the place of the feed's end.
    package var eventCount: Int { trimmedEvents + events.count }

    /// Events after a place, at most so many.
    package func events(after place: Int?, limit: Int) -> (events: [JobEvent], next: Int, hasGap: Bool) {
        let isKnown = place.map { $0 >= trimmedEvents && $0 <= eventCount } ?? false
        let start = isKnown ? place! - trimmedEvents : 0
        let end = min(events.count, start + max(0, limit))
        return (Array(events[start..<end]), trimmedEvents + end, !isKnown)
    }
}
