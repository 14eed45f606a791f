import Mailroom
import MailroomCapture
import MailroomMemoryBroker
import MailroomSMTP
import XCTest

/// The examples of the article on capturing mail, compiled as they stand.
final class DocumentationCapture: XCTestCase {
    func testMisbehavesAndIsWaitedFor() async throws {
        // snippet: Capture
        var configuration = CaptureServer.Configuration()
        configuration.smtpPort = 0
        configuration.webPort = 0
        configuration.seed = 7
        configuration.rules = [
            try CaptureRule(parsing: "rcpt to=*@full.example reply='452 4.2.2 Mailbox full' limit=2"),
            try CaptureRule(parsing: "content chance=0.1 store hangup=before"),
        ]
        let server = CaptureServer(configuration)
        let ports = try server.start()
        defer { server.stop() }
        // end of snippet
        server.rules = []
        let pipeline = try PipelineBuilder().broker(.memory())
            .transport(.smtp("127.0.0.1", port: ports.smtp)).build()
        try await pipeline.submit(
            Message(
                from: "club@example.org", to: [.to("anna@example.org")], subject: "Sunday", text: "Come and ride."))
        var once = WorkerOptions()
        once.stopsWhenEmpty = true
        try await pipeline.run(once)
        // snippet: Capture
        let mail = try await server.message(within: .seconds(5)) { $0.recipients.contains("anna@example.org") }
        XCTAssertEqual(mail.envelope.reversePath, "club@example.org")
        XCTAssertEqual(server.messages(matching: "subject:sunday").count, 1)
        // end of snippet
    }
}
