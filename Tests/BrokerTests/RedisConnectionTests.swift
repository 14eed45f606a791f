import Foundation
import Mailroom
import MailroomSockets
import Synchronization
import TestSupport
import XCTest

@testable import MailroomRedisBroker

final class RedisConnectionTests: XCTestCase {
    func testNothingAcknowledgedIsLostWhereTheServerIsKilled() async throws {
        let server = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        let broker = server.broker()
        struct Outcome { var stored: [JobID] = []; var refused: [JobID] = [] }
        let outcome = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var outcome = Outcome()
                    while true {
                        let submission = makeSubmission()
                        do {
                            _ = try await broker.enqueue([submission])
                            outcome.stored.append(submission.id)
                        } catch {
                            if let error = error as? BrokerError, !error.mayHaveStored {
                                outcome.refused.append(submission.id)
                            }
                            return outcome
                        }
                    }
                }
            }
            let watcher = server.broker()
            try await eventually("300 jobs are stored") { try await watcher.counts().first?[.ready] ?? 0 >= 300 }
            server.stop()
            await watcher.shutdown()
            return try await group.reduce(into: Outcome()) {
                $0.stored += $1.stored
                $0.refused += $1.refused
            }
        }
        // A connection that nobody used since may take a call in before it is seen to be broken.
        try await eventually("a call is refused without doubt") {
            let down = await brokerError { _ = try await broker.enqueue([makeSubmission()]) }
            XCTAssertEqual(down?.code, .unavailable)
            return down?.mayHaveStored == false
        }
        try server.start()
        XCTAssertGreaterThanOrEqual(outcome.stored.count, 280)
        let records = try await broker.records(of: outcome.stored)
        XCTAssertEqual(records.count { $0 == nil }, 0)
        let refused = try await broker.records(of: outcome.refused)
        XCTAssertEqual(refused.compactMap(\.?.id), [])
        let done = try await broker.drain()
        XCTAssertTrue(Set(done).isSuperset(of: outcome.stored))
        await broker.shutdown()
    }

    func testAWaitGoesOnOverARestartOfTheServer() async throws {
        let server = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        let (broker, other) = (server.broker(), server.broker())
        _ = try await broker.lease(LeaseRequest(wait: .milliseconds(1), worker: "w"))
        let waiting = Task {
            // A worker asks again after an error.
            while true {
                if let leases = try? await broker.lease(LeaseRequest(wait: .seconds(30), worker: "w")), !leases.isEmpty
                {
                    return leases
                }
            }
        }
        server.stop()
        try server.start()
        let submission = makeSubmission()
        _ = try await other.enqueue([submission])
        let leases = await waiting.value
        XCTAssertEqual(leases.map(\.id.job), [submission.id])
        await broker.shutdown()
        await other.shutdown()
    }

    func testSaysThatTheServerIsStillLoading() async throws {
        let server = try RedisServer([
            "--appendonly", "yes", "--appendfsync", "always", "--loading-process-events-interval-bytes", "1024",
        ])
        let broker = server.broker()
        _ = try await broker.enqueue((0..<300).map { _ in makeSubmission() })
        try server.ask("BGREWRITEAOF")
        try await eventually("the server has rewritten its log") {
            try server.ask("INFO", "persistence").contains("aof_rewrite_in_progress:0")
        }
        await broker.shutdown()
        server.stop()
        let again = server.broker()
        try server.startWithoutWaiting(["--key-load-delay", "1500"])
        var wasLoading = false
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do throws(BrokerError) {
                let counts = try await again.counts()
                XCTAssertEqual(counts.first?[.ready], 300)
                break
            } catch {
                XCTAssertFalse(error.mayHaveStored)
                wasLoading = wasLoading || error.reason.contains("still reading its data")
                guard .now < deadline else { return XCTFail("\(error)") }
            }
        }
        XCTAssertTrue(wasLoading)
        await again.shutdown()
    }

    func testLeavesInDoubtWhatAPausedServerDidNotAnswer() async throws {
        let server = try RedisServer()
        let broker = server.broker { $0.commandTimeout = .milliseconds(250) }
        _ = try await broker.counts()
        try server.ask("CLIENT", "PAUSE", "20000", "WRITE")
        let submission = makeSubmission()
        let error = await brokerError { _ = try await broker.enqueue([submission]) }
        XCTAssertEqual(error?.code, .unavailable)
        XCTAssertEqual(error?.mayHaveStored, true)
        let counts = try await broker.counts()
        XCTAssertEqual(counts.count, 0, "reading goes on")
        try server.ask("CLIENT", "UNPAUSE")
        _ = try await broker.enqueue([submission])
        let done = try await broker.drain()
        XCTAssertEqual(done, [submission.id])
        await broker.shutdown()
    }

    func testStoresOnceWhereverTheAnswerIsCut() async throws {
        let server = try RedisServer()
        for length in 0...6 {
            let proxy = try RedisProxy(to: server.port, cuttingAfter: [length])
            let broker = server.broker("cut-\(length)") { $0.port = proxy.port }
            let submission = makeSubmission()
            let admissions = try await broker.enqueue([submission])
            XCTAssertEqual(admissions, [.queued(submission.id)], "cut after \(length)")
            let direct = server.broker("cut-\(length)")
            let done = try await direct.drain()
            XCTAssertEqual(done, [submission.id], "cut after \(length)")
            await broker.shutdown()
            await direct.shutdown()
            proxy.stop()
        }
    }

    func testSettlesOnceWhereverTheAnswerIsCut() async throws {
        let server = try RedisServer()
        let direct = server.broker("settle")
        for length in 0...8 {
            let submission = makeSubmission()
            _ = try await direct.enqueue([submission])
            let lease = try await direct.lease(LeaseRequest(worker: "w"))[0]
            let proxy = try RedisProxy(to: server.port, cuttingAfter: [length])
            let broker = server.broker("settle") { $0.port = proxy.port }
            let results = try await broker.settle([Settlement(lease.id, report: everyoneAccepted, next: .finished)])
            XCTAssertEqual(results, [.settled(.finished)], "cut after \(length)")
            await broker.shutdown()
            proxy.stop()
        }
        let sends = try await direct.sends(matching: SendQuery(limit: 100))
        XCTAssertEqual(sends.count, 9)
        XCTAssertTrue(sends.allSatisfy { $0.recipient.status == .sent && !$0.recipient.isPossibleDuplicate })
        await direct.shutdown()
    }

    func testALeaseIsAnsweredTheSecondTimeWhereverItsFirstAnswerIsCut() async throws {
        let server = try RedisServer()
        let direct = server.broker("lease")
        _ = try await direct.lease(LeaseRequest(worker: "loads the script"))
        // The whole answer is some six hundred octets.
        for length in 0..<500 {
            let submissions = [makeSubmission(), makeSubmission(queue: "other")]
            _ = try await direct.enqueue(submissions)
            let proxy = try RedisProxy(to: server.port, cuttingAfter: [length])
            let broker = server.broker("lease") { $0.port = proxy.port }
            let leases = try await broker.lease(LeaseRequest(queues: ["default", "other"], limit: 2, worker: "w"))
            XCTAssertEqual(leases.map(\.id.job), submissions.map(\.id), "cut after \(length)")
            XCTAssertEqual(leases.map(\.attempt), [1, 1], "cut after \(length)")
            _ = try await direct.settle(leases.map { Settlement($0.id, report: everyoneAccepted, next: .finished) })
            await broker.shutdown()
            proxy.stop()
        }
        await direct.shutdown()
    }

    func testTellsWhatWasStoredForCertainWhereNobodyAnswersAtAll() async throws {
        let closed = try ClosedPort()
        let broker = RedisBroker(RedisConfiguration(host: "127.0.0.1", port: closed.port))
        for _ in 0..<3 {
            let start = ContinuousClock.now
            let error = await brokerError { _ = try await broker.enqueue([makeSubmission()]) }
            XCTAssertEqual(error?.code, .unavailable)
            XCTAssertEqual(error?.mayHaveStored, false)
            XCTAssertLessThan(.now - start, .seconds(1))
        }
        await broker.shutdown()
    }

    func testNeverConnectsInAHotLoop() async throws {
        let listener = try TCPListener()
        let accepted = Counter()
        let interruption = SocketInterruption()
        try startThread {
            // Connections are closed as soon as they are made.
            while (try? listener.accept(
                deadline: .now + .seconds(60), interruption: interruption, streamInterruption: interruption)) != nil
            {
                accepted.add()
            }
        }
        let broker = RedisBroker(RedisConfiguration(host: "127.0.0.1", port: listener.port))
        let end = ContinuousClock.now + .seconds(2)
        var failures = 0
        while .now < end {
            let error = await brokerError { _ = try await broker.lease(LeaseRequest(wait: .seconds(9), worker: "w")) }
            XCTAssertEqual(error?.mayHaveStored, false)
            failures += 1
        }
        XCTAssertLessThan(accepted.count, 20)
        XCTAssertGreaterThan(failures, 3)
        interruption.interrupt()
        await broker.shutdown()
    }

    func testCallsOfManyTasksLeaveInOneWriteAndDoNotWaitForOneThatBlocks() async throws {
        let gate = DispatchSemaphore(value: 0)
        let server = try ScriptedRedis { heard in
            if heard.words[0] == "GET" { gate.wait() }
            return .answer("*0\r\n")
        }
        let broker = RedisBroker(
            {
                var configuration = RedisConfiguration(host: "127.0.0.1", port: server.port)
                configuration.connections = 1
                return configuration
            }())
        var command = RESPWriter()
        command.write("GET")
        let first = Task { [command] in try await broker.call(nil, command) }
        while server.commands.isEmpty { await Task.yield() }
        // All of these stand in line while the connection waits for its first answer.
        let calls = (0..<50).map { _ in Task { try await broker.counts() } }
        while broker.line.waitingCount < 50 { await Task.yield() }
        gate.signal()
        _ = try await first.value
        for call in calls { _ = try await call.value }
        let reads = Set(server.commands.dropFirst().map(\.read))
        XCTAssertEqual(server.commands.count, 51)
        XCTAssertLessThanOrEqual(reads.count, 2, "50 calls came in \(reads.count) pieces")
        server.stop()
        await broker.shutdown()
    }

    func testGivesBackALeaseThatNobodyWaitsForAnyMore() async throws {
        let gate = DispatchSemaphore(value: 0)
        let isAsked = Gate()
        let submission = makeSubmission()
        let server = try RedisServer()
        let direct = server.broker("late")
        _ = try await direct.enqueue([submission])
        // Holds the answer to the first call back until the gate opens.
        let proxy = try RedisProxy(to: server.port, gate: gate) { isAsked.open() }
        let broker = server.broker("late") { $0.port = proxy.port }
        let leasing = Task { try await broker.lease(LeaseRequest(worker: "hasty")) }
        await isAsked.wait()
        leasing.cancel()
        let error = await brokerError { _ = try await leasing.value }
        XCTAssertEqual(error?.code, .cancelled)
        gate.signal()
        let leases = try await direct.lease(LeaseRequest(wait: .seconds(20), worker: "w"))
        XCTAssertEqual(leases.map(\.id.job), [submission.id])
        XCTAssertEqual(leases.map(\.attempt), [1])
        await broker.shutdown()
        await direct.shutdown()
        proxy.stop()
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}
