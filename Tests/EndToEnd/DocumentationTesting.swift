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
        let pipeline = try composition.broker(.memory()).transport(capture).build()
        let receipt = try await pipeline.submit(message)

        var once = WorkerOptions()
        once.stopsWhenEmpty = true
        try await pipeline.run(once)

        XCTAssertEqual(capture.mails.map { $0.envelope.recipients.map(\.address) }, [["anna@example.org"]])
        let record = try await pipeline.status(of: receipt.id)
        XCTAssertEqual(record?.state, .finished)
        // end of snippet
        // snippet: Testing
        let mail = Entity(parsing: try XCTUnwrap(capture.mails.first).bytes)
        XCTAssertEqual(mail.first("Subject"), "Sunday")
        XCTAssertEqual(mail.plainText, "Come and ride with us.\r\n")
        XCTAssertEqual(mail.attachments.map(\.fileName), [])
        // end of snippet
    }

    func testStepsThroughRetries() async throws {
        // snippet: Testing
        let clock = ManualClock()
        let busyOnce = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(all: mail.envelope.recipients, mail.attempt == 1 ? .refusedForNow : .accepted)
        }
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
