import Foundation
import Mailroom
import MailroomMemoryBroker
import MailroomRedisBroker
import MailroomTesting
import TestSupport
import XCTest

/// The scripts are the queue's machine in another language: whatever is done, both brokers answer the same.
final class RedisMachineTests: XCTestCase {
    func testAnswersAsTheMemoryBrokerDoesWhateverIsDone() async throws {
        let server = try RedisServer()
        for seed in 0..<12 {
            let clock = ManualClock()
            let broker = RedisBroker(server.configuration("machine-\(seed)"), time: clock)
            var pair = BrokerPair(model: MemoryBroker(time: clock), broker: broker, clock: clock, seed: UInt64(seed))
            do {
                try await pair.run(steps: 60)
            } catch {
                XCTFail("seed \(seed): \(error)")
            }
            await broker.shutdown()
        }
    }
}

/// Two brokers that are asked the same.
private struct BrokerPair {
    struct Difference: Error, CustomStringConvertible {
        var description: String
    }

    let model: MemoryBroker
    let broker: RedisBroker
    let clock: ManualClock
    private var random: SeededGenerator
    /// What was done, for the reader of a failure.
    private var done: [Int] = []
    private var jobs: [Submission] = []
    /// Leases of both, and those that have ended, too.
    private var leases: [(model: Lease.ID, broker: Lease.ID)] = []
    private let names = ["a@example.org", "B@example.org", "c@example.org", "d@example.org"]

    init(model: MemoryBroker, broker: RedisBroker, clock: ManualClock, seed: UInt64) {
        self.model = model
        self.broker = broker
        self.clock = clock
        random = SeededGenerator(seed)
    }

    mutating func run(steps: Int) async throws {
        let start = (try await model.latestEvent(), try await broker.latestEvent())
        for step in 0..<steps {
            do {
                try await act()
                try await compare()
            } catch let difference as Difference {
                throw Difference(description: "after actions \(done.suffix(3)), step \(step): \(difference)")
            }
        }
        let events = (
            try await model.events(after: start.0, limit: 100_000, wait: .zero),
            try await broker.events(after: start.1, limit: 100_000, wait: .zero)
        )
        for job in jobs {
            try same(
                events.1.events.filter { $0.job == job.id }, events.0.events.filter { $0.job == job.id }, "events")
        }
        try same(events.1.events.count, events.0.events.count, "number of events")
    }

    private func same<Value: Equatable>(_ seen: Value, _ wanted: Value, _ what: String) throws {
        guard seen == wanted else { throw Difference(description: "\(what): \(seen), not \(wanted)") }
    }

    private mutating func chance(_ part: Int) -> Bool { Int.random(in: 0..<part, using: &random) == 0 }

    private mutating func act() async throws {
        let action = Int.random(in: 0..<20, using: &random)
        done.append(action)
        switch action {
        case 0..<5: try await enqueue()
        case 5..<9: try await lease()
        case 9..<14: try await settle()
        case 14: clock.advance(by: .seconds(Int.random(in: 1...40, using: &random)))
        case 15:
            let some = leases.filter { _ in Bool.random(using: &random) }
            let lost = (
                try await model.extend(some.map(\.model), by: .seconds(20)),
                try await broker.extend(some.map(\.broker), by: .seconds(20))
            )
            try same(lost.1.map(\.job), lost.0.map(\.job), "lost leases")
        case 16:
            let some = someJobs()
            try same(
                try await broker.cancel(some, reason: "stopped"), try await model.cancel(some, reason: "stopped"),
                "cancelled")
        case 17:
            // A job revived after another took its key: which of the two then answers for the key is left open.
            let keyed = Set(jobs.filter { $0.idempotency != nil }.map(\.id))
            let some = someJobs().filter { !keyed.contains($0) }
            try same(try await broker.retry(some), try await model.retry(some), "revived")
        case 18:
            let some = someJobs()
            let states = Set(JobState.allCases.filter { _ in Bool.random(using: &random) })
            try same(
                try await broker.forget(some, in: states), try await model.forget(some, in: states), "forgotten")
            let limit = clock.now().addingTimeInterval(-20)
            try same(
                try await broker.prune(settledBefore: limit, states: states),
                try await model.prune(settledBefore: limit, states: states), "pruned")
        default:
            let address = names.randomElement(using: &random)!
            try same(
                try await broker.erase(recipient: address), try await model.erase(recipient: address), "erased")
        }
    }

    private mutating func someJobs() -> [JobID] {
        jobs.filter { _ in Bool.random(using: &random) }.map(\.id).shuffled(using: &random)
    }

