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
        harness.receive("250 ok\r\n250 ok\r\n354 go\r\n")
        harness.receive("250 ok\r\n")
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
        harness.receive("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n")
        harness.receive("250 ok\r\n")
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

    func testARefusedMAILFollowedByAcceptingEverythingSendsNoMessageNotEvenAnEmptyOne() {
        var harness = SessionHarness()
        harness.open()
        harness.begin()
        _ = harness.takeSent()
        harness.receive("550 no\r\n250 ok\r\n354 go\r\n")
        XCTAssertEqual(harness.takeSent(), "")
        XCTAssertEqual(harness.takeLog(), ["ready", "all refused 550 no", "over", "failed protocolViolation"])
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
}
