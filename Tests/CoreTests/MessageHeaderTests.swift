import Foundation
import Mailroom
import MailroomMIME
import MailroomMemoryBroker
import MailroomTesting
import XCTest

/// What of a message reaches the header of the mail: refused at submit where it could be misread, and else carried there.
final class MessageHeaderTests: XCTestCase {
    private static let places: [(field: String, put: @Sendable (inout Message, String) -> Void)] = [
        ("from", { $0.from = "\($1) <a@example.org>" }),
        ("sender", { $0.sender = "\($1) <a@example.org>" }),
        ("replyTo[0]", { $0.replyTo = ["\($1) <a@example.org>"] }),
        ("reversePath", { $0.reversePath = .address("a\($1)@example.org") }),
        ("recipients[0].address", { $0.recipients[0].address = "a\($1)@example.org" }),
        ("recipients[0].name", { $0.recipients[0].name = $1 }),
        ("subject", { $0.subject = $1 }),
        ("messageID", { $0.messageID = "a\($1)@example.org" }),
        ("inReplyTo[0]", { $0.inReplyTo = ["a\($1)@example.org"] }),
        ("references[1]", { $0.references = ["a@b", "a\($1)@example.org"] }),
        (
            "attachments[0].fileName",
            { $0.attachments = [Attachment(fileName: $1, mediaType: .pdf, bytes: [1])] }
        ),
        (
            "attachments[0].contentID",
            { $0.attachments = [Attachment(fileName: "a", mediaType: .pdf, bytes: [1], contentID: "a\($1)@b")] }
        ),
    ]

    private func message() -> Message {
        Message(from: "a@example.org", to: [.to("b@example.org")], subject: "s", text: "t")
    }

    private func pipeline(_ transport: CaptureTransport = CaptureTransport()) throws -> Pipeline {
        try PipelineBuilder().broker(.memory()).transport(transport).build()
    }

    func testRefusesWhatEndsALineInEveryPlace() async throws {
        let pipeline = try pipeline()
        for text in ["\r\nBcc: x@example.org", "\r", "\n", "\0", "\u{1B}", "\u{85}", "\u{2028}", "\u{2029}"] {
            for (field, put) in Self.places {
                var message = message()
                put(&message, "x\(text)y")
                do {
                    try await pipeline.submit(message)
                    XCTFail("\(field) took \(text.debugDescription)")
                } catch {
                    XCTAssertEqual(error.field, field, text.debugDescription)
                }
            }
        }
        await pipeline.shutdown()
    }

    func testRefusesFieldsThatOtherPropertiesWrite() async throws {
        let pipeline = try pipeline()
        for name in ["Sender", "bcc", "Resent-Bcc", "Content-Language", "Return-Path", "DATE", "MIME-Version"] {
            var message = message()
            message.fields = [try HeaderField("X-A", "a"), try HeaderField(name, "x@example.org")]
            do {
                try await pipeline.submit(message)
                XCTFail("\(name) was taken")
            } catch {
                XCTAssertEqual(error.field, "fields[1]", name)
            }
        }
        var message = message()
        message.fields = [try HeaderField("List-Unsubscribe", "<mailto:a@example.org>")]
        try await pipeline.submit(message)
        message.unsubscribe = try .oneClick("https://example.org/u")
        do {
            try await pipeline.submit(message)
            XCTFail("the field was taken twice")
        } catch {
            XCTAssertEqual(error.field, "fields[0]")
        }
        await pipeline.shutdown()
    }

    func testRefusesAMultipartAsAFileAndAnEndlessIdentifier() async throws {
        let pipeline = try pipeline()
        var multipart = message()
        multipart.attachments = [
            Attachment(fileName: "a", mediaType: try MediaType("multipart/mixed"), bytes: [1])
        ]
        var endless = message()
        endless.messageID = String(repeating: "x", count: 900) + "@example.org"
        for (message, field) in [(multipart, "attachments[0].mediaType"), (endless, "messageID")] {
            do {
                try await pipeline.submit(message)
                XCTFail("\(field) was taken")
            } catch {
                XCTAssertEqual(error.field, field)
            }
        }
        await pipeline.shutdown()
    }

    func testSenderAndUnsubscribingReachTheMailAndTheEnvelope() async throws {
        let transport = CaptureTransport()
        let pipeline = try pipeline(transport)
        var message = message()
        message.sender = "Office <office@example.org>"
        message.unsubscribe = try .oneClick("https://example.org/u?t=1", mail: EmailAddress("leave@example.org"))
        try await pipeline.submit(message)
        var options = WorkerOptions()
        options.stopsWhenEmpty = true
        try await pipeline.run(options)
        await pipeline.shutdown()
        let mail = try XCTUnwrap(transport.mails.first)
        XCTAssertEqual(mail.envelope.reversePath?.description, "office@example.org")
        let read = Entity(parsing: mail.bytes)
        XCTAssertEqual(read.mailboxes("Sender").map(\.description), ["Office <office@example.org>"])
        XCTAssertEqual(
            read.first("List-Unsubscribe"), "<https://example.org/u?t=1>, <mailto:leave@example.org>")
        XCTAssertEqual(read.first("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click")
    }
}
