import Mailroom
import MailroomScriptedServer
import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomSMTP

/// What ends by the mail's own deadline although every time-out would allow more.
final class DeadlineTests: XCTestCase {
    private static let patience = SMTPTimeouts(
        connect: .seconds(10), greeting: .seconds(10), command: .seconds(10), data: .seconds(10),
        finalDot: .seconds(10))

    private struct End: Sendable {
        let words: String
        let late: Duration
    }

    /// How a delivery ended that nobody answers: the code and the reason, or who is in doubt and why.
    private nonisolated static func end(of mail: Mail, to port: Int) async -> End {
        let transport = SMTPTransport.smtp("127.0.0.1", port: port) {
            $0.clientName = "client.example"
            $0.timeouts = patience
        }
        var words = ""
        do {
            let report = try await transport.deliver(mail)
            words = report.outcomes.map { "\($0.status): \($0.reply?.text ?? "")" }.joined(separator: "\n")
        } catch {
            words = "\(error.code.rawValue): \(error.reason)"
        }
        let late = mail.deadline.duration(to: .now)
        await transport.shutdown()
        return End(words: words, late: late)
    }

    private func assertEnded(_ end: End, _ start: String, by port: Int, _ point: String, line: UInt = #line) {
        XCTAssertGreaterThanOrEqual(end.late, .zero, point, line: line)
        XCTAssertLessThan(end.late, .milliseconds(700), point, line: line)
        for words in end.words.split(separator: "\n") {
            XCTAssert(words.hasPrefix("\(start): smtp://127.0.0.1:\(port): "), "\(point): \(words)", line: line)
        }
    }

    func testEveryWaitEndsAtTheMailsDeadlineThoughItsTimeOutIsLongerAndTellsWhichItWas() async throws {
        let awaited: [DialoguePoint: String] = [
            .greeting: "the greeting", .ehlo: "the answer to EHLO", .mail: "the answer to MAIL",
            .recipient: "the answer to RCPT", .data: "the answer to DATA", .body: "the end of the message",
            .finalDot: "the answer to the message",
        ]
        var servers: [DialoguePoint: ScriptedServer] = [:]
        for point in DialoguePoint.allCases {
            servers[point] = try ScriptedServer(
                point.script(pipelining: false) + [point == .body ? .freeze : .stall])
        }
        let ends = try await withThrowingTaskGroup(of: (DialoguePoint, End).self) { group in
            for (point, server) in servers {
                group.addTask {
                    // The encoding of a large message takes of its time.
                    let mail = try makeMail(
                        to: ["b@example.org", "c@example.org"], attachment: point == .body ? 3 << 20 : 0,
                        within: point == .body ? .milliseconds(1500) : .milliseconds(300))
                    return (point, await Self.end(of: mail, to: server.port))
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for point in DialoguePoint.allCases {
            let (server, end) = (try XCTUnwrap(servers[point]), try XCTUnwrap(ends[point]))
            assertEnded(end, point == .finalDot ? "unknown" : "timedOut", by: server.port, point.rawValue)
            XCTAssert(
                end.words.contains("time ran out where \(try XCTUnwrap(awaited[point])) was due. "),
                "\(point): \(end.words)")
            XCTAssertEqual(server.problems, [], point.rawValue)
        }
    }

    func testConnectingEndsAtTheMailsDeadlineToo() async throws {
        let hole = try FullBacklog()
        let end = await Self.end(of: try makeMail(within: .milliseconds(300)), to: hole.port)
        assertEnded(end, "timedOut", by: hole.port, "connect")
        XCTAssert(end.words.contains("connect"), end.words)
    }

    func testConnectingEndsByItsOwnTimeOutAndByCancellation() async throws {
        let hole = try FullBacklog()
        let transport = SMTPTransport.smtp("127.0.0.1", port: hole.port) {
            $0.timeouts.connect = .milliseconds(200)
        }
        let begin = ContinuousClock.now
        let outcome = await transport.outcome(of: try makeMail(within: .seconds(60)))
        XCTAssertEqual(outcome, "throws timedOut")
        XCTAssertGreaterThanOrEqual(begin.duration(to: .now), .milliseconds(200))
        let patient = SMTPTransport.smtp("127.0.0.1", port: hole.port)
        let mail = try makeMail(within: .seconds(60))
        let task = Task { await patient.outcome(of: mail) }
        while patient.pool.connected == 0 { await Task.yield() }
        // Nothing can be seen of a thread that connects; without this it might not have begun to.
        try await silence(until: .now + .milliseconds(100))
        task.cancel()
        let cancelled = await task.value
        XCTAssertEqual(cancelled, "throws cancelled")
        await patient.shutdown()
        await transport.shutdown()
        XCTAssertLessThan(begin.duration(to: .now), .seconds(5), "the connection's thread went on waiting")
    }

    // MARK: What the timer says

    private func end(of mail: Mail, _ prepare: (Delivery) -> Void) async throws -> Result<
        DeliveryReport, TransportError
    > {
        let delivery = try Delivery(mail, route: "smtp://mail.example.org:587")
        prepare(delivery)
        return await withCheckedContinuation { continuation in
            if delivery.begin(continuation) { delivery.expire() }
        }
    }

    func testTheTimersErrorNamesTheServerAndWhatWasAwaited() async throws {
        let standing = ConnectionStanding()
        standing.point = .authentication
        let busy = try await end(of: try makeMail()) { XCTAssertTrue($0.moveToFront(of: standing)) }
        XCTAssertThrowsError(try busy.get()) { error in
            let error = error as? TransportError
            XCTAssertEqual(error?.code, .timedOut)
            XCTAssertEqual(error?.isTransient, true)
            XCTAssertEqual(
                error?.reason,
                "smtp://mail.example.org:587: The mail's time ran out where the answer to AUTH was due. "
                    + "Check the server, or allow more time.")
        }
        XCTAssertTrue(standing.interruption.isInterrupted)
        let waiting = try await end(of: try makeMail()) { _ in }
        XCTAssertThrowsError(try waiting.get()) { error in
            XCTAssertEqual(
                (error as? TransportError)?.reason,
                "smtp://mail.example.org:587: The mail's time ran out while it waited for its turn. "
                    + "Allow more connections, or more time.")
        }
    }

    func testAfterTheFinalDotTheTimerLeavesDoubtAndSaysWhere() async throws {
        let standing = ConnectionStanding()
        standing.point = .answer
        let result = try await end(of: try makeMail()) {
            XCTAssertTrue($0.moveToFront(of: standing))
            XCTAssertTrue($0.commit())
        }
        let outcome = try XCTUnwrap(try result.get().outcomes.first)
        XCTAssertEqual(outcome.status, .unknown)
        XCTAssertEqual(outcome.reply?.code, 0)
        XCTAssertEqual(
            outcome.reply?.text,
            "smtp://mail.example.org:587: The mail's time ran out where the answer to the message was due. "
                + "Check the server, or allow more time.")
    }
}