    private mutating func enqueue() async throws {
        var new: [Submission] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            if chance(6), let known = jobs.randomElement(using: &random) {
                new.append(known)
                continue
            }
            let now = clock.now()
            var submission = Submission(
                id: JobID(at: now, random: .system), queue: chance(3) ? "slow" : "default", messageID: "m@example.org",
                recipients: names.prefix(Int.random(in: 1...3, using: &random)).map { .to($0) }, createdAt: now,
                notBefore: chance(3) ? now.addingTimeInterval(15) : nil,
                expiresAt: now.addingTimeInterval(chance(4) ? 30 : 3600), payload: [1])
            if chance(3) { submission.tags = ["club": chance(2) ? "x" : "a@example.org"] }
            if chance(3) {
                let key = ["k", "l", "c@example.org"].randomElement(using: &random)!
                submission.idempotency = .init(
                    key: key, lifetime: .seconds(30), fingerprint: Fingerprint(of: chance(9) ? [1] : [2]))
            }
            if chance(3) { submission.attachments = [Attachment.Content([chance(2) ? 1 : 2])] }
            new.append(submission)
            jobs.append(submission)
        }
        let (wanted, seen) = (
            await answer { try await model.enqueue(new) }, await answer { try await broker.enqueue(new) }
        )
        try same(seen, wanted, "admissions")
    }

    private func answer(_ body: () async throws -> [Admission]) async -> Result<[Admission], BrokerError> {
        do { return .success(try await body()) } catch {
            return .failure(error as? BrokerError ?? .init(.corrupt, "?"))
        }
    }

    private mutating func lease() async throws {
        let request = LeaseRequest(
            queues: chance(2) ? ["default", "slow"] : ["slow"], limit: 1000, duration: .seconds(chance(2) ? 10 : 30),
            worker: chance(2) ? "w" : "v")
        let wanted = try await model.lease(request).sorted { $0.id.job < $1.id.job }
        let seen = try await broker.lease(request).sorted { $0.id.job < $1.id.job }
        try same(seen.map(\.id.job), wanted.map(\.id.job), "leased jobs")
        for (seen, wanted) in zip(seen, wanted) {
            try same(seen.attempt, wanted.attempt, "attempt")
            try same(seen.earlierAttemptLost, wanted.earlierAttemptLost, "lost attempt")
            try same(seen.isRevived, wanted.isRevived, "revived")
            try same(seen.fingerprint, wanted.fingerprint, "fingerprint")
            try same(seen.recipients, wanted.recipients, "recipients")
            try same(seen.submission.expiresAt, wanted.submission.expiresAt, "expiry")
            try same(seen.submission.attachments, wanted.submission.attachments, "attachments")
            leases.append((wanted.id, seen.id))
        }
    }

    private mutating func settle() async throws {
        var settlements: [(Settlement, Settlement)] = []
        for lease in leases where chance(2) {
            var report: DeliveryReport?
            if !chance(4) {
                report = DeliveryReport(
                    names.filter { _ in !chance(3) }.map { name in
                        RecipientOutcome(
                            recipient: name, status: .init(rawValue: UInt8.random(in: 0...3, using: &random))!,
                            reply: chance(2) ? Reply(code: 450, text: "\(name) is busy") : nil,
                            route: chance(2) ? "mx" : "", remoteID: chance(2) ? "id" : nil)
                    })
            }
            let time = clock.now().addingTimeInterval(chance(3) ? 0 : 12)
            let next: Settlement.Next = [
                .finished, .retry(notBefore: time), .snooze(until: time), .release, .dead, .held,
            ].randomElement(using: &random)!
            var settlement = Settlement(
                lease.model, report: report, next: next, reason: chance(2) ? "because" : nil,
                fingerprint: chance(2) ? Fingerprint(rawValue: .max) : nil)
            let first = settlement
            settlement.lease = lease.broker
            settlements.append((first, settlement))
        }
        try same(
            try await broker.settle(settlements.map(\.1)), try await model.settle(settlements.map(\.0)), "settled")
    }

    private func compare() async throws {
        try same(
            try await broker.counts(), try await model.counts(), "counts"
        )
        let listed = (
            try await broker.jobs(matching: JobQuery(limit: 1000)).jobs,
            try await model.jobs(matching: JobQuery(limit: 1000)).jobs
        )
        try same(listed.0.map(\.id), listed.1.map(\.id), "list")
        for (seen, wanted) in zip(listed.0, listed.1) { try compare(seen, wanted) }
        for state in JobState.allCases {
            let found = (
                try await broker.jobs(matching: JobQuery(states: [state], queues: ["slow"], limit: 1000)).jobs,
                try await model.jobs(matching: JobQuery(states: [state], queues: ["slow"], limit: 1000)).jobs
            )
            try same(found.0.map(\.id), found.1.map(\.id), "list of \(state)")
        }
        let held = (try await broker.leasedJobs(), try await model.leasedJobs())
        try same(
            Set(held.0.map { "\($0.job.id) \($0.worker) \($0.remaining)" }),
            Set(held.1.map { "\($0.job.id) \($0.worker) \($0.remaining)" }), "jobs in hand")
        for query in [
            SendQuery(limit: 1000), SendQuery(limit: 3, status: .failed), SendQuery(limit: 1000, tags: ["club": "x"]),
            SendQuery(limit: 1000, recipient: "b@EXAMPLE.org"),
            SendQuery(limit: 1000, status: .sent, recipient: "a@example.org"),
        ] {
            let sends = (try await broker.sends(matching: query), try await model.sends(matching: query))
            try same(
                sends.0.map { "\($0.job.id) \($0.recipient)" }, sends.1.map { "\($0.job.id) \($0.recipient)" }, "sends")
            try same(
                try await broker.sendCounts(matching: query), try await model.sendCounts(matching: query), "send counts"
            )
        }
        let ids = jobs.map(\.id)
        let records = (try await broker.records(of: ids), try await model.records(of: ids))
        try same(records.0.map { $0?.id }, records.1.map { $0?.id }, "records")
    }

    private func compare(_ seen: JobRecord, _ wanted: JobRecord) throws {
        try same(seen.state, wanted.state, "state")
        try same(seen.attempts, wanted.attempts, "attempts")
        try same(seen.queue, wanted.queue, "queue")
        try same(seen.tags, wanted.tags, "tags")
        try same(seen.error, wanted.error, "error")
        try same(seen.updatedAt, wanted.updatedAt, "update")
        if !seen.state.isSettled { try same(seen.notBefore, wanted.notBefore, "due") }
        try same(seen.recipients, wanted.recipients, "recipients")
    }
}
