import Foundation
import Mailroom
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

@testable import MailroomRedisBroker

final class RedisBrokerTests: XCTestCase {
    /// One server for all tests; each has a prefix of its own. Started by the first that asks.
    private static let shared = Mutex<RedisServer?>(nil)

    override class func tearDown() { shared.withLock { $0 = nil } }

    private func server() throws -> RedisServer {
        try Self.shared.withLock { shared in
            if let shared { return shared }
            let server = try RedisServer()
            shared = server
            return server
        }
    }

    private func broker(_ prefix: String = #function) throws -> RedisBroker {
        try server().broker(String(prefix.prefix { $0.isLetter }.suffix(60)))
    }

    func testJobsOfOneProcessAreLeasedByAnother() async throws {
        let (one, other) = (try broker(), try broker())
        let attachment = Attachment.Content([UInt8](repeating: 7, count: 300_000))
        var submission = makeSubmission(payload: [UInt8](0...255), attachments: [attachment])
        submission.tags = ["club": "É"]
        let admissions = try await one.enqueue([submission])
        XCTAssertEqual(admissions, [.queued(submission.id)])
        let leases = try await other.lease(LeaseRequest(limit: 5, worker: "w"))
        XCTAssertEqual(leases.map(\.submission.id), [submission.id])
        XCTAssertEqual(leases[0].submission.payload, submission.payload)
        XCTAssertEqual(leases[0].submission.attachments.map(\.bytes), [attachment.bytes])
        XCTAssertEqual(leases[0].submission.tags, submission.tags)
        let results = try await other.settle([Settlement(leases[0].id, report: everyoneAccepted, next: .finished)])
        XCTAssertEqual(results, [.settled(.finished)])
        let record = try await one.records(of: [submission.id])[0]
        XCTAssertEqual(record?.state, .finished)
        XCTAssertEqual(record?.recipients.map(\.status), [.sent])
        await one.shutdown()
        await other.shutdown()
    }

    func testAWaitIsEndedByAJobOfAnotherProcessWhileOtherCallsGoOn() async throws {
        let (one, other) = (try broker(), try broker())
        let waiting = (0..<4).map { number in
            Task { try await one.lease(LeaseRequest(wait: .seconds(30), worker: "w\(number)")) }
        }
        for _ in 0..<20 { _ = try await one.counts() }
        let submissions = (0..<4).map { _ in makeSubmission() }
        for submission in submissions { _ = try await other.enqueue([submission]) }
        var leased: Set<JobID> = []
        for task in waiting { leased.formUnion(try await task.value.map(\.id.job)) }
        XCTAssertEqual(leased, Set(submissions.map(\.id)))
        await one.shutdown()
        await other.shutdown()
    }

    func testAWaitEndsWhenAJobBecomesDueAndWhenALeaseEnds() async throws {
        let broker = try broker()
        let later = makeSubmission(notBefore: SystemTimeSource().now().addingTimeInterval(0.15))
        _ = try await broker.enqueue([later])
        let first = try await broker.lease(LeaseRequest(wait: .seconds(20), duration: .milliseconds(150), worker: "w"))
        XCTAssertEqual(first.map(\.id.job), [later.id])
        let second = try await broker.lease(LeaseRequest(wait: .seconds(20), worker: "w"))
        XCTAssertEqual(second.map(\.attempt), [2])
        XCTAssertEqual(second.map(\.earlierAttemptLost), [true])
        await broker.shutdown()
    }

    func testShutdownEndsAWaitAtOnce() async throws {
        let broker = try broker()
        let waiting = Task { try await broker.lease(LeaseRequest(wait: .seconds(600), worker: "w")) }
        _ = try await broker.counts()
        await broker.shutdown()
        let error = await brokerError { _ = try await waiting.value }
        XCTAssertEqual(error?.code, .cancelled)
    }

