import Mailroom
import XCTest

@testable import MailroomSMTP

/// Notifications and chunks, without a socket.
final class SessionExtensionTests: XCTestCase {
    // MARK: DSN

    private func envelope(_ recipients: String...) -> SMTPEnvelope {
        SMTPEnvelope(
            reversePath: SMTPPath("a@example.org"), recipients: recipients.map { SMTPPath($0) }, identifier: "JOB1")
    }

    func testAsksForNotificationsWhereTheyAreOffered() {
        var harness = SessionHarness {
            $0.notifications = SMTPNotifications(on: [.delay, .failure], content: .header)
        }
        harness.open(["PIPELINING", "DSN"])
        _ = harness.takeSent()
        harness.session.begin(envelope("b@example.org", "\"x+y=z\"@example.org"), size: 7, isEightBit: false)
        harness.takeEvents()
        XCTAssertEqual(
            harness.takeSent(),
            "MAIL FROM:<a@example.org> RET=HDRS ENVID=JOB1\r\n"
                + "RCPT TO:<b@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@example.org\r\n"
                + "RCPT TO:<\"x+y=z\"@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;\"x+2By+3Dz\"@example.org\r\nDATA\r\n"
        )
    }

    func testWantsNoNotificationAtAllWhereNoneIsWorthIt() {
        var harness = SessionHarness { $0.notifications = SMTPNotifications(on: []) }
        harness.open(["DSN"])
        harness.session.begin(envelope("b@example.org"), size: 7, isEightBit: false)
        harness.receive("250 ok\r\n")
        XCTAssert(harness.takeSent().hasSuffix("RCPT TO:<b@example.org> NOTIFY=NEVER ORCPT=rfc822;b@example.org\r\n"))
    }

    func testAnInternationalRecipientIsNamedAsSuch() {
        var harness = SessionHarness { $0.notifications = SMTPNotifications(on: [.failure]) }
        harness.open(["DSN", "SMTPUTF8"])
        harness.session.begin(envelope("jö+s@example.org"), size: 7, isEightBit: false)
        harness.receive("250 ok\r\n")
        let sent = harness.takeSent()
        XCTAssert(sent.contains("ORCPT=utf-8;jö\\x{2B}s@example.org\r\n"), sent)
    }

    func testAsksForNothingWhereNotificationsAreNotOfferedOrNotConfigured() {
        var unable = SessionHarness { $0.notifications = SMTPNotifications(on: [.failure]) }
        unable.open()
        unable.begin()
        var unasked = SessionHarness()
        unasked.open(["PIPELINING", "DSN"])
        unasked.begin()
        for harness in [unable, unasked] {
            XCTAssertFalse(harness.sent.contains("NOTIFY") || harness.sent.contains("ENVID"), harness.sent)
        }
    }

    // MARK: CHUNKING

    private func chunking(_ body: String, across: Bool = true) -> SessionHarness {
        var harness = SessionHarness(across: across) { $0.chunks = true }
        harness.body = body
        harness.open(["PIPELINING", "CHUNKING"])
        _ = harness.takeSent()
        harness.begin(to: ["b@example.org", "c@example.org"])
        XCTAssertEqual(
            harness.takeSent(),
            "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\n",
            "the last chunk commits, so who takes the mail must be known first")
        return harness
    }

    func testSendsTheBodyInChunksAsItIs() {
        var harness = chunking(".\r\n.")
        harness.receive("250 ok\r\n250 ok\r\n550 no\r\n")
        XCTAssertEqual(harness.takeSent(), "BDAT 4 LAST\r\n.\r\n.")
        harness.receive("250 queued\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "1 refused 550 no", "body", "accepted 250 queued"])
    }

    func testTheNextChunkWaitsForTheAnswerToTheOneBefore() {
        var harness = chunking("Hello\r\nyou\r\n")
        harness.receive("250 ok\r\n250 ok\r\n250 ok\r\n")
        XCTAssertEqual(harness.takeSent(), "BDAT 4\r\nHell")
        harness.receive("250 4 octets\r\n")
        XCTAssertEqual(harness.takeSent(), "BDAT 4\r\no\r\ny")
        harness.receive("250 4 octets\r\n")
        XCTAssertEqual(harness.takeSent(), "BDAT 4 LAST\r\nou\r\n")
        harness.receive("250 queued\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "body", "body", "body", "accepted 250 queued"])
    }

    func testARefusedChunkEndsTheMailAndIsResetBeforeTheNext() {
        var harness = chunking("Hello\r\n")
        harness.receive("250 ok\r\n250 ok\r\n250 ok\r\n")
        _ = harness.takeSent()
        harness.receive("552 5.3.4 too big\r\n")
        XCTAssertEqual(harness.takeLog(), ["ready", "body", "all refused 552 5.3.4 too big", "over"])
        harness.begin()
        XCTAssert(harness.takeSent().hasPrefix("RSET\r\nMAIL FROM"))
    }

    func testNoChunkIsSentWhereNobodyIsThereToReceiveIt() {
        var harness = chunking("Hello\r\n")
        harness.receive("250 ok\r\n550 no\r\n550 no\r\n")
        XCTAssertEqual(harness.takeSent(), "")
        XCTAssertEqual(harness.takeLog().last, "over")
    }

    func testTheNextMailLeavesWithTheLastChunk() {
        var harness = chunking("abc\r")
        harness.receive("250 ok\r\n250 ok\r\n250 ok\r\n")
        XCTAssertEqual(harness.takeSent(), "BDAT 4 LAST\r\nabc\r")
        XCTAssertTrue(harness.session.canBegin)
        harness.begin()
        XCTAssertEqual(harness.takeSent(), "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n")
        harness.body = "xyz"
        harness.receive("250 queued\r\n250 ok\r\n250 ok\r\n")
        XCTAssertEqual(harness.takeSent(), "BDAT 3 LAST\r\nxyz")
    }

    func testChunksAreSentWhereOfferedAndWantedOnly() {
        var unable = SessionHarness { $0.chunks = true }
        unable.open()
        unable.begin()
        var unasked = SessionHarness()
        unasked.open(["PIPELINING", "CHUNKING"])
        unasked.begin()
        for harness in [unable, unasked] { XCTAssert(harness.sent.hasSuffix("DATA\r\n"), harness.sent) }
    }

    // MARK: Transcript

    func testTheTranscriptHasEveryLineAndOfBodiesTheSize() {
        var harness = SessionHarness { $0.transcript = { _ in } }
        harness.open()
        harness.begin(to: ["b@example.org"])
        harness.receive("250 2.1.0 ok\r\n250-one\r\n250 two\r\n354 go\r\n")
        harness.receive("250 queued\r\n")
        XCTAssertEqual(
            harness.session.said.map { "\($0.speaker.rawValue): \($0.text)" },
            [
                "S: 220 server.example ESMTP", "C: EHLO client.example", "S: 250 server.example",
                "S: 250 PIPELINING", "C: MAIL FROM:<a@example.org>", "C: RCPT TO:<b@example.org>", "C: DATA",
                "S: 250 2.1.0 ok", "S: 250 one", "S: 250 two", "S: 354 go", "C: (7 octets of message)",
                "S: 250 queued",
            ])
    }
}
