import Foundation
import Mailroom
import MailroomCapture
import MailroomFileBroker
import MailroomMemoryBroker
import MailroomTesting
import TestSupport
import XCTest

/// Commands that act on jobs, as a person gives them, on a queue that other processes have, too.
final class OperationsTests: XCTestCase {
    private static let unknown = "00000000000000000000000000"

    // MARK: Jobs by id

    func testJobsAreRetriedByIdAndTheOthersAreNamedWithTheirState() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(3)
        _ = try await queue.broker.cancel(Array(jobs[..<2]), reason: "550 no such user")
        let retried = try await queue.run(
            "retry", jobs[0].description, jobs[0].description, jobs[2].description, Self.unknown)
        XCTAssertEqual(retried.status, 1)
        XCTAssertEqual(retried.output, "1 job retried\n")
        XCTAssertEqual(
            retried.errors,
            "\(jobs[2]) is ready: only dead and held jobs are retried\n\(Self.unknown) is unknown\n")
        let (first, second) = (try await queue.state(of: jobs[0]), try await queue.state(of: jobs[1]))
        XCTAssertEqual(first, .ready)
        XCTAssertEqual(second, .dead)
        let all = try await queue.run("retry", jobs[1].description)
        XCTAssertEqual(all.status, 0, all.errors)
    }

    func testNothingIsDoneWhereAnIdIsMalformed() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(1)
        _ = try await queue.broker.cancel(jobs, reason: "no")
        for command in ["retry", "forget", "cancel"] {
            let result = try await queue.run(command, jobs[0].description, "01zz", "ünd")
            XCTAssertEqual(result.status, 2)
            XCTAssert(result.errors.contains("\"01zz\", \"ünd\" are no job ids"), result.errors)
        }
        let state = try await queue.state(of: jobs[0])
        XCTAssertEqual(state, .dead)
    }

    func testAWaitingJobIsCancelledAndASettledOneForgotten() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(2, delay: .seconds(600))
        let cancelled = try await queue.run("cancel", jobs[0].description, Self.unknown)
        XCTAssertEqual(cancelled.status, 1)
        XCTAssertEqual(cancelled.output, "1 job cancelled\n")
        let state = try await queue.state(of: jobs[0])
        XCTAssertEqual(state, .dead)
        let again = try await queue.run("cancel", jobs[0].description)
        XCTAssertEqual(again.errors, "\(jobs[0]) is dead: only jobs that wait, scheduled or ready, are cancelled\n")
        let forgotten = try await queue.run("forget", jobs[0].description, jobs[1].description, "--yes")
        XCTAssertEqual(forgotten.status, 1)
        XCTAssertEqual(
            forgotten.errors, "\(jobs[1]) is scheduled: only finished, dead and held jobs are removed\n")
        let (gone, stays) = (try await queue.state(of: jobs[0]), try await queue.state(of: jobs[1]))
        XCTAssertNil(gone)
        XCTAssertEqual(stays, .scheduled)
    }

    // MARK: Questions

    func testAQuestionTellsBrokerNumberAndQueueAndNoMeansNo() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(3, to: "urgent")
        _ = try await queue.broker.cancel(jobs, reason: "no")
        _ = try await queue.submit(2)
        let retry = try await queue.run("retry", "--all", "--queue", "urgent", answering: "no")
        XCTAssertEqual(retry.status, 1)
        XCTAssert(
            retry.output.contains("Retry 3 dead jobs of queue urgent in \(queue.url)? This may send as many mails."),
            retry.output)
        XCTAssert(retry.output.contains("nothing was done"), retry.output)
        let flush = try await queue.run("flush", answering: "")
        XCTAssert(flush.output.contains("Remove 3 dead jobs of all queues in \(queue.url)?"), flush.output)
        let clear = try await queue.run("clear", "--queue", "default", answering: "maybe")
        XCTAssert(clear.output.contains("Remove 2 ready jobs of queue default in \(queue.url)?"), clear.output)
        let forget = try await queue.run("forget", jobs[0].description, answering: "n")
        XCTAssert(forget.output.contains("Remove 1 job of queue urgent in \(queue.url)?"), forget.output)
        let prune = try await queue.run("prune", "--older-than", "1ms", "--failed", answering: "n")
        XCTAssert(
            prune.output.contains(
                "Remove the records of at most 3 settled jobs of all queues, those that ended before 20"))
        let erase = try await queue.run("erase", "--recipient", "urgent1@example.org", answering: "n")
        XCTAssert(erase.output.contains("Erase urgent1@example.org (1 send of all queues) in"), erase.output)
        let (dead, ready) = (try await queue.count(.dead), try await queue.count(.ready))
        XCTAssertEqual([dead, ready], [3, 2])
    }

    func testYesOnATerminalMeansYes() async throws {
        let queue = try SharedQueue()
        _ = try await queue.broker.cancel(try await queue.submit(3), reason: "no")
        let retry = try await queue.run("retry", "--all", answering: "Yes")
        XCTAssertEqual(retry.status, 0, retry.output)
        XCTAssert(retry.output.contains("3 jobs retried"), retry.output)
        let clear = try await queue.run("clear", "--all-queues", answering: "y")
        XCTAssert(clear.output.contains("3 waiting jobs removed"), clear.output)
        let counts = try await queue.broker.counts()
        XCTAssert(counts.allSatisfy { $0.unsettled == 0 })
    }

    func testWhereNobodyCanBeAskedItIsRefused() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(1)
        _ = try await queue.broker.cancel(jobs, reason: "no")
        let commands = [
            ["retry", "--all"], ["retry", "--cause", "no"], ["forget", jobs[0].description], ["flush"],
            ["clear", "--all-queues"], ["prune", "--older-than", "30d"], ["erase", "--recipient", "a@example.org"],
        ]
        for words in commands {
            let process = try MailroomProcess(words, environment: queue.variables)
            let status = try await process.status()
            XCTAssertEqual(status, 2, "\(words)")
            XCTAssert(process.errors.text.contains("standard input is no terminal: add --yes"), process.errors.text)
        }
        let state = try await queue.state(of: jobs[0])
        XCTAssertEqual(state, .dead)
    }

    func testADryRunChangesNothing() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(4)
        _ = try await queue.broker.cancel(Array(jobs[..<3]), reason: "no")
        let before = try await queue.broker.latestEvent()
        let cases: [(words: [String], says: String)] = [
            (["retry", "--all"], "Retry 3 dead jobs of all queues in \(queue.url): not done"),
            (["retry", "--cause", "no"], "Retry 3 failed jobs with the cause \"no\" of all queues"),
            (["retry", "--cause", "other"], "there is nothing to do"),
            (["retry", jobs[0].description], "1 job would be retried"),
            (["forget", jobs[0].description], "Remove 1 job of queue default"), (["flush"], "Remove 3 dead jobs"),
            (["clear", "--all-queues"], "Remove 1 ready job of all queues"),
            (["prune", "--older-than", "1ms", "--failed"], "the records of at most 3 settled jobs"),
            (["prune", "--older-than", "30d", "--failed"], "there is nothing to do"),
            (["erase", "--recipient", "default0@example.org"], "Erase default0@example.org (1 send of all queues)"),
        ]
        for (words, says) in cases {
            let process = try MailroomProcess(words + ["--dry-run"], environment: queue.variables)
            let status = try await process.status()
            XCTAssertEqual(status, 0, process.errors.text)
            XCTAssert(process.output.text.contains(says), process.output.text)
        }
        let after = try await queue.broker.latestEvent()
        XCTAssertEqual(after, before)
    }

    // MARK: Many jobs

    func testTenThousandFailuresAreGroupedAndRetriedInABoundedTime() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(10_000)
        for start in stride(from: 0, to: 10_000, by: 1000) {
            let batch = Array(jobs[start..<start + 1000])
            _ = try await queue.broker.cancel(batch, reason: "<p\(start)@example.org>: 55\(start / 5000) no")
        }
        let clock = ContinuousClock()
        let start = clock.now
        let failed = try await queue.run("failed", "--group-by", "cause", "--format", "csv")
        let rows = failed.output.components(separatedBy: "\r\n")
        XCTAssertEqual(rows.count, 4, failed.output)
        XCTAssertEqual(Set(rows[1...2].map { $0.prefix(13) }), ["5000,… 550 no", "5000,… 551 no"])
        let retried = try await queue.run("retry", "--cause", "… 551 no", "--yes")
        XCTAssertEqual(retried.output, "5000 jobs retried\n")
        let others = try await queue.run("retry", "--all", "--yes")
        XCTAssertEqual(others.output, "5000 jobs retried\n")
        XCTAssertLessThan(clock.now - start, .seconds(60))
        let ready = try await queue.count(.ready)
        XCTAssertEqual(ready, 10_000)
    }

    func testProgressIsDrawnOnATerminal() async throws {
        let queue = try SharedQueue()
        _ = try await queue.broker.cancel(try await queue.submit(2500), reason: "no")
        let terminal = try Terminal()
        let flush = try MailroomProcess(
            ["flush", "--yes"], environment: queue.variables.merging(["TERM": "xterm"]) { $1 }, on: terminal)
        let status = try await flush.status()
        XCTAssertEqual(status, 0)
        for progress in ["1000/2500", "2000/2500", "2500/2500", "2500 failed jobs removed"] {
            XCTAssert(flush.output.text.contains(progress), flush.output.text)
        }
    }

    // MARK: Pruning and erasing

    func testPruningTakesOnlyWhatWasSettledLongAgo() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(2)
        _ = try await queue.broker.cancel(jobs, reason: "no")
        let recent = try await queue.run("prune", "--older-than", "30d", "--failed", "--yes")
        XCTAssert(recent.output.hasPrefix("there is nothing to do"), recent.output)
        let finishedOnly = try await queue.run("prune", "--older-than", "1ms", "--yes")
        XCTAssert(finishedOnly.output.hasPrefix("there is nothing to do"), finishedOnly.output)
        let failed = try await queue.run("prune", "--older-than", "1ms", "--failed", "--yes")
        XCTAssertEqual(failed.output, "2 settled jobs removed\n")
        let gone = try await queue.state(of: jobs[0])
        XCTAssertNil(gone)
    }

    func testPruningSaysNoLessThanItTakesAndWhyTheRestStays() async throws {
        let clock = ManualClock()
        let broker = MemoryBroker(time: clock)
        let pipeline = try PipelineBuilder().broker(broker).transport(CaptureTransport()).time(clock).build()
        func message(_ addresses: String..., key: String? = nil) -> Message {
            var message = Message(
                from: "c@example.org", to: addresses.map { .to($0) }, subject: "Hello", text: "Hello")
            message.options.idempotencyKey = key
            return message
        }
        let jobs = try await pipeline.submit([
            message("zoe@example.org", "b@example.org"), message("c@example.org"),
            message("d@example.org", key: "alive"),
        ]).map(\.id)
        clock.advance(by: .seconds(60))
        _ = try await broker.cancel([jobs[0], jobs[2]], reason: "no")
        clock.advance(by: .seconds(3600))
        // Its record changes long after it ended, and another ends only now.
        _ = try await broker.erase(recipient: "zoe@example.org")
        _ = try await broker.cancel([jobs[1]], reason: "no")
        let prune = InProcess(pipeline)
        let asked = await prune("prune", "--older-than", "30m", "--failed", "--dry-run")
        XCTAssert(asked.output.contains("the records of at most 3 settled jobs of all queues"), asked.output)
        let done = await prune("prune", "--older-than", "30m", "--failed", "--yes")
        XCTAssertEqual(
            done.output, "1 settled job removed; 2 stay: they ended later, or their idempotency keys are alive\n")
        let left = try await broker.records(of: jobs)
        XCTAssertEqual(left.map { $0 == nil }, [true, false, false])
        let none = await prune("prune", "--older-than", "2h", "--failed", "--yes")
        XCTAssert(none.output.hasPrefix("there is nothing to do"), none.output)
    }

    func testErasingSaysWhatIsLeftAndWhy() async throws {
        let queue = try SharedQueue()
        func message(_ addresses: String...) -> Message {
            Message(from: "c@example.org", to: addresses.map { .to($0) }, subject: "Hello", text: "Hello")
        }
        let jobs = try await queue.pipeline.submit([
            message("zoe@example.org"), message("zoe@example.org", "b@example.org"),
            message("ZOE@example.org", "b@example.org"),
        ]).map(\.id)
        _ = try await queue.broker.cancel([jobs[1]], reason: "no")
        let erased = try await queue.run("erase", "--recipient", "zoe@example.org", "--yes")
        XCTAssertEqual(erased.status, 1)
        XCTAssertEqual(erased.output, "1 job removed, 1 job without zoe@example.org now\n")
        XCTAssertEqual(
            erased.errors,
            """
            1 job still names it:
              \(jobs[2]) waits with other recipients: erase again when it is settled, or cancel it first

            """)
        _ = try await queue.run("cancel", jobs[2].description)
        let rest = try await queue.run("erase", "--recipient", "zoe@example.org", "--yes")
        XCTAssertEqual(rest.status, 0, rest.errors)
        let sends = try await queue.run("sends", "--recipient", "zoe@example.org", "--format", "csv")
        XCTAssertEqual(sends.output.components(separatedBy: "\r\n").count, 2, sends.output)
    }
}