    func testNothingIsLostOrDoubledAmongManySubmittersAndWorkers() async throws {
        let (one, other) = (try broker(), try broker())
        let total = 64 * 20
        let done = Gathered()
        let ids = try await withThrowingTaskGroup(of: [JobID].self) { group in
            for number in 0..<64 {
                group.addTask {
                    var ids: [JobID] = []
                    for _ in 0..<20 {
                        let submission = makeSubmission()
                        _ = try await (number.isMultiple(of: 2) ? one : other).enqueue([submission])
                        ids.append(submission.id)
                    }
                    return ids
                }
            }
            for number in 0..<8 {
                group.addTask {
                    let broker = number.isMultiple(of: 2) ? one : other
                    while done.jobs.count < total {
                        let leases = try await broker.lease(
                            LeaseRequest(limit: 7, wait: .milliseconds(200), worker: "w\(number)"))
                        let results = try await broker.settle(
                            leases.map { Settlement($0.id, report: everyoneAccepted, next: .finished) })
                        XCTAssertEqual(results, leases.map { _ in .settled(.finished) })
                        done.add(leases.map(\.id.job))
                    }
                    return []
                }
            }
            var ids: [JobID] = []
            for try await part in group { ids += part }
            return ids
        }
        XCTAssertEqual(ids.count, total)
        XCTAssertEqual(done.jobs.sorted(), ids.sorted())
        let counts = try await one.counts()
        XCTAssertEqual(counts.first?.jobs, [.finished: total])
        await one.shutdown()
        await other.shutdown()
    }

    func testThousandsAreStoredInOneStepAndComeBackInOrder() async throws {
        let broker = try broker()
        let submissions = (0..<9_000).map { _ in makeSubmission() }
        let admissions = try await broker.enqueue(submissions)
        XCTAssertEqual(admissions, submissions.map { .queued($0.id) })
        let again = try await broker.enqueue(Array(submissions[..<5000]))
        XCTAssertEqual(again, submissions[..<5000].map { .duplicate(of: $0.id) })
        let done = try await broker.drain(8_000)
        XCTAssertEqual(done, submissions.map(\.id))
        let removed = try await broker.prune(settledBefore: .distantFuture, states: [.finished])
        XCTAssertEqual(removed, 9_000)
        let counts = try await broker.counts()
        XCTAssertEqual(counts, [])
        await broker.shutdown()
    }

    func testACallThatIsLargerThanOneStepIsRefusedBeforeAnythingIsStored() async throws {
        let broker = try broker()
        let many = await brokerError {
            _ = try await broker.enqueue((0..<10_001).map { _ in makeSubmission() })
        }
        XCTAssertEqual(many?.code, .tooLarge)
        XCTAssertEqual(many?.mayHaveStored, false)
        XCTAssertEqual(many?.reason.contains("10001 submissions in one call are more than the 10,000"), true)
        XCTAssertEqual(many?.reason.contains("submit them in several calls"), true)
        let half = [UInt8](repeating: 7, count: 32 << 20)
        let large = await brokerError {
            _ = try await broker.enqueue([makeSubmission(payload: half), makeSubmission(payload: half)])
        }
        XCTAssertEqual(large?.code, .tooLarge)
        XCTAssertEqual(large?.mayHaveStored, false)
        XCTAssertEqual(large?.reason.contains("64 MiB"), true)
        let counts = try await broker.counts()
        XCTAssertEqual(counts, [])
        let admissions = try await broker.enqueue((0..<10_000).map { _ in makeSubmission() })
        XCTAssertEqual(admissions.count, 10_000, "as many as one step takes")
        await broker.shutdown()
    }

