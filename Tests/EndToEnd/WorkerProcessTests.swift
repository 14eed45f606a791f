import Foundation
import Mailroom
import MailroomCapture
import MailroomFileBroker
import MailroomSMTP
import MailroomScriptedServer
import TestSupport
import XCTest

/// Worker processes on one folder.
final class WorkerProcessTests: XCTestCase {
    func testTwoProcessesOnOneFolderLoseAndDoubleNoLetter() async throws {
        let folder = TestFolder()
        let capture = CaptureServer(.onFreePorts)
        let ports = try capture.start()
        defer { capture.stop() }
        let variables = [
            "MAILROOM_BROKER": "file:\(folder.path)/queue", "MAILROOM_TRANSPORT": "smtp://127.0.0.1:\(ports.smtp)",
        ]
        let workers = try (0..<2).map { _ in try MailroomProcess(["work"], environment: variables) }
        let count = 400
        let list = try folder.file("list.csv", People.csv(count))
        let letters = try await MailroomProcess.run(
            "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "club@example.org",
            "--wait",
            environment: variables)
        XCTAssertEqual(letters.status, 0, letters.errors)
        for worker in workers { worker.signal(SIGTERM) }
        for worker in workers {
            let status = try await worker.status()
            XCTAssertEqual(status, 0, worker.errors.text)
        }
        XCTAssertEqual(
            capture.messages.flatMap(\.recipients).sorted(), (0..<count).map { "t\($0)@example.org" }.sorted())
        for worker in workers {
            XCTAssertFalse(
                worker.output.text.contains("stopped after 0 attempts"), "both took part: \(worker.output.text)")
        }
    }

    func testAKilledWorkersLettersAreTakenOverAtOnceAndOnlyThoseInHandMayComeTwice() async throws {
        let folder = TestFolder()
        let capture = CaptureServer(.onFreePorts)
        let ports = try capture.start()
        defer { capture.stop() }
        let queue = "\(folder.path)/queue"
        let temporary = TestFolder()
        let variables = [
            "MAILROOM_BROKER": "file:\(queue)", "MAILROOM_TRANSPORT": "smtp://127.0.0.1:\(ports.smtp)",
            "TMPDIR": temporary.path,
        ]
        let count = 600
        let list = try folder.file("list.csv", People.csv(count))
        let letters = try await MailroomProcess.run(
            "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "club@example.org",
            environment: variables)
        XCTAssertEqual(letters.status, 0, letters.errors)
        let victim = try MailroomProcess(["work", "--workers", "4"], environment: variables)
        try await eventually("50 letters have arrived") { capture.messages.count > 50 }
        victim.signal(SIGKILL)
        try await victim.status()
        XCTAssertLessThan(capture.messages.count, count, "it was killed in the middle")
        let heir = try await MailroomProcess.run("work", "--stop-when-empty", environment: variables)
        XCTAssertEqual(heir.status, 0, heir.errors)
        let times = Dictionary(grouping: capture.messages.flatMap(\.recipients)) { $0 }.mapValues(\.count)
        XCTAssertEqual(times.count, count, "every letter arrived")
        let doubled = times.filter { $0.value > 1 }.keys
        let broker = FileBroker(folder: queue)
        let sends = try await broker.sends(matching: SendQuery(limit: count))
        await broker.shutdown()
        XCTAssertEqual(sends.count, count)
        XCTAssert(sends.allSatisfy { $0.recipient.status == .sent && $0.job.state == .finished })
        let counted = Set(sends.filter(\.recipient.isPossibleDuplicate).map(\.recipient.recipient.address))
        XCTAssert(counted.isSuperset(of: doubled), "\(doubled) came twice, \(counted) are recorded as possibly so")
        XCTAssertEqual(temporary.contents, [], "no temporary file stays behind")
    }

    func testAWorkerToldToStopFinishesWhatItHasInHand() async throws {
        let folder = TestFolder()
        let queue = "\(folder.path)/queue"
        // A server that answers the final dot only when the worker has been told to stop.
        let server = try ScriptedServer([
            .reply("220 ready"), .expect("EHLO"), .reply("250 ready"), .expect("MAIL"), .reply("250 ok"),
            .expect("RCPT"), .reply("250 ok"), .expect("DATA"), .reply("354 go"), .readThrough("\r\n.\r\n"),
            .mark("body"), .wait("stopped"), .reply("250 ok"), .expect("QUIT"), .reply("221 bye"),
        ])
        defer { server.stop() }
        let variables = [
            "MAILROOM_BROKER": "file:\(queue)", "MAILROOM_TRANSPORT": "smtp://127.0.0.1:\(server.port)",
        ]
        let list = try folder.file("list.csv", People.csv(3))
        _ = try await MailroomProcess.run(
            "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "club@example.org",
            environment: variables)
        let worker = try MailroomProcess(["work", "--workers", "1"], environment: variables)
        let isReached = await server.reached("body")
        XCTAssert(isReached)
        worker.signal(SIGTERM)
        // The rest is back in the queue while the delivery in hand goes on.
        let broker = FileBroker(folder: queue)
        try await eventually("the rest is back in the queue") {
            let counts = try await broker.counts()
            return counts.first?[.ready] == 2 && counts.first?[.leased] == 1
        }
        XCTAssert(worker.isRunning)
        server.open("stopped")
        let status = try await worker.status()
        XCTAssertEqual(status, 0, worker.errors.text)
        let counts = try await broker.counts()
        await broker.shutdown()
        XCTAssertEqual(counts.first?[.finished], 1)
        XCTAssertEqual(counts.first?[.ready], 2)
    }

    func testAWorkerCreatesNoFileOutsideItsQueue() async throws {
        let strace = try Programs.path(of: "strace")
        let folder = TestFolder()
        let capture = CaptureServer(.onFreePorts)
        let ports = try capture.start()
        defer { capture.stop() }
        let queue = "\(folder.path)/queue"
        let variables = ["MAILROOM_BROKER": "file:\(queue)", "MAILROOM_TRANSPORT": "smtp://127.0.0.1:\(ports.smtp)"]
        let list = try folder.file("list.csv", People.csv(5))
        _ = try await MailroomProcess.run(
            "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "club@example.org",
            environment: variables)
        let trace = folder.path + "/trace"
        let work = try MailroomProcess(
            ["work", "--stop-when-empty"], environment: variables,
            under: [
                strace, "-f", "-qq", "-o", trace, "-e",
                "trace=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,memfd_create",
            ])
        let status = try await work.status(within: .seconds(120))
        XCTAssertEqual(status, 0, work.errors.text)
        XCTAssertEqual(capture.messages.count, 5)
        let makers = ["O_CREAT", "O_TMPFILE", "creat(", "mkdir", "rename", "link", "memfd_create"]
        let made = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").filter { line in
            makers.contains { line.contains($0) } && !line.contains("= -1") && !line.contains("resumed")
        }
        XCTAssert(made.contains { $0.contains(queue) }, "the trace shows what the queue makes")
        XCTAssertEqual(made.filter { !$0.contains(queue) }, [])
    }
}
