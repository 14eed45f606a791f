import Mailroom
import XCTest

@testable import MailroomSMTP

/// Mails sent ahead, and a server that leaves or answers out of turn.
final class SessionOrderTests: XCTestCase {
    func testTheNextMailLeavesWithTheDotOfTheOneBefore() {
        var harness = SessionHarness()
        harness.open()
        harness.begin()
        harness.receive("250 ok\r\n250 ok\r\n354 go\r\n")
        _ = harness.takeLog()
        XCTAssertTrue(harness.session.canBegin)
        _ = harness.takeSent()
        harness.begin(to: ["c@example.org"])
        XCTAssertEqual(harness.takeSent(), "MAIL FROM:<a@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n")
        XCTAssertFalse(harness.session.canBegin, "one ahead at most")
        harness.receive("550 5.7.1 spam\r\n250 ok\r\n250 ok\r\n354 go\r\n")
        XCTAssertEqual(harness.takeLog(), ["refused 550 5.7.1 spam", "body"])
        harness.receive("250 ok\r\n")
        XCTAssertEqual(harness.takeLog(), ["accepted 250 ok"])
    }

    func testWhatIsWrongWithAMailAheadIsSaidAfterTheAnswerToTheOneBefore() {
        var harness = SessionHarness()
        harness.open(["PIPELINING", "SIZE 100"])
        harness.begin()
        harness.receive("250 ok\r\n250 ok\r\n354 go\r\n")
        _ = harness.takeLog()
        harness.begin(size: 101)
        XCTAssertEqual(harness.takeLog(), [])
        harness.receive("250 ok\r\n")
        XCTAssertEqual(harness.takeLog(), ["accepted 250 ok", "unsuitable refused"])
    }

    func testSendingAheadCanBeSwitchedOff() {
        var harness = SessionHarness(across: false)
        harness.open()
        harness.begin()
        harness.receive("250 ok\r\n250 ok\r\n354 go\r\n")
        XCTAssertFalse(harness.session.canBegin)
        harness.receive("250 ok\r\n")
        XCTAssertTrue(harness.session.canBegin)
    }

    func testCommandsWaitWhenTooManyRepliesAreOwed() {
        var harness = SessionHarness()
        harness.open()
        _ = harness.takeSent()
        harness.begin(to: (0..<250).map { "r\($0)@example.org" })
        XCTAssertEqual(harness.takeSent().split(separator: "\r\n").count, SMTPClientSession.window)
        harness.receive(String(repeating: "250 ok\r\n", count: SMTPClientSession.window))
        XCTAssertEqual(harness.takeSent().split(separator: "\r\n").count, SMTPClientSession.window)
        harness.receive(String(repeating: "250 ok\r\n", count: SMTPClientSession.window))
        XCTAssertTrue(harness.takeSent().hasSuffix("RCPT TO:<r249@example.org>\r\nDATA\r\n"))
        harness.receive(String(repeating: "250 ok\r\n", count: 51) + "354 go\r\n")
        harness.receive("250 ok\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "body", "accepted 250 ok"])
    }

    func testAClosingServerEndsTheSessionAtEveryPoint() {
        let points: [(String, String)] = [
            ("greeting", "421 bye\r\n"), ("EHLO", "220 hi\r\n421 bye\r\n"),
            ("MAIL", "220 hi\r\n250-s\r\n250 PIPELINING\r\n|421 bye\r\n"),
            ("RCPT", "220 hi\r\n250-s\r\n250 PIPELINING\r\n|250 ok\r\n421 bye\r\n"),
            ("DATA", "220 hi\r\n250-s\r\n250 PIPELINING\r\n|250 ok\r\n250 ok\r\n421 bye\r\n"),
            ("idle", "220 hi\r\n250-s\r\n250 PIPELINING\r\n421 bye\r\n"),
        ]
        for (point, text) in points {
            var harness = SessionHarness()
            for (number, part) in text.split(separator: "|").enumerated() {
                if number == 1 { harness.begin() }
                harness.receive(String(part))
            }
            XCTAssertEqual(harness.takeLog().last, "failed refused 421 bye", point)
        }
    }

    func testAClosingServersAnswerToTheFinalDotIsARefusalForNow() {
        var harness = SessionHarness()
        harness.open()
        harness.begin()
        harness.receive("250 ok\r\n250 ok\r\n354 go\r\n")
        harness.receive("421 4.3.2 bye\r\n")
        XCTAssertEqual(
            harness.takeLog(), ["ready", "body", "refusedForNow 421 4.3.2 bye", "failed refused 421 4.3.2 bye"])
    }

    func testAnswersThatDoNotBelongThereAreViolations() {
        for replies in ["354 go\r\n", "250 ok\r\n354 go\r\n", "250 ok\r\n250 ok\r\n250 ok\r\n", "250 ok\r\nwhat\r\n"] {
            var harness = SessionHarness()
            harness.open()
            harness.begin()
            harness.receive(replies)
            XCTAssertEqual(harness.takeLog().last, "failed protocolViolation", replies)
        }
        var idle = SessionHarness()
        idle.open()
        idle.receive("250 surprise\r\n")
        XCTAssertEqual(idle.takeLog(), ["ready", "failed protocolViolation"])
        var dot = SessionHarness()
        dot.open()
        dot.begin()
        dot.receive("250 ok\r\n250 ok\r\n354 go\r\n")
        dot.receive("354 go\r\n")
        XCTAssertEqual(dot.takeLog(), ["ready", "body", "failed protocolViolation"])
    }

    func testARefusedGreetingTellsItsClass() {
        for (reply, isTransient) in [("450 4.7.1 busy", true), ("554 5.7.1 not you", false)] {
            var harness = SessionHarness()
            Array("\(reply)\r\n".utf8).withUnsafeBytes { harness.session.receive($0) }
            guard case .failed(let error)? = harness.session.next() else { return XCTFail("no failure") }
            XCTAssertEqual(error.isTransient, isTransient)
            XCTAssertEqual(error.reply?.description, reply)
        }
    }

    func testTakesLeave() {
        var harness = SessionHarness()
        harness.open()
        _ = harness.takeSent()
        harness.session.quit()
        harness.receive("221 bye\r\n")
        XCTAssertEqual(harness.takeSent(), "QUIT\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "goodbye"])
        XCTAssertFalse(harness.session.isOwedReply)
    }
}
