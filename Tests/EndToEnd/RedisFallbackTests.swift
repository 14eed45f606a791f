import Foundation
import Mailroom
import MailroomRedisBroker
import MailroomTesting
import TestSupport
import XCTest

/// What submitting does with a fallback where the server of Redis is down or goes down.
final class RedisFallbackTests: XCTestCase {
    private let mail = Message(
        from: "club@example.org", to: [.to("ann@example.org")], subject: "Hello", text: "Hello")

    func testWhatAServerThatIsDownCannotHaveIsSentNow() async throws {
        let closed = try ClosedPort()
        let capture = CaptureTransport()
        let pipeline = try pipeline(closed.port, capture)
        let receipt = try await pipeline.submit(mail)
        guard case .sentNow(let report) = receipt.outcome else { return XCTFail("\(receipt.outcome)") }
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted])
        XCTAssertEqual(capture.mails.count, 1)
        await pipeline.shutdown()
    }

    func testWhatAServerThatWasKilledMayHaveIsUnconfirmedAndSentOnceWhenItIsBack() async throws {
        let server = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        let capture = CaptureTransport()
        let pipeline = try pipeline(server.port, capture)
        let submitting = try await submitting(to: server, pipeline)
        server.stop()
        let receipt = try await submitting.value
        guard case .unconfirmed = receipt.outcome else { return XCTFail("\(receipt.outcome)") }
        XCTAssertEqual(capture.mails.count, 0, "it may be stored: sending it now could send it twice")
        try server.start()
        let confirmed = try await pipeline.confirm(receipt)
        guard case .queued = confirmed.outcome else { return XCTFail("\(confirmed.outcome)") }
        XCTAssertEqual(confirmed.jobs, receipt.jobs)
        try await assertSentOnce(pipeline, capture)
    }

    func testWhatAServerThatCameBackAtOnceMayHaveIsSentOnce() async throws {
        let server = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        let capture = CaptureTransport()
        let pipeline = try pipeline(server.port, capture)
        let submitting = try await submitting(to: server, pipeline)
        try server.start()
        let receipt = try await submitting.value
        switch receipt.outcome {
        case .queued: break
        case .unconfirmed: _ = try await pipeline.confirm(receipt)
        default: XCTFail("\(receipt.outcome)")
        }
        XCTAssertEqual(capture.mails.count, 0)
        try await assertSentOnce(pipeline, capture)
    }

    private func pipeline(_ port: Int, _ capture: CaptureTransport) throws -> Pipeline {
        try PipelineBuilder().broker(.redis("127.0.0.1", port: port)).transport(capture).fallback(.sendNow).build()
    }

    /// A submission that has left and that the server keeps waiting.
    private func submitting(to server: RedisServer, _ pipeline: Pipeline) async throws -> Task<Receipt, any Error> {
        try server.ask("CLIENT", "PAUSE", "60000", "WRITE")
        let submitting = Task { [mail] in try await pipeline.submit(mail) }
        try await eventually("the submission waits for the server") {
            try server.ask("INFO", "clients").contains("blocked_clients:1")
        }
        return submitting
    }

    private func assertSentOnce(
        _ pipeline: Pipeline, _ capture: CaptureTransport, file: StaticString = #filePath, line: UInt = #line
    ) async throws {
        var options = WorkerOptions()
        options.stopsWhenEmpty = true
        let summary = try await pipeline.run(options)
        XCTAssertEqual(summary.settled, [.finished: 1], file: file, line: line)
        XCTAssertEqual(capture.mails.count, 1, file: file, line: line)
        await pipeline.shutdown()
    }
}
