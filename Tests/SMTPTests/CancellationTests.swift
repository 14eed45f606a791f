import Mailroom
import MailroomScriptedServer
import TestSupport
import XCTest

@testable import MailroomSMTP

final class CancellationTests: XCTestCase {
    private static func silence(at point: DialoguePoint) -> [ScriptedServerStep] {
        point.script() + [.mark("here"), point == .body ? .freeze : .stall]
    }

    func testCancellationReturnsWithinASecondAtEveryPoint() async throws {
        let small = try makeMail(to: ["b@example.org", "c@example.org"])
        let large = try makeMail(to: ["b@example.org", "c@example.org"], attachment: 3 << 20)
        for point in DialoguePoint.allCases {
            let server = try ScriptedServer(Self.silence(at: point))
            let transport = server.transport()
            let task = Task { await transport.outcome(of: point == .body ? large : small) }
            let isHere = await server.reached("here")
            XCTAssertTrue(isHere, point.rawValue)
            let begin = ContinuousClock.now
            task.cancel()
            let outcome = await task.value
            XCTAssertLessThan(begin.duration(to: .now), .seconds(1), point.rawValue)
            XCTAssertEqual(outcome, point == .finalDot ? "b unknown, c unknown" : "throws cancelled", point.rawValue)
            await transport.shutdown()
            guard point != .body else { continue }
            let hasEnded = await server.reached("end")
            XCTAssertTrue(hasEnded, "the connection is dropped")
        }
    }

    func testAnAnswerThatComesSoonAfterCancellationStillCounts() async throws {
        let server = try ScriptedServer(
            DialoguePoint.finalDot.script() + [
                .mark("here"), .wait("go"), .reply("250 ok"), .expect("QUIT"), .reply("221 bye"),
            ])
        let transport = server.transport()
        let mail = try makeMail(to: ["b@example.org", "c@example.org"])
        let task = Task { await transport.outcome(of: mail) }
        let isHere = await server.reached("here")
        XCTAssertTrue(isHere)
        task.cancel()
        server.open("go")
        let outcome = await task.value
        XCTAssertEqual(outcome, "b accepted, c accepted")
        await transport.shutdown()
    }

    func testADeliveryThatWaitsInLineIsCancelledWithoutDisturbingTheOneAtWork() async throws {
        let server = try ScriptedServer(
            ScriptedServerStep.smtpOpening() + [.mark("here"), .wait("go")] + ScriptedServerStep.smtpMail() + [
                .expect("QUIT"), .reply("221 bye"),
            ])
        let transport = server.transport()
        let (first, second) = (try makeMail("first"), try makeMail("second"))
        async let outcome = transport.outcome(of: first)
        let isHere = await server.reached("here")
        XCTAssertTrue(isHere)
        let task = Task { await transport.outcome(of: second) }
        await transport.reachesWaiting(1)
        task.cancel()
        let cancelled = await task.value
        XCTAssertEqual(cancelled, "throws cancelled")
        server.open("go")
        let accepted = await outcome
        XCTAssertEqual(accepted, "b accepted")
        await transport.shutdown()
        XCTAssertFalse(server.text(on: 0).contains("second"))
    }

    func testAMailSentAheadIsCancelledWithoutDoubtForTheOneBefore() async throws {
        let server = try ScriptedServer(
            ScriptedServerStep.smtpOpening() + [
                .expect("MAIL"), .reply("250 ok"), .expect("RCPT"), .reply("250 ok"), .expect("DATA"), .mark("data"),
                .wait("go"), .reply("354 go"), .readThrough("\r\n.\r\n"), .expect("MAIL"), .expect("RCPT"),
                .expect("DATA"), .mark("ahead"), .wait("answer"),
                .reply("250 first\r\n250 ok\r\n250 ok\r\n354 go"), .stall,
            ])
        let transport = server.transport()
        let (first, second) = (try makeMail("first"), try makeMail("second"))
        async let outcome = transport.outcome(of: first)
        let isAtData = await server.reached("data")
        XCTAssertTrue(isAtData)
        let task = Task { await transport.outcome(of: second) }
        await transport.reachesWaiting(1)
        server.open("go")
        let isAhead = await server.reached("ahead")
        XCTAssertTrue(isAhead)
        task.cancel()
        let cancelled = await task.value
        XCTAssertEqual(cancelled, "throws cancelled")
        server.open("answer")
        let accepted = await outcome
        XCTAssertEqual(accepted, "b accepted")
        let hasEnded = await server.reached("end")
        XCTAssertTrue(hasEnded)
        XCTAssertTrue(server.text(on: 0).hasSuffix("DATA\r\n"), "no dot for the mail that was given up")
        await transport.shutdown()
    }

    func testATaskCancelledBeforehandDeliversNothing() async throws {
        let server = try ScriptedServer([.stall])
        let transport = server.transport()
        let mail = try makeMail()
        let outcome = await cancelledBeforehand { await transport.outcome(of: mail) }
        XCTAssertEqual(outcome, "throws cancelled")
        XCTAssertEqual(server.connections, 0)
        await transport.shutdown()
    }

    // MARK: Deadlines

    func testEveryWaitEndsAtTheMailsDeadline() async throws {
        let outcomes = try await withThrowingTaskGroup(of: (DialoguePoint, String, late: Duration).self) { group in
            for point in DialoguePoint.allCases where point != .body {
                let server = try ScriptedServer(Self.silence(at: point))
                group.addTask {
                    let transport = server.transport()
                    let mail = try makeMail(to: ["b@example.org", "c@example.org"], within: .milliseconds(200))
                    let outcome = await transport.outcome(of: mail)
                    let late = mail.deadline.duration(to: .now)
                    await transport.shutdown()
                    return (point, outcome, late)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        XCTAssertEqual(outcomes.count, DialoguePoint.allCases.count - 1)
        for (point, outcome, late) in outcomes {
            XCTAssertEqual(outcome, point == .finalDot ? "b unknown, c unknown" : "throws timedOut", point.rawValue)
            XCTAssertLessThan(late, .milliseconds(700), point.rawValue)
        }
    }

    func testADeliveryThatWaitsInLineEndsAtItsDeadlineToo() async throws {
        let server = try ScriptedServer(
            ScriptedServerStep.smtpOpening() + [.mark("here"), .wait("go")] + ScriptedServerStep.smtpMail() + [
                .expect("QUIT"), .reply("221 bye"),
            ])
        let transport = server.transport()
        let first = try makeMail("first")
        async let outcome = transport.outcome(of: first)
        let isHere = await server.reached("here")
        XCTAssertTrue(isHere)
        let late = await transport.outcome(of: try makeMail("second", within: .milliseconds(50)))
        XCTAssertEqual(late, "throws timedOut")
        server.open("go")
        let accepted = await outcome
        XCTAssertEqual(accepted, "b accepted")
        await transport.shutdown()
    }
}
