import Foundation
import Mailroom
import MailroomCommands
import MailroomFileBroker
import MailroomLetters
import MailroomMIME
import MailroomMemoryBroker
import MailroomSMTP
import MailroomTesting
import XCTest

// snippet: GettingStarted
func runCommands(over pipeline: Pipeline) async throws {
    try await MailroomCommands(pipeline).run()
}
// end of snippet

// snippet: OperatingWorkers
func retryUrgentFailures(_ pipeline: Pipeline) async throws -> Int {
    let administration = try pipeline.administration
    for failure in try await administration.failureCauses(in: ["urgent"]) {
        print("\(failure.count) times: \(failure.cause ?? "no reason recorded")")
    }
    return try await administration.retryAll(in: ["urgent"])
}

func reportDeadJobs(of pipeline: Pipeline) async throws {
    for try await step in try pipeline.jobEvents() {
        switch step {
        case .event(let event) where event.kind == .dead: print("\(event.job) is dead")
        case .event: break
        case .gap: print("some events came too fast: ask for the state of the jobs that matter")
        }
    }
}
// end of snippet

/// The examples of the articles, compiled and, where they need no server, run.
final class DocumentationExamples: XCTestCase {
    private let message = Message(
        from: "Club <club@example.org>", to: [.to("anna@example.org", name: "Anna")], subject: "Sunday",
        text: "Come and ride with us.\n")

    func testComposesWithoutTouchingAnything() throws {
        // snippet: GettingStarted
        let pipeline = try PipelineBuilder()
            .broker(.file("/var/lib/club/queue"))
            .transport(.smtp("mail.example.org"))
            .retry(.delays([.seconds(10), .seconds(30), .seconds(90)]))
            .build()
        // end of snippet
        _ = pipeline
        // snippet: GettingStarted
        let careful = try PipelineBuilder()
            .broker(.file("/var/lib/club/queue"))
            .transport(.smtp("mail.example.org"))
            .fallback(.sendNow)
            .build()
        // end of snippet
        _ = careful
    }

    func testSubmitsRunsAndLooks() async throws {
        let capture = CaptureTransport()
        let pipeline = try PipelineBuilder().broker(.memory()).transport(capture).build()
        // snippet: GettingStarted
        let message = Message(
            from: "Club <club@example.org>", to: [.to("anna@example.org", name: "Anna")],
            subject: "Sunday", text: "Come and ride with us.\n")
        let receipt = try await pipeline.submit(message)
        // end of snippet
        // snippet: GettingStarted
        let work = Task { try await pipeline.run() }
        // end of snippet
        // snippet: GettingStarted
        let record = try await pipeline.outcome(of: receipt.id, within: .seconds(60))
        for recipient in record?.recipients ?? [] {
            print(recipient.recipient.address, recipient.status, recipient.error ?? "")
        }
        // end of snippet
        XCTAssertEqual(record?.state, .finished)
        try await stop(work, pipeline)
    }

    private func stop(_ work: Task<WorkSummary, any Error>, _ pipeline: Pipeline) async throws {
        // snippet: GettingStarted
        work.cancel()
        let summary = try await work.value
        await pipeline.shutdown()
        // end of snippet
        XCTAssertEqual(summary.settled, [.finished: 1])
    }

    func testSubmitsWithOptionsAndReadsTheReceipt() async throws {
        let pipeline = try PipelineBuilder().broker(.memory()).transport(CaptureTransport()).build()
        // snippet: GettingStarted
        var reminder = message
        reminder.options.delay = .seconds(2)
        reminder.options.expiresAfter = .seconds(86_400)
        reminder.options.idempotencyKey = "reminder-2026-06-12-anna"
        reminder.options.tags = ["club": "Les Cavaliers"]
        // end of snippet
        // snippet: GettingStarted
        var news = message
        news.unsubscribe = try .oneClick("https://club.example.org/leave?who=7f3a")
        // end of snippet
        let map: [UInt8] = [0x89, 0x50, 0x4E, 0x47]
        // snippet: GettingStarted
        var invitation = message
        invitation.html = "<p>See you there. <img src=\"cid:map@club.example.org\" alt=\"Map\"></p>"
        invitation.attachments = [
            Attachment(fileName: "map.png", mediaType: .png, bytes: map, contentID: "map@club.example.org")
        ]
        invitation.inReplyTo = ["1234@example.org"]
        invitation.references = ["1201@example.org", "1234@example.org"]
        invitation.fields = [try HeaderField("X-Club", "Les Cavaliers")]
        // end of snippet
        _ = try await pipeline.submit(invitation)
        let newsReceipt = try await pipeline.submit(news)
        XCTAssertEqual(newsReceipt.jobs.count, 1)
        let receipt = try await pipeline.submit(reminder)
        // snippet: GettingStarted
        switch receipt.outcome {
        case .queued, .duplicate:
            print("queued as \(receipt.id)")
        case .sentNow(let report):
            print("the broker is down; sent at once: \(report.outcomes.count) outcomes")
        case .notSent(let error, let canResend):
            print("not sent: \(error)\(canResend ? "; try again later" : "")")
        case .unconfirmed:
            print("in doubt: ask again with confirm(_:)")
        }
        // end of snippet
        // snippet: GettingStarted
        var answer = receipt
        if case .unconfirmed = answer.outcome { answer = try await pipeline.confirm(answer) }
        // end of snippet
        XCTAssertEqual(answer.id, receipt.id)
        // snippet: GettingStarted
        if let records = pipeline.broker as? any SendRecords {
            let latest = try await records.sends(matching: SendQuery(limit: 10, tags: ["club": "Les Cavaliers"]))
            print(latest.map { "\($0.recipient.recipient.address): \($0.recipient.status)" })
        }
        // end of snippet
    }

