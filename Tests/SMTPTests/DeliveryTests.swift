import Mailroom
import MailroomMIME
import MailroomScriptedServer
import MailroomSockets
import XCTest

@testable import MailroomSMTP

/// A port on which nothing listens any more.
func unusedPort() throws -> Int { try TCPListener().port }

final class DeliveryTests: XCTestCase {
    private let mail = ScriptedServerStep.smtpMail()
    private let opening = ScriptedServerStep.smtpOpening()
    private let leave: [ScriptedServerStep] = [.expect("QUIT"), .reply("221 bye")]

    func testDeliversAndTellsRouteReplyAndTheServersNameForTheMail() async throws {
        let server = try ScriptedServer(opening + mail + leave)
        let transport = server.transport()
        let report = try await transport.deliver(try makeMail())
        XCTAssertEqual(
            report.outcomes,
            [
                RecipientOutcome(
                    recipient: "b@example.org", status: .accepted,
                    reply: Reply(code: 250, enhancedStatus: "2.0.0", text: "Ok: queued as 4F2A"),
                    route: "smtp://127.0.0.1:\(server.port)", remoteID: "4F2A")
            ])
        await transport.shutdown()
        XCTAssertEqual(server.problems, [])
        let text = server.text(on: 0)
        XCTAssertTrue(text.contains("\r\nSubject: Hello\r\n"), text)
        XCTAssertTrue(text.hasSuffix("\r\n.\r\nQUIT\r\n"), text)
    }

    func testUnderstandsRepliesThatComeOctetByOctet() async throws {
        let script = (opening + mail).map { step -> ScriptedServerStep in
            if case .reply(let text) = step { .replyByOctet(text) } else { step }
        }
        let server = try ScriptedServer(script)
        let transport = server.transport()
        let outcome = await transport.outcome(of: try makeMail())
        XCTAssertEqual(outcome, "b accepted")
        await transport.shutdown()
    }

    func testOneRefusedRecipientDoesNotKeepTheOthersFromTheirMail() async throws {
        let server = try ScriptedServer(
            opening + [
                .expect("MAIL"), .reply("250 ok"), .expect("RCPT TO:<b@"), .reply("250 ok"), .expect("RCPT TO:<c@"),
                .reply("550 5.1.1 unknown"), .expect("RCPT TO:<d@"), .reply("451 4.2.0 busy"), .expect("DATA"),
                .reply("354 go"), .readThrough("\r\n.\r\n"), .reply("250 ok"),
            ] + leave)
        let transport = server.transport()
        let outcome = await transport.outcome(
            of: try makeMail(to: ["b@example.org", "c@example.org", "d@example.org"]))
        XCTAssertEqual(outcome, "b accepted, c refused, d refusedForNow")
        await transport.shutdown()
        XCTAssertEqual(server.problems, [])
    }

