import Foundation
import Mailroom
import MailroomCapture
import MailroomFileBroker
import MailroomScriptedServer
import TestSupport
import XCTest

/// Workers as they are started in operation, and the log of what they do.
final class OperatedWorkerTests: XCTestCase {
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
            "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "club@example.org",
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
            "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "club@example.org",
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
}