    func testRetriesWhatAPersonAsksFor() async throws {
        // snippet: Testing
        let refusing = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(
                all: mail.envelope.recipients, .refused,
                reply: Reply(code: 550, enhancedStatus: "5.1.1", text: "no such user"))
        }
        // end of snippet
        let pipeline = try PipelineBuilder().broker(.memory()).transport(refusing).build()
        var urgent = message
        urgent.options.queue = "urgent"
        let receipt = try await pipeline.submit(urgent)
        try await runOnce(pipeline, from: "urgent")
        let revived = try await retryUrgentFailures(pipeline)
        XCTAssertEqual(revived, 1)
        let record = try await pipeline.status(of: receipt.id)
        XCTAssertEqual(record?.state, .ready)
    }

    private func runOnce(_ pipeline: Pipeline, from queue: QueueName = .default) async throws {
        var once = WorkerOptions()
        once.queues = [queue]
        once.stopsWhenEmpty = true
        try await pipeline.run(once)
    }

    func testBuildsTheCompositionsOfTheRoad() throws {
        // snippet: TheRoadOfAMessage
        let cautious = PipelineBuilder().unknownOutcomes(.hold)
        // end of snippet
        // snippet: TheRoadOfAMessage
        let plans = PipelineBuilder()
            .retry(.delays([.seconds(10), .seconds(30), .seconds(90)], attempts: 4))
            .retry(.exponential(base: .seconds(60), maximum: .seconds(900), attempts: 6), named: "confirmation")
            .retry(.never, named: "once")
        // end of snippet
        // snippet: TheRoadOfAMessage
        let patient = PipelineBuilder().limits { limits in
            limits.job = .seconds(120)
            limits.shutdownGrace = .seconds(150)
        }
        // end of snippet
        for builder in [cautious, plans, patient] {
            XCTAssertNoThrow(try builder.broker(.memory()).transport(CaptureTransport()).build())
        }
    }

    func testSubmitsTheLetterOfItsArticle() async throws {
        // snippet: Letters
        let withLetters = PipelineBuilder().renderer(.letters(folder: "Templates"))
        // end of snippet
        _ = withLetters
        let renderer = LetterRenderer(templates: [try Template(source: try article("Letters").template)])
        let capture = CaptureTransport()
        let pipeline = try PipelineBuilder().broker(.memory()).transport(capture).renderer(renderer).build()
        // snippet: Letters
        let letter = Message(
            from: "Club <club@example.org>", to: [.to("anna@example.org", name: "Anna Noël")],
            document: Document(
                template: "thanks",
                values: [
                    "name": "Anna Noël", "club": "Les Cavaliers", "rides": [["day": "2026-06-14", "hours": 3]],
                    "is_member": true,
                ]))
        // end of snippet
        try await pipeline.submit(letter)
        try await runOnce(pipeline)
        let mail = try XCTUnwrap(capture.mails.first)
        XCTAssertEqual(mail.message.subject, "Thank you from Les Cavaliers")
        let text = try XCTUnwrap(mail.message.text)
        XCTAssert(text.contains("See you at the members' evening."), text)
        XCTAssert(text.contains("Sunday, 14 June 2026: 3 hours"), text)
        XCTAssertEqual(mail.message.attachments.map(\.fileName), ["thanks-Anna Noël.pdf"])
    }

    func testTakesTemplatesCompiledIn() async throws {
        let source = Array("---\nsubject: Notice\n---\nHello {{name}}.\n".utf8)
        let font: [UInt8] = []
        // snippet: Letters
        let compiledIn = LetterRenderer(files: TemplateFiles(["notice.md": source, "fonts/serif.ttf": font]))
        // end of snippet
        let notice = try await compiledIn.render(Document(template: "notice", values: ["name": "Anna"]))
        XCTAssertEqual(notice.text, "Hello Anna.\n")
    }
}
