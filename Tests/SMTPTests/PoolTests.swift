import Mailroom
import MailroomScriptedServer
import XCTest

@testable import MailroomSMTP

/// Who gets which connection, and when a connection is given up.
final class PoolTests: XCTestCase {
    private let opening = ScriptedServerStep.smtpOpening()
    private let leave: [ScriptedServerStep] = [.expect("QUIT"), .reply("221 bye")]

    func testAMailIsNotSentAheadBeyondTheLimitOfAConnection() async throws {
        for limit in [1, 2, 3] {
            let server = try ModelServer(seed: nil, extensions: ["PIPELINING"])
            let transport = SMTPTransport.smtp("127.0.0.1", port: server.port) {
                $0.clientName = "client.example"
                $0.maximumConnections = 1
                $0.messagesPerConnection = limit
            }
            let outcomes = await withTaskGroup(of: String.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        guard let mail = try? makeMail(to: ["m\(number)@example.org"]) else { return "no mail" }
                        return await transport.outcome(of: mail)
                    }
                }
                return await group.reduce(into: [String]()) { $0.append($1) }
            }
            XCTAssertEqual(outcomes, Array(repeating: "m accepted", count: 12))
            await transport.shutdown()
            let books = await server.closedBooks()
            XCTAssertEqual(books.connections, 12 / limit)
            XCTAssertEqual(books.mostOnOneConnection, limit)
            XCTAssertEqual(books.accepted.count, 12)
            XCTAssertEqual(Set(books.accepted.values), [1])
        }
    }

    func testAConnectionThatIsOldIsLeftThoughMailWaits() async throws {
        let server = try ModelServer(seed: nil, extensions: ["PIPELINING"])
        let transport = SMTPTransport.smtp("127.0.0.1", port: server.port) {
            $0.clientName = "client.example"
            $0.maximumConnections = 1
            $0.connectionLifetime = .nanoseconds(1)
        }
        for number in 0..<3 {
            // Older than allowed before it is open: it carries what it was opened for and nothing more.
            let outcome = await transport.outcome(of: try makeMail(to: ["m\(number)@example.org"]))
            XCTAssertEqual(outcome, "m accepted")
        }
        await transport.shutdown()
        let books = await server.closedBooks()
        XCTAssertEqual(books.connections, 3)
        XCTAssertEqual(books.mostOnOneConnection, 1)
    }

    func testThoseWhoWaitAreServedInTheOrderOfTheirArrival() async throws {
        let server = try ScriptedServer(
            opening + [.mark("here"), .wait("go")]
                + Array(repeating: ScriptedServerStep.smtpMail(), count: 6).flatMap { $0 } + leave)
        let transport = server.transport()
        var tasks: [Task<String, Never>] = []
        for number in 0..<6 {
            let mail = try makeMail("m\(number)")
            tasks.append(Task { await transport.outcome(of: mail) })
            if number == 0 {
                let isHere = await server.reached("here")
                XCTAssertTrue(isHere)
            }
            await transport.reachesWaiting(number)
        }
        server.open("go")
        for task in tasks {
            let outcome = await task.value
            XCTAssertEqual(outcome, "b accepted")
        }
        await transport.shutdown()
        let subjects = server.text(on: 0).split(separator: "\r\n").filter { $0.hasPrefix("Subject: ") }
        XCTAssertEqual(subjects.map { $0.dropFirst(9) }, (0..<6).map { "m\($0)" })
    }

    func testShutdownRefusesWhatWaitsAndFinishesWhatIsInHand() async throws {
        let server = try ScriptedServer(
            opening + [.mark("here"), .wait("go")] + ScriptedServerStep.smtpMail() + leave)
        let transport = server.transport()
        let (first, second) = (try makeMail("first"), try makeMail("second"))
        let inHand = Task { await transport.outcome(of: first) }
        let isHere = await server.reached("here")
        XCTAssertTrue(isHere)
        let waits = Task { await transport.outcome(of: second) }
        await transport.reachesWaiting(1)
        let end = Task { await transport.shutdown() }
        let refused = await waits.value
        XCTAssertEqual(refused, "throws cancelled")
        server.open("go")
        let accepted = await inHand.value
        XCTAssertEqual(accepted, "b accepted")
        await end.value
        XCTAssertEqual(transport.pool.connected, 0)
        XCTAssertFalse(server.text(on: 0).contains("second"))
    }

    func testTheSendersAddressCannotHoldACommand() throws {
        for text in [
            "a\r\nRCPT TO:<e@example.org>", "a\nb@example.org", "a\rb@example.org", "\"a\r\nb\"@example.org",
            "\"a\0b\"@example.org", "a@example.org\r\nDATA", "a\u{2028}b@example.org",
            "a\u{10A}RCPT TO:<e@example.org>",
        ] {
            XCTAssertNil(SMTPPath(text), text.debugDescription)
        }
        // Not one octet of what is carried is a control, whatever code points end in the octets of CR and LF.
        for text in ["\u{760D}\u{760A}@example.org", "a\u{10A}b@example.org", "\"a>b\"@example.org"] {
            guard let path = SMTPPath(text) else { continue }
            XCTAssertTrue((path.bytes + path.originalRecipient).allSatisfy { $0 >= 32 && $0 != 127 }, text)
        }
    }
}
