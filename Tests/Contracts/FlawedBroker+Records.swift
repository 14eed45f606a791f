import Foundation
import Mailroom
import MailroomTesting

extension FlawedBroker: SendRecords {
    func records(of jobs: [JobID]) async throws(BrokerError) -> [JobRecord?] {
        var found: [JobRecord?] = []
        for (job, record) in zip(jobs, try await inner.records(of: jobs)) {
            let removed = note { $0.removed[job] }
            let record = record ?? (flaw == .remembersTheRemoved ? removed : nil)
            if record != nil || flaw != .skipsTheUnknown { found.append(record.map(flawed)) }
        }
        return found
    }

    private func flawed(_ original: JobRecord) -> JobRecord {
        var record = original
        switch flaw {
        case .forgetsErrors: record.error = nil
        case .keepsErrors: record.error = record.error ?? note { $0.reasons[record.id] }
        case .countsAttemptsAtTheirEnd: if record.state == .leased { record.attempts -= 1 }
        case .updatesWhenRead: record.updatedAt = clock.now()
        case .keepsTagsOfTheErased: record.tags = submission(record.id).tags
        default: break
        }
        let isToldAgain = note { $0.toldAgain.contains(record.id) }
        for index in record.recipients.indices {
            switch flaw {
            case .forgetsRoutes: record.recipients[index].route = ""
            case .datesSendsAnew where record.recipients[index].sentAt != nil:
                record.recipients[index].sentAt = record.updatedAt
            case .mergesAgain where isToldAgain: record.recipients[index].isPossibleDuplicate = true
            default: break
            }
        }
        return record
    }

    func sends(matching query: SendQuery) async throws(BrokerError) -> [Send] {
        var query = query
        if flaw == .matchesAnyTag {
            query.tags = Dictionary(uniqueKeysWithValues: query.tags.min { $0.key < $1.key }.map { [$0] } ?? [])
        }
        let sends = try await inner.sends(matching: query)
        switch flaw {
        case .listsSendsOldestFirst: return sends.reversed()
        case .matchesExactly:
            return sends.filter { query.recipient == nil || $0.recipient.recipient.address == query.recipient }
        default: return sends
        }
    }

    func sendCounts(matching query: SendQuery) async throws(BrokerError) -> [RecipientRecord.Status: Int] {
        let counts = try await inner.sendCounts(matching: query)
        return flaw == .countsUpToTheLimit ? counts.mapValues { min($0, query.limit) } : counts
    }
}

extension FlawedBroker: EventFeed {
    func latestEvent() async throws(BrokerError) -> EventCursor {
        let end = try await inner.latestEvent()
        if flaw == .cursorsOfItsOwn { return EventCursor(rawValue: "\(number):\(end.rawValue)") }
        return flaw == .beginsWithTheFirst && end.rawValue == "0" ? EventCursor(rawValue: "none") : end
    }

    func events(
        after cursor: EventCursor, limit: Int, wait: Duration
    ) async throws(BrokerError) -> EventBatch {
        var (place, limit, wait) = (cursor, limit, wait)
        switch flaw {
        case .cursorsOfItsOwn:
            let prefix = "\(number):"
            place = EventCursor(rawValue: place.rawValue.hasPrefix(prefix) ? String(place.rawValue.dropFirst(2)) : "x")
        case .ignoresEventLimits: limit = 100
        case .doesNotWaitForEvents: wait = .zero
        case .waitsTooLongForEvents: wait *= 1000
        default: break
        }
        var batch = try await inner.events(after: place, limit: limit, wait: wait)
        switch flaw {
        case .cursorsOfItsOwn: batch.next = EventCursor(rawValue: "\(number):\(batch.next.rawValue)")
        case .startsOver: batch.next = cursor
        case .takesAnyCursor: batch.hasGap = false
        case .hidesRevivals: batch.events.removeAll { $0.kind == .revived }
        case .tellsTwice: batch.events = batch.events.flatMap { [$0, $0] }
        case .tellsReleasesAsRetries, .tellsDoubtAsDeath:
            for index in batch.events.indices {
                switch (flaw, batch.events[index].kind) {
                case (.tellsReleasesAsRetries, .released): batch.events[index].kind = .retrying
                case (.tellsDoubtAsDeath, .held): batch.events[index].kind = .dead
                default: break
                }
            }
        default: break
        }
        return batch
    }
}
