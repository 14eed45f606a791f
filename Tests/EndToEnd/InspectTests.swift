import Foundation
import Mailroom
import MailroomCapture
import MailroomMemoryBroker
import MailroomSMTP
import MailroomScriptedServer
import MailroomTesting
import TestSupport
import XCTest

/// What listings show, and in which form.
final class InspectTests: XCTestCase {
    /// A pipeline in memory on a clock that stands still; mails to `bad…` are refused for good, to `slow…` at first.
    private struct Desk {
        let clock = ManualClock(at: Date(timeIntervalSince1970: 1_790_000_000))
        let broker: MemoryBroker
        let pipeline: Pipeline

        init() throws {
            broker = MemoryBroker(time: clock)
            let transport = CaptureTransport { mail throws(TransportError) in
                let address = mail.envelope.recipients[0].address
                if address.hasPrefix("bad") {
                    throw TransportError(.refused, "550 5.1.1 <\(address)> who?\u{1B}[2J", isTransient: false)
                }
                if address.hasPrefix("slow"), mail.attempt == 1 { throw TransportError(.timedOut, "451 busy") }
                return DeliveryReport(all: mail.envelope.recipients, .accepted)
            }
            pipeline = try PipelineBuilder().broker(broker).transport(transport).time(clock)
                .retry(.delays([.seconds(60), .seconds(120)]))
                .retry(.exponential(base: .seconds(1), maximum: .seconds(4), attempts: 4), named: "quick").build()
        }

        func submit(_ addresses: String..., delay: Duration = .zero, queue: QueueName = .default) async throws
            -> [JobID]
        {
            try await pipeline.submit(
                addresses.map { address in
                    var message = Message(
                        from: "c@example.org", to: [.to("\(address)@example.org")], subject: "Hello", text: "Hello")
                    message.options.delay = delay
                    message.options.queue = queue
                    return message
                }
            ).map(\.id)
        }

        func work() async throws {
            var options = WorkerOptions()
            options.stopsWhenEmpty = true
            try await pipeline.run(options)
        }
    }

    func testStatisticsTellTheSharesOfWhatWasDeliveredRetriedAndFailed() async throws {
        let desk = try Desk()
        let good = (0..<36).map { "p\($0)" }
        for address in good { _ = try await desk.submit(address) }
        _ = try await desk.submit("slow1", "slow2", "bad1")
        try await desk.work()
        desk.clock.advance(by: .seconds(60))
        try await desk.work()
        _ = try await desk.submit("later", queue: "urgent")
        desk.clock.advance(by: .seconds(3725))
        let run = InProcess(desk.pipeline)
        let json = await run("inspect", "stats", "--format", "json")
        XCTAssertEqual(
            json.output,
            """
            {"queue":"default","jobs":39,"waiting":0,"in_hand":0,"delivered":0.9744,"retried":0.0513,"failed":0.0256,\
            "oldest_ready":null}
            {"queue":"urgent","jobs":1,"waiting":1,"in_hand":0,"delivered":null,"retried":0,"failed":null,\
            "oldest_ready":3725}

            """)
        let table = await run("inspect", "stats")
        XCTAssertEqual(
            table.output,
            """
            QUEUE    JOBS  WAITING  IN HAND  DELIVERED  RETRIED  FAILED  OLDEST READY
            default  39    0        0        97.44 %    5.13 %   2.56 %  –
            urgent   1     1        0        –          0 %      –       1 h 2 min
            (all)    40    1        0        97.44 %    5 %      2.56 %  1 h 2 min

            """)
    }

    func testTheMonitorCountsQueuesInTheOrderAskedForAndSumsThem() async throws {
        let desk = try Desk()
        _ = try await desk.submit("p1", "bad1")
        try await desk.work()
        _ = try await desk.submit("later", delay: .seconds(60), queue: "urgent")
        let run = InProcess(desk.pipeline)
        let table = await run("monitor", "--queue", "urgent,default,nowhere")
        XCTAssertEqual(
            table.output,
            """
            QUEUE    SCHEDULED  READY  LEASED  FINISHED  DEAD  HELD  TOTAL  FAILING
            urgent   1          0      0       0         0     0     1      –
            default  0          0      0       1         1     0     2      50 %
            nowhere  0          0      0       0         0     0     0      –
            (all)    1          0      0       1         1     0     3      50 %

            """)
        let csv = await run("monitor", "--format", "csv", "--queue", "default")
        XCTAssertEqual(
            csv.output,
            "queue,scheduled,ready,leased,finished,dead,held,total,failing\r\ndefault,0,0,0,1,1,0,2,0.5\r\n")
    }

