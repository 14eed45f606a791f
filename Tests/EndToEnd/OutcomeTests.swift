import Mailroom
import MailroomMemoryBroker
import MailroomSMTP
import MailroomScriptedServer
import XCTest

/// What servers do, over real SMTP, and the state in which each ends.
final class OutcomeTests: XCTestCase {
    func testEveryKindOfAnswerEndsInItsState() async throws {
        let opening = ScriptedServerStep.smtpOpening([])
        let upToData =
            opening + [
                .expect("MAIL"), .reply("250 ok"), .expect("RCPT"), .reply("250 ok"), .expect("DATA"), .reply("354 go"),
                .readThrough("\r\n.\r\n"),
            ]
        let cases: [(name: String, script: [ScriptedServerStep], expected: Expected)] = [
            ("accepted", opening + ScriptedServerStep.smtpMail(), .init(.finished, .sent, nil)),
            (
                "a refused recipient",
                opening + [.expect("MAIL"), .reply("250 ok"), .expect("RCPT"), .reply("550 5.1.1 who?"), .stall],
                .init(.dead, .failed, "550 5.1.1 who?")
            ),
            (
                "a 4xx", opening + [.expect("MAIL"), .reply("451 4.3.0 later"), .stall],
                .init(.scheduled, .pending, "451 4.3.0 later")
            ),
            (
                "a 5xx after the dot", upToData + [.reply("554 5.7.1 spam"), .stall],
                .init(.dead, .failed, "554 5.7.1 spam")
            ),
            ("a closed connection", opening + [.expect("MAIL"), .hangUp], .init(.scheduled, .pending, nil)),
            ("a stall", opening + [.expect("MAIL"), .stall], .init(.scheduled, .pending, nil)),
            ("a reply lost after the dot", upToData + [.hangUp], .init(.scheduled, .unknown, nil)),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (name, script, expected) in cases {
                group.addTask { try await Self.check(name, script, expected) }
            }
            try await group.waitForAll()
        }
    }

    private struct Expected: Sendable {
        var state: JobState
        var status: RecipientRecord.Status
        var error: String?

        init(_ state: JobState, _ status: RecipientRecord.Status, _ error: String?) {
            self.state = state
            self.status = status
            self.error = error
        }
    }

    private static func check(_ name: String, _ script: [ScriptedServerStep], _ expected: Expected) async throws {
        let server = try ScriptedServer(script)
        defer { server.stop() }
        let pipeline = try PipelineBuilder()
            .broker(.memory())
            .transport(.smtp("127.0.0.1", port: server.port) { $0.timeouts.command = .milliseconds(300) })
            .retry(.delays([.seconds(600)]))
            .build()
        let receipt = try await pipeline.submit(
            Message(from: "club@example.org", to: [.to("a@example.org")], subject: "Hello", text: "Hello"))
        var options = WorkerOptions()
        options.maximumJobs = 1
        try await pipeline.run(options)
        let record = try await pipeline.status(of: receipt.id)
        await pipeline.shutdown()
        XCTAssertEqual(record?.state, expected.state, name)
        XCTAssertEqual(record?.recipients.map(\.status), [expected.status], name)
        XCTAssertEqual(record?.attempts, 1, name)
        if let error = expected.error { XCTAssertEqual(record?.recipients.first?.error, error, name) }
        if expected.state != .finished { XCTAssertNotNil(record?.error, name) }
    }
}
