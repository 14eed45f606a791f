import Foundation
import Mailroom
import MailroomMIME
import MailroomMemoryBroker
import MailroomTesting
import TestSupport
import XCTest

final class CapturedMailTests: XCTestCase {
    func testAMailIsThereAsItReadsAndAsItsBytes() async throws {
        let stage = try Stage()
        var message = Message(
            from: "Club Cycliste <club@example.org>",
            to: [.to("anna@example.org", name: "Anna Ärmel"), .cc("carl@example.org"), .bcc("bea@example.org")],
            subject: "Fête d’été", text: "Bonjour,\r\nà bientôt\n", html: "<p>Bonjour</p>\n")
        message.attachments = [
            Attachment(fileName: "plan.pdf", mediaType: try MediaType("application/pdf"), bytes: [37, 80, 68, 70])
        ]
        message.fields = [try HeaderField("X-Season", "2026")]
        let receipt = try await stage.pipeline.submit(message)
        let mail = try await stage.working {
            _ = try await stage.settled(receipt.id)
            return try stage.capture.expectOne()
        }
        XCTAssertEqual(mail.number, 1)
        XCTAssertEqual(mail.id, receipt.id)
        XCTAssertEqual(mail.channel, .email)
        XCTAssertEqual(mail.attempt, 1)
        XCTAssertEqual(mail.envelope.reversePath?.description, "club@example.org")
        XCTAssertEqual(mail.recipients, ["anna@example.org", "carl@example.org", "bea@example.org"])
        XCTAssertEqual(mail.from.map(\.description), ["Club Cycliste <club@example.org>"])
        XCTAssertEqual(mail.to.map(\.description), ["Anna Ärmel <anna@example.org>"])
        XCTAssertEqual(mail.cc.map(\.description), ["carl@example.org"])
        XCTAssertEqual(mail.subject, "Fête d’été")
        XCTAssertEqual(mail.text, "Bonjour,\nà bientôt\n")
        XCTAssertEqual(mail.html, "<p>Bonjour</p>\n")
        XCTAssertEqual(mail.attachments.map(\.name), ["plan.pdf"])
        XCTAssertEqual(mail.attachments.map(\.mediaType.description), ["application/pdf"])
        XCTAssertEqual(mail.attachments.map(\.bytes), [[37, 80, 68, 70]])
        XCTAssertEqual(mail.header("x-season"), "2026")
        XCTAssertNil(mail.header("X-Other"))
        XCTAssertEqual(mail.entity.first("Subject"), "Fête d’été")
        XCTAssertEqual(mail.bytes, mail.mail.bytes)
        XCTAssertEqual(mail.message.subject, "Fête d’été")
        XCTAssertFalse(String(decoding: mail.bytes, as: UTF8.self).contains("bea@"), "no header names a blind copy")
        XCTAssertEqual(
            try mail.answer?.get().outcomes.map(\.status), [.accepted, .accepted, .accepted])
    }

    func testAMessageOfAnotherChannelHasItsAddressesAndItsOwnText() async throws {
        let pager = Channel(rawValue: "pager")
        let capture = CaptureTransport()
        let pipeline = try PipelineBuilder().broker(.memory()).transport(capture, for: pager).build()
        try await pipeline.submit(
            Message(to: [Recipient(channel: pager, address: "+33 6 12")], text: "Ride at 9"))
        var once = WorkerOptions()
        once.stopsWhenEmpty = true
        try await pipeline.run(once)
        let mail = try capture.expectOne(.channel(pager), .to("+33 6 12"), .textContains("9"))
        XCTAssertEqual(mail.text, "Ride at 9")
        XCTAssertEqual(mail.recipients, ["+33 6 12"])
        XCTAssertEqual(mail.subject, "")
        XCTAssertEqual(mail.from, [])
        XCTAssertEqual(mail.description, "#1 by pager to +33 6 12: \"Ride at 9\"")
    }

    func testTheAnswerIsThereOnceItWasGiven() async throws {
        let gate = Gate()
        let capture = CaptureTransport { _ throws(TransportError) in
            await gate.wait()
            throw TransportError(.throttled, "slowly")
        }
        async let outcome = capture.outcome(of: .club(to: "a@example.org"))
        let mail = try await capture.mail()
        XCTAssertNil(mail.answer)
        XCTAssertEqual(mail.description, "#1 to a@example.org: \"Invitation\" (under way)")
        gate.open()
        _ = await outcome
        XCTAssertEqual(mail.answer, .failure(TransportError(.throttled, "slowly")))
        XCTAssertEqual(mail.description, "#1 to a@example.org: \"Invitation\" (failed: throttled)")
    }

    func testALineSaysWhatBecameOfAMail() async {
        let capture = CaptureTransport()
        await capture.take(.club(to: "a@x.org", "b@x.org", "c@x.org", "d@x.org", attempt: 2))
        capture.faults = [.refusing()]
        await capture.take(.club(to: "a@x.org", subject: "", text: "Line\nline\u{200B} \"x\"\n"))
        capture.faults = [.refusing(.number(1), forNow: true), .losingReply(for: .number(2))]
        await capture.take(.club(to: "a@x.org", "b@x.org", "c@x.org", subject: "", text: nil))
        XCTAssertEqual(
            capture.mails.map(\.description),
            [
                "#1 to a@x.org, b@x.org, c@x.org and 1 more: \"Invitation\" (attempt 2)",
                "#2 to a@x.org: no subject, \"Line\\nline\\u{200b} \\\"x\\\"\\n\" (refused)",
                "#3 to a@x.org, b@x.org, c@x.org: no subject, no text (1 accepted, 1 refused for now, 1 in doubt)",
            ])
    }

    func testASignedMailReadsAsItGoesOverTheWire() async throws {
        let capture = CaptureTransport()
        await capture.take(Mail.club(to: "a@example.org").prefixed(by: Array("X-Signed: yes\r\n".utf8)))
        XCTAssertEqual(try capture.expectOne().header("X-Signed"), "yes")
    }
}