    func testFailuresAreListedWithoutWhatCouldTakeOverATerminal() async throws {
        let desk = try Desk()
        let jobs = try await desk.submit("bad1", "bad2", "p1")
        try await desk.work()
        let run = InProcess(desk.pipeline)
        let table = await run("failed")
        let lines = table.output.split(separator: "\n")
        XCTAssertEqual(lines.count, 3, table.output)
        XCTAssert(lines[1].hasPrefix("\(jobs[1])  default  dead   1         2026-09-21 "), table.output)
        XCTAssert(lines[1].contains("bad2@example.org  550 5.1.1 … who?\u{FFFD}[2J"), table.output)
        XCTAssertFalse(table.output.contains("\u{1B}"))
        let limited = await run("failed", "--limit", "1", "--format", "json")
        let row = try XCTUnwrap(
            JSONSerialization.jsonObject(with: Data(limited.output.utf8)) as? [String: Any])
        XCTAssertEqual(row["id"] as? String, jobs[1].description)
        XCTAssertEqual(row["error"] as? String, "550 5.1.1 <bad2@example.org> who?\u{1B}[2J")
        XCTAssert(limited.errors.hasPrefix("1 more job: --limit N shows more"), limited.errors)
        let held = await run("failed", "--state", "held", "--format", "csv")
        XCTAssertEqual(held.output.components(separatedBy: "\r\n").count, 2)
        let grouped = await run("failed", "--group-by", "cause", "--format", "json")
        XCTAssert(grouped.output.contains("\"count\":2,"), grouped.output)
    }

