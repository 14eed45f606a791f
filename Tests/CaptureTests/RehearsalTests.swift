import Foundation
import Mailroom
import MailroomMIME
import MailroomSMTP
import TestSupport
import XCTest

@testable import MailroomCapture

/// Failures rehearsed by Mailroom's own transport: what the rules do to it, and what it makes of that.
final class RehearsalTests: XCTestCase {
    private func message() throws -> InternetMessage {
        InternetMessage(
            from: [try Mailbox("a@x.example")], to: [try Mailbox("b@y.example")], subject: "Rehearsal",
            date: MessageDate(secondsSince1970: 1_700_000_000), messageID: "rehearsal@x.example",
            text: "A text.\n.\n..dots\n")
    }

    private func mail() throws -> Mail {
        Mail(
            id: JobID(at: Date(), random: SystemRandomSource()),
            envelope: Envelope(
                reversePath: try EmailAddress("a@x.example"),
                recipients: ["b@y.example", "c@z.example"].map { Recipient.to($0) }),
            message: try message(), deadline: .now + .seconds(30))
    }

    private func outcome(_ transport: SMTPTransport) async throws -> String {
        let mail = try mail()
        do {
            return try await transport.deliver(mail).outcomes.map { "\($0.status)" }.joined(separator: ", ")
        } catch {
            return "throws \(error.isTransient ? "for now" : "for good")"
        }
    }

    func testEachLieIsToldApart() async throws {
        let harness = try SMTPHarness()
        let cases: [(rule: String, outcome: String, kept: Int)] = [
            ("noop pass", "accepted, accepted", 1),
            ("rcpt to=b@* reply='452 4.2.2 Mailbox full'", "refusedForNow, accepted", 1),
            ("rcpt domain=z.example reply='550 5.1.1 Nobody'", "accepted, refused", 1),
            ("content hangup=before", "unknown, unknown", 1),
            ("content hangup=before drop", "unknown, unknown", 0),
            ("content hangup=before reset", "unknown, unknown", 1),
            ("content hangup=after", "accepted, accepted", 1),
            ("content drop", "accepted, accepted", 0),
            ("content drip", "accepted, accepted", 1),
            ("any drip=1ms", "accepted, accepted", 1),
        ]
        for chunks in [false, true] {
            for (rule, expected, kept) in cases {
                harness.rules.rules = [try CaptureRule(parsing: rule)]
                let before = harness.mailbag.mails.count
                let transport = SMTPTransport.smtp("127.0.0.1", port: harness.port) {
                    $0.security = .unencrypted
                    $0.chunks = chunks
                }
                let outcome = try await outcome(transport)
                XCTAssertEqual(outcome, expected, "\(rule) chunks: \(chunks)")
                XCTAssertEqual(harness.mailbag.mails.count - before, kept, "\(rule) chunks: \(chunks)")
                await transport.shutdown()
            }
        }
        let bytes = try message().encoded()
        XCTAssertTrue(harness.mailbag.mails.allSatisfy { $0.bytes == bytes })
    }

    func testNothingIsSentInTheClearWhereTLSIsRequiredAndRefused() async throws {
        let harness = try SMTPHarness()
        guard let pem = harness.encryption.certificatePEM else { throw lacking("OpenSSL is not installed") }
        let folder = TestFolder()
        defer { withExtendedLifetime(folder) {} }
        let file = try folder.file("ca.pem", pem)
        for (rule, expected, kept) in [
            ("noop pass", "accepted, accepted", 1), ("helo hide=STARTTLS", "throws", 0),
            ("starttls reply='454 4.7.0 Not now'", "throws", 0), ("starttls hangup=after", "throws", 0),
            ("starttls hangup=before", "throws", 0), ("auth reply='535 5.7.8 Wrong'", "throws", 0),
        ] {
            harness.rules.rules = [try CaptureRule(parsing: rule)]
            let before = harness.mailbag.mails.count
            let transport = SMTPTransport.smtp("127.0.0.1", port: harness.port) {
                $0.security = .required
                $0.security.trustFile = file
                $0.credentials = .password("s3cret", of: "joe")
                $0.notifications = SMTPNotifications(on: [.failure, .delay], content: .header)
            }
            let outcome = try await outcome(transport)
            XCTAssertTrue(outcome.hasPrefix(expected), "\(rule): \(outcome)")
            XCTAssertEqual(harness.mailbag.mails.count - before, kept, rule)
            await transport.shutdown()
        }
        let envelope = try XCTUnwrap(harness.mailbag.mails.first?.envelope)
        XCTAssertTrue(envelope.isEncrypted)
        XCTAssertEqual(envelope.userName, "joe")
        XCTAssertTrue(envelope.senderParameters.contains("RET=HDRS"), "\(envelope.senderParameters)")
        XCTAssertTrue(envelope.recipientParameters.allSatisfy { $0.contains { $0.hasPrefix("NOTIFY=") } })
    }
}
