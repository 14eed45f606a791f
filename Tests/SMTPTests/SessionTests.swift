import Mailroom
import XCTest

@testable import MailroomSMTP

final class SessionTests: XCTestCase {
    func testWithPipeliningCommandsLeaveTogether() {
        var harness = SessionHarness()
        harness.open()
        XCTAssertEqual(harness.takeSent(), "EHLO client.example\r\n")
        harness.begin(to: ["b@example.org", "c@example.org"])
        XCTAssertEqual(
            harness.takeSent(),
            "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n")
        harness.receive("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n")
        XCTAssertEqual(harness.takeSent(), "Hello\r\n.\r\n")
        harness.receive("250 2.0.0 queued as X\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "body", "accepted 250 2.0.0 queued as X"])
    }

    func testWithoutPipeliningEachCommandWaitsForItsAnswer() {
        for (offered, pipelines) in [([], true), (["PIPELINING"], false)] {
            var harness = SessionHarness(pipelines: pipelines)
            harness.open(offered)
            _ = harness.takeSent()
            harness.begin(to: ["b@example.org", "c@example.org"])
            XCTAssertEqual(harness.takeSent(), "MAIL FROM:<a@example.org>\r\n")
            harness.receive("250 ok\r\n")
            XCTAssertEqual(harness.takeSent(), "RCPT TO:<b@example.org>\r\n")
            harness.receive("250 ok\r\n")
            XCTAssertEqual(harness.takeSent(), "RCPT TO:<c@example.org>\r\n")
            harness.receive("550 5.1.1 no\r\n")
            XCTAssertEqual(harness.takeSent(), "DATA\r\n")
            harness.receive("354 go\r\n")
            XCTAssertEqual(harness.takeSent(), "Hello\r\n.\r\n")
            XCTAssertFalse(harness.session.canBegin, "nothing is sent ahead without PIPELINING")
            harness.receive("250 ok\r\n")
            XCTAssertEqual(harness.takeLog(), ["ready", "1 refused 550 5.1.1 no", "body", "accepted 250 ok"])
            XCTAssertTrue(harness.session.canBegin)
        }
    }

    func testEventsAndCommandsAreTheSameWhenRepliesComeOctetByOctet() {
        let replies =
            "220 hi\r\n250-server\r\n250-SIZE 1000\r\n250 PIPELINING\r\n"
        let mail = "250 ok\r\n550-5.1.1 un\r\n550 5.1.1 known\r\n250 ok\r\n354 go\r\n"
        var whole = SessionHarness()
        whole.receive(replies)
        whole.begin(to: ["b@example.org", "c@example.org"])
        whole.receive(mail)
        whole.receive("250 ok\r\n")
        var cut = SessionHarness()
        cut.receiveByOctet(replies)
        cut.begin(to: ["b@example.org", "c@example.org"])
        cut.receiveByOctet(mail)
        cut.receiveByOctet("250 ok\r\n")
        XCTAssertEqual(cut.events, whole.events)
        XCTAssertEqual(cut.sent, whole.sent)
        XCTAssertEqual(
            whole.events, ["ready", "0 refused 550 5.1.1 un known", "body", "accepted 250 ok"])
    }

    func testFallsBackToHELOAndThenUsesNoExtension() throws {
        for refusal in ["500 what\r\n", "502 no\r\n", try? recordedReply("ehlo-failed")].compactMap({ $0 }) {
            var harness = SessionHarness()
            harness.receive("220 hi\r\n")
            harness.receive(refusal)
            XCTAssertEqual(harness.takeSent(), "EHLO client.example\r\nHELO client.example\r\n")
            harness.receive("250 server\r\n")
            harness.begin()
            XCTAssertEqual(harness.takeSent(), "MAIL FROM:<a@example.org>\r\n")
        }
    }

    func testReadsTheExtensionsOfARecordedServer() throws {
        var harness = SessionHarness()
        harness.receive(try recordedReply("comcast-greeting"))
        harness.receive(try recordedReply("comcast-ehlo+pipelining"))
        let capabilities = harness.session.capabilities
        XCTAssertTrue(capabilities.pipelining && capabilities.eightBitMIME && capabilities.startTLS)
        XCTAssertTrue(capabilities.enhancedStatusCodes && capabilities.size && !capabilities.smtpUTF8)
        XCTAssertEqual(capabilities.maximumSize, 36_700_160)
        XCTAssertEqual(capabilities.authentication, ["LOGIN", "PLAIN"])
        harness.begin()
        harness.receive(try recordedReply("pipelined-mail-from-rcpt-to") + recordedReply("comcast-data"))
        harness.receive(try recordedReply("comcast-data-done"))
        XCTAssertEqual(
            harness.takeLog(),
            ["ready", "body", "accepted 250 2.0.0 1Yat1n00V1sBWGw3SYaubg mail accepted for delivery"])
    }

    func testARecordedRefusalOfTheOnlyRecipientEndsTheMail() throws {
        var harness = SessionHarness()
        harness.open()
        harness.begin()
        harness.receive(try recordedReply("pipelined-mailbox-unavailable") + "554 no valid recipients\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "0 refused 550 5.1.0 mailbox unavailable", "over"])
    }

    func testARecordedGreetingThatIsNoneIsAViolation() throws {
        var harness = SessionHarness()
        harness.receive(try recordedReply("greeting-not-ready"))
        XCTAssertEqual(harness.takeLog(), ["failed protocolViolation"])
    }

    func testDeclaresTheSizeWhereOfferedAndRefusesWhatIsTooLarge() {
        var harness = SessionHarness()
        harness.open(["PIPELINING", "SIZE 1000"])
        _ = harness.takeSent()
        harness.begin(from: nil, size: 1000)
        XCTAssertTrue(harness.takeSent().hasPrefix("MAIL FROM:<> SIZE=1000\r\n"))
        harness.receive("250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n")
        _ = (harness.takeSent(), harness.takeLog())
        harness.begin(size: 1001)
        XCTAssertEqual(harness.takeSent(), "")
        XCTAssertEqual(harness.takeLog(), ["unsuitable refused"])
        XCTAssertTrue(harness.session.canBegin)
    }

    func testASizeOfZeroMeansNoLimit() {
        var harness = SessionHarness()
        harness.open(["SIZE 0"])
        harness.begin(size: 1 << 40)
        XCTAssertEqual(harness.takeLog(), ["ready"])
    }

    func testAnInternationalLocalPartNeedsSMTPUTF8AndADomainDoesNot() {
        var harness = SessionHarness()
        harness.open()
        _ = harness.takeSent()
        harness.begin(to: ["jürgen@example.org", "b@bücher.example"])
        XCTAssertEqual(
            harness.takeSent(), "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@xn--bcher-kva.example>\r\nDATA\r\n")
        XCTAssertTrue(harness.takeLog()[1].hasPrefix("0 refused 5.6.7 "))
        var able = SessionHarness()
        able.open(["PIPELINING", "SMTPUTF8"])
        _ = able.takeSent()
        able.begin(to: ["jürgen@example.org"])
        XCTAssertEqual(
            able.takeSent(), "MAIL FROM:<a@example.org> SMTPUTF8\r\nRCPT TO:<jürgen@example.org>\r\nDATA\r\n")
        var sender = SessionHarness()
        sender.open()
        _ = sender.takeSent()
        sender.begin(from: "jürgen@example.org")
        XCTAssertEqual(sender.takeSent(), "")
        XCTAssertEqual(sender.takeLog(), ["ready", "unsuitable unsupported"])
    }

    func testEightBitNeedsTheExtension() {
        var harness = SessionHarness()
        harness.open(["PIPELINING"])
        harness.begin(isEightBit: true)
        XCTAssertEqual(harness.takeLog(), ["ready", "unsuitable unsupported"])
        var able = SessionHarness()
        able.open(["8BITMIME"])
        _ = able.takeSent()
        able.begin(isEightBit: true)
        XCTAssertEqual(able.takeSent(), "MAIL FROM:<a@example.org> BODY=8BITMIME\r\n")
    }

    func testWhenNobodyIsLeftAPointless354IsAnsweredWithALoneDot() {
        var harness = SessionHarness()
        harness.open()
        _ = harness.takeSent()
        harness.begin()
        _ = harness.takeSent()
        harness.receive("250 ok\r\n550 no\r\n354 go\r\n")
        XCTAssertEqual(harness.takeSent(), ".\r\n")
        harness.receive("250 an empty message for nobody\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "0 refused 550 no", "over"])
        harness.begin()
        harness.receive("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n")
        XCTAssertEqual(harness.takeLog(), ["body", "accepted 250 ok"])
    }

    func testARefusedMAILIsDrainedAndTheNextMailGoesOn() {
        var harness = SessionHarness()
        harness.open()
        _ = harness.takeSent()
        harness.begin(to: ["b@example.org", "c@example.org"])
        _ = harness.takeSent()
        harness.receive("451 4.3.0 later\r\n503 no\r\n503 no\r\n503 no\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "all refusedForNow 451 4.3.0 later", "over"])
        harness.begin()
        XCTAssertTrue(harness.takeSent().hasPrefix("MAIL FROM:"), "no transaction was open")
    }

    func testARefusedMAILFollowedByAcceptingEverythingSendsNoMessage() {
        var harness = SessionHarness()
        harness.open()
        harness.begin()
        _ = harness.takeSent()
        harness.receive("550 no\r\n250 ok\r\n354 go\r\n")
        XCTAssertEqual(harness.takeSent(), ".\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "all refused 550 no", "over"])
    }

    func testATransactionGivenUpIsResetBeforeTheNext() {
        var harness = SessionHarness(pipelines: false)
        harness.open([])
        _ = harness.takeSent()
        harness.begin()
        harness.receive("250 ok\r\n")
        harness.receive("450 4.2.1 later\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "0 refusedForNow 450 4.2.1 later", "over"])
        _ = harness.takeSent()
        harness.begin()
        XCTAssertEqual(harness.takeSent(), "RSET\r\n")
        harness.receive("250 ok\r\n")
        XCTAssertEqual(harness.takeSent(), "MAIL FROM:<a@example.org>\r\n")
    }

    func testTooManyRecipientsAreRefusedForNowWhateverTheCode() {
        var harness = SessionHarness()
        harness.open()
        harness.begin(to: ["b@example.org", "c@example.org", "d@example.org", "e@example.org"])
        harness.receive("250 ok\r\n552 too many\r\n552 5.5.3 too many\r\n552 5.2.2 full\r\n452 4.5.3 too many\r\n")
        XCTAssertEqual(
            harness.takeLog(),
            [
                "ready", "0 refusedForNow 552 too many", "1 refusedForNow 552 5.5.3 too many",
                "2 refused 552 5.2.2 full",
                "3 refusedForNow 452 4.5.3 too many",
            ])
    }

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
        harness.receive(String(repeating: "250 ok\r\n", count: 51) + "354 go\r\n250 ok\r\n")
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
        harness.receive("250 ok\r\n250 ok\r\n354 go\r\n421 4.3.2 bye\r\n")
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
        dot.receive("250 ok\r\n250 ok\r\n354 go\r\n354 go\r\n")
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
