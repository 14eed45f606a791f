import Foundation
import Mailroom
import TestSupport
import XCTest

@testable import MailroomRedisBroker

/// What real servers do to a broker, and what it makes of it.
final class RedisFaultTests: XCTestCase {
    func testGoesOnWhereTheServerForgotItsScripts() async throws {
        let server = try RedisServer()
        let broker = server.broker()
        for _ in 0..<3 {
            try server.ask("SCRIPT", "FLUSH")
            let admissions = try await withThrowingTaskGroup(of: [Admission].self) { group in
                for _ in 0..<20 { group.addTask { try await broker.enqueue([makeSubmission()]) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            XCTAssertEqual(admissions.count, 20)
        }
        let done = try await broker.drain()
        XCTAssertEqual(done.count, 60)
        await broker.shutdown()
    }

    func testRefusesJobsWhereMemoryIsUsedUpAndSettlesThoseInHand() async throws {
        let server = try RedisServer()
        let broker = server.broker()
        let submissions = (0..<50).map { _ in makeSubmission(payload: [UInt8](repeating: 1, count: 20_000)) }
        _ = try await broker.enqueue(submissions)
        let leases = try await broker.lease(LeaseRequest(limit: 10, worker: "w"))
        try server.ask("CONFIG", "SET", "maxmemory", "1mb")
        let refused = makeSubmission()
        let error = await brokerError { _ = try await broker.enqueue([refused]) }
        XCTAssertEqual(error?.code, .full)
        XCTAssertEqual(error?.mayHaveStored, false)
        let results = try await broker.settle(
            leases.map { Settlement($0.id, report: everyoneAccepted, next: .finished) })
        XCTAssertEqual(results, leases.map { _ in .settled(.finished) })
        let more = try await broker.lease(LeaseRequest(limit: 1, worker: "w"))
        XCTAssertEqual(more.count, 1)
        let record = try await broker.records(of: [refused.id])
        XCTAssertEqual(record.compactMap(\.?.id), [])
        try server.ask("CONFIG", "SET", "maxmemory", "0")
        let admissions = try await broker.enqueue([refused])
        XCTAssertEqual(admissions, [.queued(refused.id)])
        await broker.shutdown()
    }

    func testRefusesJobsWhereTheServerCannotWriteItsDisk() async throws {
        let server = try RedisServer()
        let broker = server.broker()
        _ = try await broker.enqueue([makeSubmission()])
        server.folder.remove()
        try server.ask("CONFIG", "SET", "save", "3600 1")
        try server.ask("BGSAVE")
        try await eventually("the server has failed to save") {
            try server.ask("INFO", "persistence").contains("rdb_last_bgsave_status:err")
        }
        try await assertRefused(broker, saying: "disk")
        let counts = try await broker.counts()
        XCTAssertEqual(counts.first?[.ready], 1)
        XCTAssertEqual(try server.ask("CONFIG", "SET", "stop-writes-on-bgsave-error", "no"), "OK")
        _ = try await broker.enqueue([makeSubmission()])
        await broker.shutdown()
    }

    func testRefusesJobsWhereReplicasAreMissing() async throws {
        let server = try RedisServer()
        let broker = server.broker()
        try server.ask("CONFIG", "SET", "min-replicas-to-write", "1")
        try await assertRefused(broker, saying: "min-replicas-to-write")
        try server.ask("CONFIG", "SET", "min-replicas-to-write", "0")
        _ = try await broker.enqueue([makeSubmission()])
        await broker.shutdown()
    }

    func testFindsThePrimaryAgainOnceAReplicaIsPromoted() async throws {
        let (primary, replica) = (try RedisServer(), try RedisServer())
        let broker = replica.broker()
        let first = makeSubmission()
        _ = try await broker.enqueue([first])
        try replica.ask("REPLICAOF", "127.0.0.1", String(primary.port))
        try await eventually("the replica has its primary") { try hasPrimary(replica) }
        try await assertRefused(broker, saying: "replica")
        let check = await broker.checkConnection(until: .now + .seconds(10))[0]
        XCTAssertEqual(check.findings.first { $0.name == "role" }?.value, "replica")
        XCTAssertNotNil(check.problem)
        let offering = Task { try await broker.enqueue([first]) }
        try replica.ask("REPLICAOF", "NO", "ONE")
        // It may have been refused before the promotion; offered again it is taken.
        if (try? await offering.value) == nil { _ = try await broker.enqueue([first]) }
        let done = try await broker.drain()
        XCTAssertEqual(done, [first.id])
        await broker.shutdown()
    }

    func testTellsThatAReplicaLostItsPrimary() async throws {
        let (primary, replica) = (try RedisServer(), try RedisServer(["--replica-serve-stale-data", "no"]))
        try replica.ask("REPLICAOF", "127.0.0.1", String(primary.port))
        try await eventually("the replica has its primary") { try hasPrimary(replica) }
        primary.stop()
        try await eventually("the replica has lost its primary") { try !hasPrimary(replica) }
        let broker = replica.broker()
        let error = await brokerError { _ = try await broker.counts() }
        XCTAssertEqual(error?.code, .unavailable)
        XCTAssertEqual(error?.mayHaveStored, false)
        XCTAssertEqual(error?.reason.contains("lost its primary"), true, "\(error as Any)")
        await broker.shutdown()
    }

    func testWaitsOutAScriptOfSomebodyElse() async throws {
        let server = try RedisServer(["--busy-reply-threshold", "20"])
        let broker = server.broker()
        _ = try await broker.counts()
        let program = try RunningProgram(
            "redis-cli", ["-p", String(server.port), "EVAL", "while true do end", "0"])
        try await eventually("the server is busy") { try server.ask("PING").contains("BUSY") }
        let error = await brokerError { _ = try await broker.enqueue([makeSubmission()]) }
        XCTAssertEqual(error?.code, .unavailable)
        XCTAssertEqual(error?.mayHaveStored, false)
        XCTAssertEqual(error?.reason.contains("SCRIPT KILL"), true, "\(error as Any)")
        try server.ask("SCRIPT", "KILL")
        _ = try await broker.enqueue([makeSubmission()])
        program.stop()
        await broker.shutdown()
    }

    func testWorksInAClusterOnceItServesTheSlot() async throws {
        let server = try RedisServer(["--cluster-enabled", "yes"])
        let broker = server.broker()
        let error = await brokerError { _ = try await broker.enqueue([makeSubmission()]) }
        XCTAssertEqual(error?.code, .unavailable)
        XCTAssertEqual(error?.mayHaveStored, false)
        try server.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        try await eventually("the cluster is complete") {
            try server.ask("CLUSTER", "INFO").contains("cluster_state:ok")
        }
        var submission = makeSubmission(attachments: [Attachment.Content([1])], key: "k")
        submission.tags = ["club": "x"]
        _ = try await broker.enqueue([submission])
        let done = try await broker.drain()
        XCTAssertEqual(done, [submission.id])
        let sends = try await broker.sendCounts(matching: SendQuery(tags: ["club": "x"]))
        XCTAssertEqual(sends, [.sent: 1])
        await broker.shutdown()
    }

    func testTellsWhatIsWrongWithAKeyOfAnotherKind() async throws {
        let server = try RedisServer()
        let broker = server.broker("taken")
        try server.ask("SET", "{taken}:a", "something else")
        let error = await brokerError { _ = try await broker.enqueue([makeSubmission()]) }
        XCTAssertEqual(error?.code, .corrupt)
        XCTAssertEqual(error?.mayHaveStored, true)
        XCTAssertEqual(error?.reason.contains("another prefix"), true, "\(error as Any)")
        await broker.shutdown()
    }

    func testConsumerGroupsOfOthersOnItsStreamChangeNothing() async throws {
        let server = try RedisServer()
        let broker = server.broker("group")
        _ = try await broker.enqueue([makeSubmission()])
        try server.ask("XGROUP", "CREATE", "{group}:e", "g", "$")
        try server.ask("XGROUP", "DESTROY", "{group}:e", "g")
        let waiting = Task { try await broker.lease(LeaseRequest(queues: ["other"], wait: .seconds(20), worker: "w")) }
        _ = try await broker.enqueue([makeSubmission(queue: "other")])
        let leases = try await waiting.value
        XCTAssertEqual(leases.count, 1)
        await broker.shutdown()
    }

    private func hasPrimary(_ replica: RedisServer) throws -> Bool {
        try replica.ask("INFO", "replication").contains("master_link_status:up")
    }

    /// A refusal of which it is certain that nothing was stored.
    private func assertRefused(
        _ broker: RedisBroker, saying word: String, file: StaticString = #filePath, line: UInt = #line
    ) async throws {
        let submission = makeSubmission()
        let error = await brokerError(file: file, line: line) { _ = try await broker.enqueue([submission]) }
        XCTAssertEqual(error?.code, .unavailable, file: file, line: line)
        XCTAssertEqual(error?.mayHaveStored, false, file: file, line: line)
        XCTAssertEqual(error?.reason.contains(word), true, "\(error as Any)", file: file, line: line)
        let record = try await broker.records(of: [submission.id])[0]
        XCTAssertNil(record, file: file, line: line)
    }
}
