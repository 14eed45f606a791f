import Foundation
import Mailroom
import MailroomRedisBroker
import TestSupport
import XCTest

/// Processes whose clocks are an hour from the server's.
final class RedisClockTests: XCTestCase {
    /// This machine's clocks, the one on the wall put forward.
    private struct ShiftedTime: TimeSource {
        let ahead: TimeInterval
        private let system = SystemTimeSource()

        init(ahead: TimeInterval) { self.ahead = ahead }

        func now() -> Date { system.now().addingTimeInterval(ahead) }
        func uptime() -> Duration { system.uptime() }
        func sleep(until deadline: Duration) async throws(CancellationError) {
            try await system.sleep(until: deadline)
        }
    }

    private static let clocks: [TimeInterval] = [-3600, 0, 3600]

    private func broker(_ server: RedisServer, ahead: TimeInterval) -> RedisBroker {
        RedisBroker(server.configuration("clock"), time: ShiftedTime(ahead: ahead), isServerTimed: true)
    }

    private func submission(
        at now: Date, delay: TimeInterval = 0, expiresAfter: TimeInterval = 86_400
    ) -> Submission {
        Submission(
            id: JobID(at: now, random: .system), messageID: "m@example.org", recipients: [.to("ann@example.org")],
            createdAt: now, notBefore: now.addingTimeInterval(delay), expiresAt: now.addingTimeInterval(expiresAfter),
            payload: [1])
    }

    func testAnHourBetweenClocksLosesAndDuplicatesNothing() async throws {
        let server = try RedisServer()
        let brokers = Self.clocks.map { broker(server, ahead: $0) }
        var jobs: Set<JobID> = []
        for (ahead, broker) in zip(Self.clocks, brokers) {
            // Half an hour to expire: less than the clocks are apart.
            let now = Date().addingTimeInterval(ahead)
            let submissions = (0..<60).map { _ in submission(at: now, expiresAfter: 1800) }
            _ = try await broker.enqueue(submissions)
            jobs.formUnion(submissions.map(\.id))
        }
        let done = try await withThrowingTaskGroup(of: [JobID].self) { group in
            for broker in brokers { group.addTask { try await broker.drain(7) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        XCTAssertEqual(done.count, jobs.count)
        XCTAssertEqual(Set(done), jobs)
        for broker in brokers {
            let records = try await broker.records(of: Array(jobs))
            XCTAssertEqual(records.map(\.?.state), jobs.map { _ in .finished })
            XCTAssertEqual(records.map(\.?.attempts), jobs.map { _ in 1 })
            await broker.shutdown()
        }
    }

    func testALeaseLastsItsTimeWhateverTheClocksOfProcessesSay() async throws {
        let server = try RedisServer()
        for (first, second) in [(-3600.0, 3600.0), (3600.0, -3600.0)] {
            let (one, other) = (broker(server, ahead: first), broker(server, ahead: second))
            _ = try await one.enqueue([submission(at: Date().addingTimeInterval(first))])
            let leases = try await one.lease(LeaseRequest(duration: .seconds(30), worker: "one"))
            XCTAssertEqual(leases.count, 1)
            let early = try await other.lease(LeaseRequest(worker: "other"))
            XCTAssertEqual(early.count, 0)
            let begin = ContinuousClock.now
            let lost = try await one.extend(leases.map(\.id), by: .seconds(1))
            XCTAssertEqual(lost, [])
            let remaining = try await other.leasedJobs().map(\.remaining)
            XCTAssert(remaining.allSatisfy { $0 <= .seconds(1) }, "\(remaining)")
            let later = try await other.lease(LeaseRequest(wait: .seconds(30), worker: "other"))
            XCTAssertEqual(later.map(\.attempt), [2])
            // The server counts in whole milliseconds.
            XCTAssertGreaterThanOrEqual(begin.duration(to: .now), .milliseconds(999))
            let results = try await other.settle(
                later.map { Settlement($0.id, report: everyoneAccepted, next: .finished) })
            XCTAssertEqual(results, [.settled(.finished)])
            await one.shutdown()
            await other.shutdown()
        }
    }

    func testDelaysAndRetriesLastAsLongAsTheyWereMeantTo() async throws {
        let server = try RedisServer()
        let watch = server.broker("clock")
        for ahead in Self.clocks {
            let broker = broker(server, ahead: ahead)
            let now = Date().addingTimeInterval(ahead)
            let (delayed, tried, snoozed) = (submission(at: now, delay: 600), submission(at: now), submission(at: now))
            _ = try await broker.enqueue([delayed, tried, snoozed])
            let leases = try await watch.lease(LeaseRequest(limit: 5, worker: "w"))
            XCTAssertEqual(leases.map(\.id.job), [tried.id, snoozed.id])
            let results = try await broker.settle([
                Settlement(leases[0].id, next: .retry(notBefore: now.addingTimeInterval(600)), reason: "later"),
                Settlement(leases[1].id, next: .snooze(until: now.addingTimeInterval(600)), reason: "later"),
            ])
            XCTAssertEqual(results, [.settled(.scheduled), .settled(.scheduled)])
            for record in try await watch.records(of: [delayed.id, tried.id, snoozed.id]) {
                let wait = try XCTUnwrap(record).notBefore.timeIntervalSinceNow
                XCTAssert((500...620).contains(wait), "\(wait) s where the clock is \(ahead) s ahead")
            }
            await broker.shutdown()
        }
        await watch.shutdown()
    }

    func testAJobExpiresAsLateAsItWasMeantToByTheClockOfWhoeverLooks() async throws {
        let server = try RedisServer()
        for (first, second) in [(-3600.0, 3600.0), (3600.0, -3600.0), (0, 3600), (3600, 0), (0, 0)] {
            let (one, other) = (broker(server, ahead: first), broker(server, ahead: second))
            _ = try await one.enqueue([submission(at: Date().addingTimeInterval(first), expiresAfter: 600)])
            let lease = try await other.lease(LeaseRequest(worker: "w")).first
            let left = try XCTUnwrap(lease).submission.expiresAt.timeIntervalSince(Date().addingTimeInterval(second))
            XCTAssert((500...620).contains(left), "\(left) s for a clock \(second) s ahead, after one \(first) s ahead")
            _ = try await other.settle([Settlement(try XCTUnwrap(lease).id, next: .dead, reason: "no")])
            // Who revives it gives it its whole time again.
            let job = try XCTUnwrap(lease).id.job
            let revived = try await one.retry([job])
            XCTAssertEqual(revived, [job])
            let again = try await other.drain()
            XCTAssertEqual(again, [job])
            await one.shutdown()
            await other.shutdown()
        }
    }

    func testAProcessFarAheadRemovesNoRecordsBeforeTheirTime() async throws {
        let server = try RedisServer()
        let month: TimeInterval = 30 * 86_400
        let ahead = broker(server, ahead: 40 * 86_400)
        let job = submission(at: Date().addingTimeInterval(40 * 86_400))
        _ = try await ahead.enqueue([job])
        _ = try await ahead.drain()
        let monthAgo = Date().addingTimeInterval(40 * 86_400 - month)
        let removed = try await ahead.prune(settledBefore: monthAgo, states: [.finished])
        XCTAssertEqual(removed, 0)
        let soon = Date().addingTimeInterval(40 * 86_400 + 60)
        let later = try await ahead.prune(settledBefore: soon, states: [.finished])
        XCTAssertEqual(later, 1)
        await ahead.shutdown()
    }
}
