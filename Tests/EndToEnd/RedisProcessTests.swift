import Foundation
import Mailroom
import MailroomCapture
import MailroomRedisBroker
import MailroomSMTP
import MailroomScriptedServer
import TestSupport
import XCTest

/// The built program on a server of Redis.
final class RedisProcessTests: XCTestCase {
    func testTwoWorkersDeliverWhatIsSubmittedAndThePersonSeesIt() async throws {
        let queue = try RedisQueue(["--appendonly", "yes", "--appendfsync", "always"])
        let workers = try (0..<2).map { _ in try queue.process("work", "--tries", "1") }
        for worker in workers { try await worker.wait { worker.output.text.contains("workers on default") } }
        let count = 200
        try await queue.submit(count)
        try await queue.finished(count)
        XCTAssertEqual(queue.recipients.sorted(), (0..<count).map { "t\($0)@example.org" }.sorted())

        let inspect = try await queue.run("inspect", "workers", "--format", "csv")
        XCTAssertEqual(inspect.output.split(separator: "\r\n").count, 3, inspect.output)
        for worker in workers { XCTAssert(inspect.output.contains("/\(worker.identifier),default,0,"), inspect.output) }
        let monitor = try await queue.run("monitor", "--format", "csv")
        XCTAssert(monitor.output.contains("default,0,0,0,\(count),0,0,\(count),0"), monitor.output)
        let sends = try await queue.run("sends", "--latest", "\(count)", "--format", "csv")
        let rows = sends.output.split(separator: "\r\n").dropFirst()
        XCTAssertEqual(rows.count, count)
        XCTAssert(rows.allSatisfy { $0.contains(",sent,1,,") }, sends.output)
        let check = try await queue.run("check", "--broker", queue.url)
        XCTAssertEqual(check.status, 0, check.output + check.errors)
        XCTAssert(
            check.output.contains("appendfsync always: what was acknowledged is on the server's disk"), check.output)

        for worker in workers { worker.signal(SIGTERM) }
        for worker in workers {
            let status = try await worker.status()
            XCTAssertEqual(status, 0, worker.errors.text)
            XCTAssertFalse(worker.output.text.contains("stopped after 0 attempts"), "both took part")
        }
        await queue.close()
    }

    func testFailedLettersAreListedRetriedAndDelivered() async throws {
        let queue = try RedisQueue()
        try await queue.submit(3)
        let closed = try ClosedPort()
        let failing = try await queue.run(
            "work", "--stop-when-empty", "--tries", "1", "--transport", "smtp://127.0.0.1:\(closed.port)")
        XCTAssertEqual(failing.status, 0, failing.errors)
        let failed = try await queue.run("failed", "--format", "csv")
        XCTAssertEqual(failed.output.split(separator: "\r\n").count, 4, failed.output)
        let retry = try await queue.run("retry", "--all", "--yes")
        XCTAssertEqual(retry.status, 0, retry.errors)
        XCTAssert(retry.output.contains("3 jobs retried"), retry.output)
        let working = try await queue.run("work", "--stop-when-empty")
        XCTAssert(working.output.hasSuffix("3 finished\n"), working.output)
        XCTAssertEqual(queue.recipients.count, 3)
        let after = try await queue.run("failed", "--format", "csv")
        XCTAssertEqual(after.output.split(separator: "\r\n").count, 1, after.output)
        let monitor = try await queue.run("monitor", "--format", "csv")
        XCTAssert(monitor.output.contains("default,0,0,0,3,0,0,3,0"), monitor.output)
        await queue.close()
    }

    func testNothingAcknowledgedIsLostWhereTheServerIsKilledUnderWorkers() async throws {
        let queue = try RedisQueue(["--appendonly", "yes", "--appendfsync", "always"])
        let count = 300
        try await queue.submit(count)
        let workers = try (0..<2).map { _ in try queue.process("work", "--lease-duration", "5") }
        _ = try await queue.capture.messages(atLeast: 20, within: .seconds(20))
        queue.server.stop()
        XCTAssertLessThan(queue.recipients.count, count, "it was killed in the middle")
        try queue.server.start()
        try await eventually("nothing is in line") { try await queue.broker.counts().first?[.ready] == 0 }
        XCTAssert(workers.allSatisfy(\.isRunning))
        for worker in workers { worker.signal(SIGTERM) }
        for worker in workers {
            let status = try await worker.status()
            XCTAssertEqual(status, 0, worker.errors.text)
        }
        // What is still leased was leased by an answer that went down with the server: its time ends.
        let heir = try queue.process("work")
        try await queue.finished(count)
        heir.signal(SIGTERM)
        let status = try await heir.status()
        XCTAssertEqual(status, 0, heir.errors.text)
        // Every letter came, and none twice: a settlement is made again until the server takes it.
        XCTAssertEqual(queue.recipients.sorted(), (0..<count).map { "t\($0)@example.org" }.sorted())
        let sends = try await queue.broker.sends(matching: SendQuery(limit: count))
        XCTAssertEqual(sends.filter { $0.recipient.status == .sent }.count, count)
        await queue.close()
    }

    func testAnotherWorkerFinishesTheJobsOfAKilledOneAfterTheirLeases() async throws {
        let queue = try RedisQueue()
        try await queue.submit(2)
        // A server that never answers the final dot.
        let silent = try ScriptedServer(
            scripts: (0..<2).map { _ in
                [
                    .reply("220 ready"), .expect("EHLO"), .reply("250 ready"), .expect("MAIL"), .reply("250 ok"),
                    .expect("RCPT"), .reply("250 ok"), .mark("in hand"), .stall,
                ]
            })
        defer { silent.stop() }
        let victim = try queue.process(
            "work", "--workers", "2", "--lease-duration", "1.5", "--transport", "smtp://127.0.0.1:\(silent.port)")
        let isReached = await silent.reached("in hand", times: 2)
        XCTAssert(isReached)
        let held = try await queue.broker.leasedJobs()
        XCTAssertEqual(held.count, 2)
        XCTAssert(held.allSatisfy { $0.remaining <= .seconds(1.5) }, "\(held.map(\.remaining))")
        // It extends them for as long as it lives.
        let begin = ContinuousClock.now
        while begin.duration(to: .now) < .seconds(2) {
            let late = try await queue.broker.lease(LeaseRequest(worker: "thief"))
            XCTAssertEqual(late.count, 0)
        }
        victim.signal(SIGKILL)
        try await victim.status()
        let heir = try queue.process("work")
        try await queue.finished(2)
        XCTAssertEqual(queue.recipients.sorted(), ["t0@example.org", "t1@example.org"])
        let sends = try await queue.broker.sends(matching: SendQuery(limit: 5))
        XCTAssertEqual(sends.map(\.job.attempts), [2, 2])
        heir.signal(SIGTERM)
        let status = try await heir.status()
        XCTAssertEqual(status, 0, heir.errors.text)
        await queue.close()
    }
}