    func testNoLineBreakOrNULInAnAddressReachesTheServer() async throws {
        let server = try ScriptedServer(opening + mail + leave)
        let transport = server.transport()
        let breaks = ["\r\n", "\r", "\n", "\0", "\u{2028}", "\u{85}"]
        // Careless code cuts the code points of these down to the octets of CR and LF.
        let lookalikes = ["\u{10A}", "\u{760D}\u{760A}"]
        let bad =
            breaks.flatMap { ["x\($0)RCPT TO:<evil@example.org>", "\"x\($0)evil\"@example.org", "x@evil\($0).org"] }
            + lookalikes.flatMap { ["x\($0)RCPT TO:<evil@example.org>", "x\($0)evil@example.org"] }
        let report = try await transport.deliver(try makeMail(to: ["b@example.org"] + bad))
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted] + bad.map { _ in .refused })
        await transport.shutdown()
        XCTAssertEqual(server.problems, [])
        let commands = server.text(on: 0).split(separator: "\r\n").prefix { $0 != "DATA" }
        XCTAssertEqual(
            Array(commands), ["EHLO client.example", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>"])
    }

    func testAMailForNobodyWhoCanBeAddressedSendsNothing() async throws {
        let server = try ScriptedServer(opening + leave)
        let transport = server.transport()
        let outcome = await transport.outcome(of: try makeMail(to: ["no address", "+49 30 123456"]))
        XCTAssertEqual(outcome, "n refused, + refused")
        await transport.shutdown()
        XCTAssertEqual(server.problems, [])
    }

    // MARK: Connections

    func testMailsShareAConnectionUpToItsLimit() async throws {
        let server = try ScriptedServer(opening + mail + mail + leave)
        let transport = server.transport { $0.messagesPerConnection = 2 }
        for _ in 0..<4 {
            let outcome = await transport.outcome(of: try makeMail())
            XCTAssertEqual(outcome, "b accepted")
        }
        await transport.shutdown()
        XCTAssertEqual(server.connections, 2)
        XCTAssertEqual(server.problems, [])
    }

    func testNoMoreConnectionsAreOpenedThanAllowedAndNoThreadOfTheRuntimeIsBlocked() async throws {
        let server = try ScriptedServer(
            opening + [.mark("open"), .wait("go")] + Array(repeating: mail, count: 80).flatMap { $0 })
        let transport = server.transport { $0.maximumConnections = 3 }
        let outcomes = await withTaskGroup(of: String.self) { group in
            for index in 0..<80 {
                group.addTask {
                    guard let mail = try? makeMail("m\(index)") else { return "no mail" }
                    return await transport.outcome(of: mail)
                }
            }
            // With 80 deliveries under way, this task still runs.
            let areOpen = await server.reached("open", times: 3)
            XCTAssertTrue(areOpen)
            server.open("go")
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        XCTAssertEqual(outcomes, Array(repeating: "b accepted", count: 80))
        await transport.shutdown()
        XCTAssertEqual(server.connections, 3)
        let texts = (0..<3).map { server.text(on: $0) }.joined()
        for index in 0..<80 { XCTAssertEqual(texts.components(separatedBy: "Subject: m\(index)\r\n").count, 2) }
    }

    func testAnIdleConnectionIsClosedWithQUIT() async throws {
        let server = try ScriptedServer(opening + mail + leave)
        let transport = server.transport { $0.idleTimeout = .milliseconds(20) }
        _ = try await transport.deliver(try makeMail())
        let hasEnded = await server.reached("end")
        XCTAssertTrue(hasEnded)
        XCTAssertEqual(server.problems, [])
        let outcome = await transport.outcome(of: try makeMail())
        XCTAssertEqual(outcome, "b accepted")
        await transport.shutdown()
        XCTAssertEqual(server.connections, 2)
    }

    func testAConnectionThatDiedWhileIdleCostsNobodyAnAttempt() async throws {
        for farewell in [[ScriptedServerStep.hangUp], [.reset], [.reply("421 4.4.2 idle"), .hangUp]] {
            let server = try ScriptedServer(scripts: [opening + mail + farewell, opening + mail + leave])
            let transport = server.transport()
            _ = try await transport.deliver(try makeMail("first"))
            let hasEnded = await server.reached("end")
            XCTAssertTrue(hasEnded)
            let outcome = await transport.outcome(of: try makeMail("second"))
            XCTAssertEqual(outcome, "b accepted")
            XCTAssertTrue(server.text(on: 1).contains("Subject: second"))
            await transport.shutdown()
            XCTAssertEqual(server.problems, [])
        }
    }

    func testAUsedConnectionThatFailsBeforeTheFinalDotIsReplacedAndTheMailGoesOnce() async throws {
        let faults: [[ScriptedServerStep]] = [
            [.expect("MAIL"), .hangUp], [.expect("MAIL"), .reset],
            [.expect("MAIL"), .reply("421 4.7.0 enough"), .hangUp],
            [.expect("MAIL"), .reply("250 ok"), .expect("RCPT"), .reply("550 no"), .hangUp],
            [.expect("MAIL"), .reply("what?"), .stall],
            [.expect("MAIL"), .reply("250 ok"), .expect("RCPT"), .reply("250 ok"), .expect("DATA"), .hangUp],
        ]
        for fault in faults {
            let server = try ScriptedServer(scripts: [opening + mail + fault, opening + mail + leave])
            let transport = server.transport()
            _ = try await transport.deliver(try makeMail("first"))
            let outcome = await transport.outcome(of: try makeMail("second"))
            XCTAssertEqual(outcome, "b accepted")
            XCTAssertFalse(server.text(on: 0).contains("Subject: second"))
            XCTAssertTrue(server.text(on: 1).contains("Subject: second"))
            await transport.shutdown()
            XCTAssertEqual(server.problems, [])
        }
    }

    func testShutdownTakesLeaveAndRefusesWhatComesLater() async throws {
        let server = try ScriptedServer(opening + mail + leave + [.mark("left")])
        let transport = server.transport()
        _ = try await transport.deliver(try makeMail())
        await transport.shutdown()
        let hasLeft = await server.reached("left")
        XCTAssertTrue(hasLeft)
        let outcome = await transport.outcome(of: try makeMail())
        XCTAssertEqual(outcome, "throws cancelled")
    }

    // MARK: Sending ahead

    /// Two mails through one connection, the second in line before the first one's final dot leaves.
    private nonisolated static func deliverTwo(
        _ server: ScriptedServer, _ transport: SMTPTransport
    ) async throws -> (first: String, second: String) {
        let (first, second) = (try makeMail("first"), try makeMail("second"))
        async let firstOutcome = transport.outcome(of: first)
        let isAtData = await server.reached("data")
        XCTAssertTrue(isAtData)
        async let secondOutcome = transport.outcome(of: second)
        await transport.reachesWaiting(1)
        server.open("go")
        return await (firstOutcome, secondOutcome)
    }

    private let untilDot: [ScriptedServerStep] = [
        .expect("MAIL"), .reply("250 ok"), .expect("RCPT"), .reply("250 ok"), .expect("DATA"), .mark("data"),
        .wait("go"),
        .reply("354 go"), .readThrough("\r\n.\r\n"),
    ]
    private let nextMail: [ScriptedServerStep] = [.expect("MAIL"), .expect("RCPT"), .expect("DATA")]

    func testTheNextMailsCommandsComeBeforeTheAnswerToTheFirst() async throws {
        let server = try ScriptedServer(
            opening + untilDot + nextMail + [
                .reply("250 first"), .reply("250 ok"), .reply("250 ok"), .reply("354 go"), .readThrough("\r\n.\r\n"),
                .reply("250 second"),
            ] + leave)
        let transport = server.transport()
        let outcomes = try await Self.deliverTwo(server, transport)
        XCTAssertEqual(outcomes.first, "b accepted")
        XCTAssertEqual(outcomes.second, "b accepted")
        await transport.shutdown()
        XCTAssertEqual(server.problems, [])
        XCTAssertEqual(server.connections, 1)
    }

    func testWithoutSendingAheadTheNextMailWaitsForTheAnswer() async throws {
        let server = try ScriptedServer(
            opening + untilDot + [.mark("dot"), .wait("answer"), .reply("250 first")] + mail + leave)
        let transport = server.transport { $0.pipelinesAcrossMessages = false }
        async let outcomes = Self.deliverTwo(server, transport)
        let isAtDot = await server.reached("dot")
        XCTAssertTrue(isAtDot)
        XCTAssertTrue(server.text(on: 0).hasSuffix("\r\n.\r\n"))
        server.open("answer")
        let (first, second) = try await outcomes
        XCTAssertEqual(first, "b accepted")
        XCTAssertEqual(second, "b accepted")
        await transport.shutdown()
        XCTAssertEqual(server.problems, [])
    }

    func testAMailSentAheadOnADyingConnectionWasNotSentAndGoesOnceOnAFreshOne() async throws {
        let faults: [(String, [ScriptedServerStep])] = [
            ("b accepted", nextMail + [.reply("250 first"), .hangUp]),
            ("b accepted", nextMail + [.reply("250 first\r\n250 ok\r\n250 ok"), .hangUp]),
            ("b accepted", nextMail + [.reply("250 first\r\n421 bye"), .hangUp]),
            ("b refusedForNow", nextMail + [.reply("421 4.3.2 bye"), .hangUp]),
            ("b refused", nextMail + [.reply("554 5.7.1 spam\r\n250 ok\r\nblah"), .stall]),
            ("b unknown", nextMail + [.hangUp]),
            ("b unknown", nextMail + [.reset]),
            ("b unknown", nextMail + [.reply("blah"), .stall]),
        ]
        for (expected, fault) in faults {
            let server = try ScriptedServer(scripts: [opening + untilDot + fault, opening + mail + leave])
            let transport = server.transport()
            let outcomes = try await Self.deliverTwo(server, transport)
            XCTAssertEqual(outcomes.first, expected)
            XCTAssertEqual(outcomes.second, "b accepted")
            await transport.shutdown()
            XCTAssertEqual(server.problems, [])
            XCTAssertEqual(server.connections, 2)
            XCTAssertFalse(server.text(on: 0).contains("Subject: second"))
            XCTAssertTrue(server.text(on: 1).contains("Subject: second"))
            XCTAssertFalse(server.text(on: 1).contains("Subject: first"), "nothing in doubt is sent again")
        }
    }
}