    func testSendsOfOneRecipientTellEverythingThatIsRecorded() async throws {
        let desk = try Desk()
        _ = try await desk.submit("p1", "bad1", "p2")
        desk.clock.advance(by: .seconds(60))
        try await desk.work()
        let run = InProcess(desk.pipeline)
        let sent = await run("sends", "--recipient", "P1@example.org", "--format", "json")
        let row = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(sent.output.utf8)) as? [String: Any])
        XCTAssertEqual(row["status"] as? String, "sent")
        XCTAssert(row["error"] is NSNull)
        XCTAssertEqual(row["created_at"] as? String, "2026-09-21T14:13:20.000Z")
        XCTAssertEqual(row["sent_at"] as? String, "2026-09-21T14:14:20.000Z")
        XCTAssertEqual(row["updated_at"] as? String, "2026-09-21T14:14:20.000Z")
        let failed = await run("sends", "--recipient", "bad1@example.org", "--status", "failed", "--format", "csv")
        XCTAssert(failed.output.contains("550 5.1.1"), failed.output)
        let none = await run("sends", "--recipient", "p1@example.org", "--status", "failed", "--format", "json")
        XCTAssertEqual(none.output, "")
    }

    func testWhatIsScheduledTellsWhenAndWhy() async throws {
        let desk = try Desk()
        _ = try await desk.submit("slow1")
        try await desk.work()
        _ = try await desk.submit("p1", delay: .seconds(2))
        let table = await InProcess(desk.pipeline)("inspect", "scheduled")
        let lines = table.output.split(separator: "\n").map(String.init)
        XCTAssertEqual(lines.count, 3)
        XCTAssert(lines[1].hasPrefix("2026-09-21 14:13:22  "), table.output)
        XCTAssert(lines[1].hasSuffix("  default  0         p1@example.org     submitted to start then"), table.output)
        XCTAssert(lines[2].hasPrefix("2026-09-21 14:14:20  "), table.output)
        XCTAssert(lines[2].hasSuffix("slow1@example.org  attempt 1 failed: 451 busy"), table.output)
    }

    func testJobsInHandAreShownWithTheirWorkerAndTheTimeLeft() async throws {
        let desk = try Desk()
        let jobs = try await desk.submit("p1", "p2")
        let request = LeaseRequest(limit: 1, duration: .seconds(90), worker: "host/7")
        _ = try await desk.broker.lease(request)
        desk.clock.advance(by: .seconds(30))
        let run = InProcess(desk.pipeline)
        let active = await run("inspect", "active", "--format", "csv")
        XCTAssertEqual(
            active.output,
            "id,queue,worker,attempt,time_left,recipients,tags\r\n\(jobs[0]),default,host/7,1,60,p1@example.org,\r\n")
        let elsewhere = await run("inspect", "active", "--queue", "urgent", "--format", "json")
        XCTAssertEqual(elsewhere.output, "")
        let workers = await run("inspect", "workers", "--format", "json")
        XCTAssertEqual(
            workers.output,
            "{\"worker\":\"host/7\",\"queues\":\"default\",\"jobs\":1,\"last_seen\":\"2026-09-21T14:13:20.000Z\"}\n")
    }

    func testWhatIsRegisteredTellsThePlanOfEachRetryPolicy() async throws {
        let desk = try Desk()
        _ = try await desk.submit("p1", queue: "urgent")
        let registered = await InProcess(desk.pipeline)("inspect", "registered", "--format", "csv")
        XCTAssertEqual(registered.status, 0, registered.errors)
        for line in [
            "channel,email,CaptureTransport", "retry policy,(default),\"3 attempts, after 60 s, 120 s\"",
            "retry policy,quick,\"4 attempts, after 1 s, 2 s, 4 s\"", "queue,urgent,", "limit,job,60 s",
            "retention,finished,30 d",
        ] {
            XCTAssert(registered.output.contains(line + "\r\n"), registered.output)
        }
    }

    func testWhatIsRegisteredNamesTemplatesAndHidesPasswords() async throws {
        let folder = TestFolder()
        let registered = try await MailroomProcess.run(
            "inspect", "registered", "--broker", "file:\(folder.path)/none",
            environment: ["MAILROOM_TRANSPORT": "smtp://club:open-sesame@mail.example.org:587?tls=required"])
        XCTAssertEqual(registered.status, 0, registered.errors)
        XCTAssert(registered.output.contains("smtp://mail.example.org:587"), registered.output)
        XCTAssert(registered.output.contains("template      volunteer-letter-fr"), registered.output)
        XCTAssertFalse((registered.output + registered.errors).contains("sesame"))
        XCTAssertEqual(folder.contents, [])
    }

    func testAWorkerProcessIsSeenWithTheJobInItsHand() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(1)
        let server = try ScriptedServer([.reply("220 ready"), .mark("busy"), .stall])
        defer { server.stop() }
        let worker = try MailroomProcess(
            ["work"],
            environment: queue.variables.merging(["MAILROOM_TRANSPORT": "smtp://127.0.0.1:\(server.port)"]) { $1 })
        let isBusy = await server.reached("busy")
        XCTAssert(isBusy)
        let active = try await queue.run("inspect", "active", "--format", "json")
        let row = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(active.output.utf8)) as? [String: Any])
        XCTAssertEqual(row["id"] as? String, jobs[0].description)
        XCTAssertEqual((row["worker"] as? String)?.hasSuffix("/\(worker.identifier)"), true)
        XCTAssertEqual(row["attempt"] as? Int, 1)
        XCTAssert((1...30).contains(try XCTUnwrap(row["time_left"] as? Int)))
        let workers = try await queue.run("inspect", "workers", "--format", "csv")
        XCTAssert(workers.output.contains("/\(worker.identifier),"), workers.output)
        let cancelled = try await queue.run("cancel", jobs[0].description)
        XCTAssertEqual(cancelled.status, 1)
        XCTAssert(cancelled.errors.hasPrefix("\(jobs[0]) is leased"), cancelled.errors)
        let erased = try await queue.run("erase", "--recipient", "default0@example.org", "--yes")
        XCTAssertEqual(erased.status, 1)
        XCTAssert(erased.errors.contains("\(jobs[0]) is in a worker's hands"), erased.errors)
        worker.signal(SIGKILL)
    }
}
