import Foundation
import Mailroom
import MailroomCapture
import MailroomMIME
import MailroomMemoryBroker
import MailroomSMTP
import MailroomScriptedServer
import MailroomTesting
import XCTest

/// The examples of the article on testing, as an app's tests have them.
final class DocumentationTesting: XCTestCase {
    private let message = Message(
        from: "Club <club@example.org>", to: [.to("anna@example.org", name: "Anna")], subject: "Sunday",
        text: "Come and ride with us.\n")
    private let composition = PipelineBuilder()

    func testCapturesWhatAnAppSends() async throws {
        // snippet: Testing
        let capture = CaptureTransport()
        let pipeline = try composition.broker(.memory()).capturing(capture).build()
        let receipt = try await pipeline.submit(message)

        var once = WorkerOptions()
        once.stopsWhenEmpty = true
        try await pipeline.run(once)

        let mail = try capture.expectOne(.to("anna@example.org"), .subject("Sunday"))
        XCTAssertEqual(mail.text, "Come and ride with us.\n")
        XCTAssertEqual(mail.attachments.map(\.name), [])
        try capture.expectNone(.to("bruno@example.org"))
        let record = try await pipeline.status(of: receipt.id)
        XCTAssertEqual(record?.state, .finished)
        // end of snippet
    }

    func testTheFailureReadsAsShown() async throws {
        let capture = CaptureTransport(.refusing(forNow: true).onAttempts(2...))
        for (name, subject, attempt) in [
            ("anna", "Welcome", 1), ("bruno", "invitation", 1), ("carla", "Invitation", 2),
        ] {
            let mail = Mail(
                id: JobID(at: Date(), random: SeededRandom(seed: 1)),
                envelope: Envelope(reversePath: nil, recipients: [.to("\(name)@example.org")]),
                message: InternetMessage(
                    from: [], subject: subject, date: MessageDate(secondsSince1970: 0), messageID: "1@example.org"),
                attempt: attempt, deadline: .now + .seconds(60))
            _ = try await capture.deliver(mail)
        }
        XCTAssertThrowsError(
            try capture.expectOne(
                .to("bruno@example.org"), .subject("Invitation"), file: "AppTests/InvitationTests.swift", line: 21)
        ) { error in
            XCTAssertEqual(try? article("Testing").blocks("text"), ["\(error)"])
        }
    }

    func testWaitsForWhatAWorkerSends() async throws {
        // snippet: Testing
        let capture = CaptureTransport()
        let pipeline = try composition.broker(.memory()).capturing(capture).build()
        let worker = Task { try await pipeline.run() }

        try await pipeline.submit(message)
        let mail = try await capture.mail(.to("anna@example.org"), within: .seconds(5))
        XCTAssertEqual(mail.subject, "Sunday")
        try await capture.mails(atLeast: 1)
        try await capture.mail { $0.header("Subject") == "Sunday" }

        worker.cancel()
        _ = try await worker.value
        // end of snippet
    }

    func testWaitsInVainWithoutWaiting() async throws {
        // snippet: Testing
        let clock = ManualClock()
        let capture = CaptureTransport(time: clock)
        async let silence: Void = capture.expectNone(.to("bruno@example.org"), for: .seconds(60))
        await clock.advance(toSleeperAt: .seconds(60))
        try await silence
        // end of snippet
    }

    func testFailsOnDemand() async throws {
        // snippet: Testing
        let capture = CaptureTransport(
            .refusing(.number(2)),
            .refusing(.domain("example.net"), forNow: true),
            .losingReply().on(.subject("Invoice")),
            .failing().byChance(0.1, seed: 7))
        let pipeline = try composition.broker(.memory()).capturing(capture).build()
        capture.faults = [.failing(.throttled, retryAfter: .seconds(60)).onAttempts(...2)]
        capture.faults = []
        // end of snippet
        try await pipeline.submit(message)
        var once = WorkerOptions()
        once.stopsWhenEmpty = true
        try await pipeline.run(once)
        try capture.expectOne(.to("anna@example.org"))
    }

    func testStepsThroughRetries() async throws {
        // snippet: Testing
        let clock = ManualClock()
        let busyOnce = CaptureTransport(.refusing(forNow: true).onAttempts(...1))
        let pipeline = try PipelineBuilder()
            .broker(.memory(time: clock)).transport(busyOnce).time(clock)
            .retry(.delays([.seconds(1800)]))
            .build()
        let receipt = try await pipeline.submit(message)

        var options = WorkerOptions()
        options.sleep = .seconds(86_400)
        let work = Task { [options] in try await pipeline.run(options) }
        await clock.advance(toSleeperAt: .seconds(1800))
        let record = try await pipeline.outcome(of: receipt.id)
        work.cancel()
        _ = try await work.value
        XCTAssertEqual(record?.attempts, 2)
        // end of snippet
    }

    func testPlaysAScript() async throws {
        // snippet: Testing
        let server = try ScriptedServer(
            ScriptedServerStep.smtpOpening() + ScriptedServerStep.smtpMail() + [.stall])
        let transport: SMTPTransport = .smtp("127.0.0.1", port: server.port)
        let pipeline = try PipelineBuilder().broker(.memory()).transport(transport).build()
        let receipt = try await pipeline.submit(message)
        var once = WorkerOptions()
        once.stopsWhenEmpty = true
        try await pipeline.run(once)
        let record = try await pipeline.status(of: receipt.id)
        XCTAssertEqual(record?.recipients.map(\.remoteID), ["4F2A"])
        XCTAssertEqual(server.problems, [])
        // end of snippet
    }

    func testReceivesInACaptureServer() async throws {
        // snippet: Testing
        var configuration = CaptureServer.Configuration()
        configuration.smtpPort = 0
        configuration.webPort = 0
        let server = CaptureServer(configuration)
        let ports = try server.start()
        defer { server.stop() }
        let pipeline = try PipelineBuilder().broker(.memory())
            .transport(.smtp("127.0.0.1", port: ports.smtp)).build()
        try await pipeline.submit(message)
        var once = WorkerOptions()
        once.stopsWhenEmpty = true
        try await pipeline.run(once)
        let mails = try await server.messages(atLeast: 1, within: .seconds(5))
        XCTAssertEqual(mails.map(\.recipients), [["anna@example.org"]])
        // end of snippet
    }
}
