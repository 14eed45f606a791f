import Foundation
import Mailroom
import MailroomCapture
import MailroomFileBroker
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
        XCTAssert(prune.output.contains("Remove the records of 3 settled jobs of all queues that ended before 20"))
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
            (["prune", "--older-than", "1ms", "--failed"], "the records of 3 settled jobs"),
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

    // MARK: Workers

    func testAWorkerTakesFromItsQueuesInTheirOrder() async throws {
        let queue = try SharedQueue()
        _ = try await queue.submit(3)
        _ = try await queue.submit(3, to: "urgent")
        _ = try await queue.submit(1, to: "other")
        let capture = CaptureServer(.onFreePorts)
        let ports = try capture.start()
        defer { capture.stop() }
        let work = try await queue.run(
            "work", "--queue", "urgent, default", "--workers", "1", "--stop-when-empty", "--transport",
            "smtp://127.0.0.1:\(ports.smtp)")
        XCTAssertEqual(work.status, 0, work.errors)
        XCTAssert(work.output.hasPrefix("1 workers on urgent, default\n"), work.output)
        XCTAssertEqual(
            capture.messages.flatMap(\.recipients).map { String($0.prefix { $0.isLetter }) },
            ["urgent", "urgent", "urgent", "default", "default", "default"])
        let left = try await queue.count(.ready)
        XCTAssertEqual(left, 1)
    }

    func testOneMailIsFollowedThroughTheLog() async throws {
        let folder = TestFolder()
        let busy = ScriptedServerStep.smtpOpening([]) + [.expect("MAIL"), .reply("451 4.3.0 busy"), .hangUp]
        let server = try ScriptedServer(
            scripts: [busy, ScriptedServerStep.smtpOpening([]) + ScriptedServerStep.smtpMail()])
        defer { server.stop() }
        let list = try folder.file("list.csv", People.csv(1))
        let variables = [
            "MAILROOM_BROKER": "file:\(folder.path)/queue", "MAILROOM_TRANSPORT": "smtp://127.0.0.1:\(server.port)",
        ]
        let letters = try await MailroomProcess.run(
            "letters", "--recipients", list, "--template", "volunteer-letter", "--from", "club@example.org",
            "--verbose", environment: variables)
        let submitted = try XCTUnwrap(letters.output.split(separator: "\n").first { $0.contains(" submitted for ") })
        XCTAssert(submitted.hasSuffix("submitted for t0@example.org"), letters.output)
        let job = String(submitted.split(separator: " ")[2])
        let worker = try MailroomProcess(["work", "--verbose", "--delays", "1,2"], environment: variables)
        try await worker.wait { worker.output.text.contains("sent at attempt 2") }
        worker.signal(SIGTERM)
        try await worker.status()
        let lines = worker.output.text.split(separator: "\n").filter { $0.contains(" job \(job) ") }
        XCTAssertEqual(lines.count, 3, worker.output.text)
        for (line, says) in zip(lines, ["attempt 1 failed: ", "next attempt in 1 s", "sent at attempt 2"]) {
            XCTAssert(line.contains("job \(job) \(says)"), worker.output.text)
        }
        XCTAssert(worker.output.text.contains("stopped after 2 attempts: 1 finished"), worker.output.text)
    }

    func testWorkersThatASupervisorStartsShareTheWorkAndEndAtTheirTime() async throws {
        let folder = TestFolder()
        let capture = CaptureServer(.onFreePorts)
        let ports = try capture.start()
        defer { capture.stop() }
        let variables = [
            "MAILROOM_BROKER": "file:\(folder.path)/queue", "MAILROOM_TRANSPORT": "smtp://127.0.0.1:\(ports.smtp)",
        ]
        let list = try folder.file("list.csv", People.csv(100))
        let letters = try await MailroomProcess.run(
            "letters", "--recipients", list, "--template", "volunteer-letter", "--from", "club@example.org",
            environment: variables)
        XCTAssert(letters.output.hasPrefix("100 letters are being sent"), letters.output)
        let options = ["--sleep", "3", "--tries", "3", "--timeout", "60", "--max-time", "1.5", "--verbose"]
        let workers = try (0..<2).map { _ in
            try MailroomProcess(["work", "--workers", "8"] + options, environment: variables)
        }
        for worker in workers {
            let status = try await worker.status()
            XCTAssertEqual(status, 0, worker.errors.text)
            XCTAssert(worker.output.text.hasPrefix("8 workers on default\n"), worker.output.text)
        }
        XCTAssertEqual(
            capture.messages.flatMap(\.recipients).sorted(), (0..<100).map { "t\($0)@example.org" }.sorted())
    }

    func testALetterThatFailsThreeTimesIsGivenUpAndListedUntilAPersonActs() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(2)
        let work = try await queue.run(
            "work", "--tries", "3", "--delays", "0,0", "--max-jobs", "6", "--transport", "smtp://127.0.0.1:1")
        XCTAssertEqual(work.status, 0, work.errors)
        for job in jobs {
            let lines = work.output.split(separator: "\n").filter { $0.contains(" job \(job) ") }
            XCTAssertEqual(lines.count, 4, work.output)
            for (line, says) in zip(
                lines, ["attempt 1 failed: ", "attempt 2 failed: ", "attempt 3 failed: ", "dead after attempt 3: "])
            {
                XCTAssert(line.contains(says) && line.contains("nothing listens there"), work.output)
            }
        }
        XCTAssert(work.output.contains("stopped after 6 attempts: 2 dead"), work.output)
        let failed = try await queue.run("failed", "--format", "json")
        XCTAssertEqual(failed.output.components(separatedBy: "\"attempts\":3").count, 3, failed.output)
        let one = try await queue.run("retry", jobs[0].description)
        XCTAssertEqual(one.output, "1 job retried\n")
        let flushed = try await queue.run("flush", "--yes")
        XCTAssertEqual(flushed.output, "1 failed job removed\n")
        let cleared = try await queue.run("clear", "--queue", "default", "--yes")
        XCTAssertEqual(cleared.output, "1 waiting job removed\n")
        let monitor = try await queue.run("monitor", "--queue", "default", "--format", "csv")
        XCTAssertEqual(monitor.output.components(separatedBy: "\r\n")[1], "default,0,0,0,0,0,0,0,")
    }

    // MARK: What is not understood

    func testAStoreThatIsNotThereIsNamedAndNotMade() async throws {
        let folder = TestFolder()
        let broker = "file:\(folder.path)/mistyped"
        let commands = [
            ["monitor"], ["monitor", "--watch"], ["sends"], ["failed"], ["failed", "--group-by", "cause"],
            ["inspect", "active"], ["inspect", "scheduled"], ["inspect", "workers"], ["inspect", "stats"],
            ["retry", Self.unknown], ["retry", "--all", "--yes"], ["cancel", Self.unknown],
            ["forget", Self.unknown, "--yes"], ["flush", "--yes"], ["clear", "--all-queues", "--yes"],
            ["prune", "--older-than", "1d", "--yes"], ["erase", "--recipient", "a@example.org", "--yes"],
        ]
        for words in commands {
            let process = try MailroomProcess(words + ["--broker", broker])
            let status = try await process.status()
            XCTAssertEqual(status, 1, "\(words)")
            XCTAssert(process.errors.text.contains("there is no queue in \(folder.path)/mistyped"), process.errors.text)
        }
        XCTAssertEqual(folder.contents, [])
        try FileManager.default.createDirectory(atPath: folder.path + "/mistyped", withIntermediateDirectories: false)
        let empty = try await MailroomProcess.run("monitor", "--broker", broker)
        XCTAssertEqual(empty.status, 1)
        XCTAssert(empty.errors.contains("the folder is empty"), empty.errors)
        let registered = try await MailroomProcess.run("inspect", "registered", "--broker", broker)
        XCTAssertEqual(registered.status, 0, registered.errors)
        XCTAssertEqual(folder.contents, ["mistyped"])
    }

    func testEveryBadValueIsRefusedWithWhatWouldBeRight() async throws {
        let commands = try XCTUnwrap(try? SharedQueue())
        _ = try await commands.submit(1)
        let id = Self.unknown
        let cases: [(words: [String], says: String)] = [
            (["monitor", "--every", "2s"], "--every goes with --watch"),
            (["monitor", "--watch", "--every", "2"], "a time with its unit, such as 2s"),
            (["monitor", "--watch", "--every", "0s"], "a time with its unit"),
            (["monitor", "--watch", "--format", "json"], "--watch shows tables"),
            (["monitor", "--watch=yes"], "--watch takes no value"),
            (["monitor", "--queue", "a,,b"], "names of queues separated by commas"),
            (["monitor", "--queue", ""], "names of queues separated by commas"),
            (["monitor", "--queue", "a,b,a"], "--queue names a twice"),
            (["work", "--queue", "a,"], "names of queues separated by commas"),
            (["failed", "--state", "ready"], "--state takes one of dead, held"),
            (["failed", "--group-by", "queue"], "--group-by takes one of cause"),
            (["failed", "--limit", "0"], "a whole number from 1"), (["failed", "x"], "\"x\" is no option"),
            (["failed", "--format", "xml"], "table, json, csv"),
            (["sends", "--recipient", ""], "--recipient is missing"),
            (["sends", "--count-by", "queue"], "--count-by takes status"),
            (["retry"], "say which jobs"), (["retry", "--all", id], "one of these only"),
            (["retry", "--all", "--cause", "x"], "one of these only"),
            (["retry", "--cause", ""], "--cause is missing"),
            (["retry", id, "--queue", "a"], "--queue goes with --all and --cause"), (["retry", "-x"], "is no option"),
            (["retry", "--al"], "did you mean --all?"), (["cancel"], "say which jobs"), (["forget"], "say which jobs"),
            (["cancel", "--yes", id], "there is no option --yes"), (["flush", "all"], "\"all\" is no option"),
            (["clear"], "say which queues"), (["clear", "--queue", "a", "--all-queues"], "say which queues"),
            (["clear", "default"], "say which queues"), (["prune"], "--older-than is missing"),
            (["prune", "--older-than", "30"], "a time with its unit"),
            (["prune", "--older-than", "d"], "a time with its unit"),
            (["prune", "--older-than", "-1d"], "a time with its unit"),
            (["prune", "--older-than", "1e9d"], "a time with its unit"), (["erase"], "--recipient is missing"),
            (["inspect"], "one of active, scheduled, workers, registered, stats"),
            (["inspect", "activ"], "did you mean active?"), (["inspect", "active", "stats"], "say what to look at"),
            (["inspect", "stats", "--limit", "x"], "a whole number from 1"),
            (["failed", "--broker", "memory:"], "in the memory of one process"),
        ]
        for (words, says) in cases {
            let process = try MailroomProcess(words, environment: commands.variables)
            let status = try await process.status()
            XCTAssertEqual(status, 2, "\(words)")
            XCTAssert(process.errors.text.contains(says), "\(words): \(process.errors.text)")
        }
    }
}