    func testNothingIsLeftOfJobsThatWereRemoved() async throws {
        let prefix = "leftovers"
        let broker = try server().broker(prefix)
        let attachment = Attachment.Content([1, 2, 3])
        _ = try await broker.enqueue([
            makeSubmission(attachments: [attachment], key: "k"), makeSubmission(attachments: [attachment]),
        ])
        _ = try await broker.cancel(try await broker.jobs(matching: JobQuery()).jobs.map(\.id), reason: "no")
        let dead = try await broker.jobs(matching: JobQuery(states: [.dead])).jobs.map(\.id)
        XCTAssertEqual(dead.count, 2)
        let forgotten = try await broker.forget(dead, in: [.dead])
        XCTAssertEqual(Set(forgotten), Set(dead))
        let keys = try server().ask("KEYS", "{\(prefix)}:*").split(separator: "\n").sorted()
        // The counter, the queue's name, the counts and the events stay.
        XCTAssertEqual(keys, ["{leftovers}:c", "{leftovers}:e", "{leftovers}:n", "{leftovers}:q"])
        let again = try await broker.enqueue([makeSubmission(key: "k")])
        guard case .queued = again[0] else { return XCTFail("the key is still taken") }
        await broker.shutdown()
    }

    func testAnAttachmentIsStoredOnceAndSentAgainWhereTheServerLacksIt() async throws {
        let prefix = "attachments"
        let broker = try server().broker(prefix)
        let attachment = Attachment.Content([UInt8](repeating: 1, count: 5000))
        for _ in 0..<3 { _ = try await broker.enqueue([makeSubmission(attachments: [attachment])]) }
        XCTAssertEqual(try server().ask("KEYS", "{\(prefix)}:o:*").split(separator: "\n").count, 1)
        XCTAssertEqual(try server().ask("HVALS", "{\(prefix)}:oc"), "3")
        let done = try await broker.drain()
        XCTAssertEqual(done.count, 3)
        XCTAssertEqual(try server().ask("KEYS", "{\(prefix)}:o:*"), "")
        // This process believes that it is still there.
        _ = try await broker.enqueue([makeSubmission(attachments: [attachment])])
        let lease = try await broker.lease(LeaseRequest(worker: "w"))[0]
        XCTAssertEqual(lease.submission.attachments.map(\.bytes), [attachment.bytes])
        await broker.shutdown()
    }

    func testAJobWhoseContentTheServerLostIsHeld() async throws {
        let prefix = "evicted"
        let broker = try server().broker(prefix)
        let submissions = [makeSubmission(), makeSubmission()]
        _ = try await broker.enqueue(submissions)
        try server().ask("EVAL", "return redis.call('DEL', KEYS[1] .. ARGV[1])", "1", "{\(prefix)}:b:", "x")
        _ = try server().ask(
            "EVAL", "for _, k in ipairs(redis.call('KEYS', KEYS[1])) do redis.call('DEL', k) break end", "1",
            "{\(prefix)}:b:*")
        let leases = try await broker.lease(LeaseRequest(limit: 5, worker: "w"))
        XCTAssertEqual(leases.count, 1)
        let held = try await broker.jobs(matching: JobQuery(states: [.held]))
        XCTAssertEqual(held.jobs.count, 1)
        XCTAssertEqual(held.jobs.first?.error?.contains("noeviction"), true)
        await broker.shutdown()
    }

    func testACancelledLeaseCallGivesBackWhatItsAnswerBrings() async throws {
        let broker = try broker()
        let submission = makeSubmission()
        _ = try await broker.enqueue([submission])
        try server().ask("CLIENT", "PAUSE", "300", "WRITE")
        let leasing = Task { try await broker.lease(LeaseRequest(worker: "hasty")) }
        leasing.cancel()
        let start = ContinuousClock.now
        let error = await brokerError { _ = try await leasing.value }
        XCTAssertEqual(error?.code, .cancelled)
        XCTAssertLessThan(.now - start, .milliseconds(200))
        let leases = try await broker.lease(LeaseRequest(wait: .seconds(20), worker: "w"))
        XCTAssertEqual(leases.map(\.id.job), [submission.id])
        XCTAssertEqual(leases.map(\.attempt), [1])
        await broker.shutdown()
    }
}

/// Jobs that several tasks are done with.
private final class Gathered: Sendable {
    private let list = Mutex<[JobID]>([])

    var jobs: [JobID] { list.withLock { $0 } }

    func add(_ jobs: [JobID]) { list.withLock { $0 += jobs } }
}
