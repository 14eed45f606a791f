import Foundation
import Mailroom
import MailroomMIME
import MailroomMemoryBroker
import MailroomTesting
import Synchronization
import XCTest

final class SubmitTests: XCTestCase {
    func testWhatCannotBeSentIsRefusedWithItsFieldNamedAndNothingIsStored() async throws {
        let stage = try Stage { $0.renderer(StubRenderer()) }
        let cases: [(field: String, change: (inout Message) -> Void)] = [
            ("recipients", { $0.recipients = [] }),
            ("recipients[1].address", { $0.recipients = [.to("a@example.org"), .to("no address")] }),
            ("recipients[0].address", { $0.recipients = [.to("a@example.org\r\nRCPT TO:<b@example.org>")] }),
            ("recipients[0].address", { $0.recipients = [.to("")] }),
            ("recipients[0].name", { $0.recipients = [.to("a@example.org", name: "A\r\nBcc: b@example.org")] }),
            ("recipients[0].channel", { $0.recipients = [Recipient(channel: .init(rawValue: "fax"), address: "1")] }),
            ("from", { $0.from = nil }),
            ("from", { $0.from = "nobody" }),
            ("from", { $0.from = "jürgen@example.org" }),
            ("replyTo[0]", { $0.replyTo = ["jürgen@example.org"] }),
            ("from", { $0.from = "A\nB <a@example.org>" }),
            ("replyTo[0]", { $0.replyTo = ["@"] }),
            ("reversePath", { $0.reversePath = .address("x") }),
            ("subject", { $0.subject = "Hello\r\nBcc: b@example.org" }),
            ("subject", { $0.subject = "Hello\nthere" }),
            ("subject", { $0.subject = "Hello\0" }),
            ("messageID", { $0.messageID = "no at sign" }),
            ("messageID", { $0.messageID = "a@b>\r\nX: y" }),
            ("inReplyTo[0]", { $0.inReplyTo = ["<a@b>"] }),
            ("references[1]", { $0.references = ["a@b", ""] }),
            (
                "attachments[0].fileName",
                {
                    $0.attachments = [Attachment(fileName: "a\r\nb", mediaType: .pdf, bytes: [])]
                }
            ),
            (
                "attachments[0].contentID",
                {
                    $0.attachments = [Attachment(fileName: "a", mediaType: .pdf, bytes: [], contentID: "x y")]
                }
            ),
            ("fields[0]", { $0.fields = [try! HeaderField("Subject", "x")] }),
            ("document.template", { $0.document = Document(template: "unknown") }),
            ("document.values.club", { $0.document = Document(template: "letter") }),
            ("options.queue", { $0.options.queue = "" }),
            ("options.delay", { $0.options.delay = .seconds(-1) }),
            ("options.expiresAfter", { $0.options.expiresAfter = .zero }),
            ("options.idempotencyKey", { $0.options.idempotencyKey = "" }),
            ("options.retryPolicy", { $0.options.retryPolicy = "unknown" }),
        ]
        for (field, change) in cases {
            var bad = Message.sample(to: "a@example.org")
            change(&bad)
            await XCTAssertThrowsErrorAsync(SubmissionError.self) {
                try await stage.pipeline.submit([.sample(to: "good@example.org"), bad])
            } _: { error in
                XCTAssertEqual(error.field, field)
                XCTAssertEqual(error.messageIndex, 1)
                XCTAssertEqual(error.code, .invalidMessage)
                XCTAssertFalse(error.reason.isEmpty)
            }
        }
        let counts = try await stage.broker.counts()
        XCTAssertEqual(counts, [])
    }

    func testADocumentWithoutARendererIsRefused() async throws {
        let stage = try Stage()
        var message = Message.sample(to: "a@example.org")
        message.document = Document(template: "letter")
        let bad = message
        await XCTAssertThrowsErrorAsync(SubmissionError.self) {
            try await stage.pipeline.submit(bad)
        } _: { error in
            XCTAssertEqual(error.field, "document")
        }
    }

    func testARecipientWhoseAddressHasNoASCIIFormIsShownByNameAndDeliveredTo() async throws {
        let stage = try Stage()
        try await stage.pipeline.submit(.sample(to: "jürgen@bücher.example", "b@example.org"))
        try await stage.working { _ = try await stage.capture.mails(atLeast: 1) }
        let mail = try XCTUnwrap(stage.capture.mails.first)
        XCTAssertEqual(mail.envelope.recipients.map(\.address), ["jürgen@bücher.example", "b@example.org"])
        XCTAssertTrue(mail.bytes.allSatisfy { $0 < 128 })
        let header = String(decoding: mail.bytes, as: UTF8.self)
        XCTAssertTrue(
            header.contains("\r\nTo: =?utf-8?B?asO8cmdlbkBiw7xjaGVyLmV4YW1wbGU=?= :;, b@example.org\r\n"), header)
    }

    func testARecipientNamedTwiceGetsTheMessageOnce() async throws {
        let stage = try Stage()
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org", "a@EXAMPLE.org", "b@example.org"))
        _ = try await stage.working { try await stage.settled(receipt.id) }
        XCTAssertEqual(
            stage.capture.mails[0].envelope.recipients.map(\.address).count, 2,
            "\(stage.capture.mails[0].envelope.recipients)")
    }

    func testEachChannelHasAJobOfItsOwn() async throws {
        let fax = Channel(rawValue: "fax")
        let faxes = CaptureTransport()
        let stage = try Stage { $0.transport(faxes, for: fax) }
        var message = Message.sample(to: "a@example.org")
        message.recipients.append(Recipient(channel: fax, address: "+33 1"))
        let receipt = try await stage.pipeline.submit(message)
        XCTAssertEqual(receipt.jobs.count, 2)
        try await stage.working {
            for job in receipt.jobs { _ = try await stage.settled(job) }
        }
        XCTAssertEqual(stage.capture.mails.map { $0.envelope.recipients.map(\.address) }, [["a@example.org"]])
        XCTAssertEqual(faxes.mails.map { $0.envelope.recipients.map(\.address) }, [["+33 1"]])
    }

    func testACountdownIsKept() async throws {
        let stage = try Stage()
        var message = Message.sample(to: "a@example.org")
        message.options.delay = .seconds(2)
        let receipt = try await stage.pipeline.submit(message)
        try await stage.working {
            let waiting = try await stage.pipeline.status(of: receipt.id)
            XCTAssertEqual(waiting?.state, .scheduled)
            await stage.clock.advance(toSleeperAt: .seconds(2))
            let record = try await stage.settled(receipt.id)
            XCTAssertEqual(record.state, .finished)
        }
    }

    func testTheSameKeyIsTakenOnceUntilItsLifetimeAfterSettlementIsOver() async throws {
        let stage = try Stage()
        var message = Message.sample(to: "a@example.org")
        message.options.idempotencyKey = "order-17"
        message.options.keyLifetime = .seconds(100)
        let first = try await stage.pipeline.submit(message)
        let second = try await stage.pipeline.submit(message)
        guard case .duplicate = second.outcome else { return XCTFail("\(second.outcome)") }
        XCTAssertEqual(second.jobs, first.jobs)
        _ = try await stage.working { try await stage.settled(first.id) }
        stage.clock.advance(by: .seconds(99))
        let pruned = try await stage.broker.prune(settledBefore: stage.clock.now(), states: [.finished])
        XCTAssertEqual(pruned, 0, "a living key is not pruned")
        let third = try await stage.pipeline.submit(message)
        guard case .duplicate = third.outcome else { return XCTFail("\(third.outcome)") }
        stage.clock.advance(by: .seconds(2))
        let fourth = try await stage.pipeline.submit(message)
        guard case .queued = fourth.outcome else { return XCTFail("\(fourth.outcome)") }
        XCTAssertNotEqual(fourth.jobs, first.jobs)
    }

    func testTheSameKeyWithOtherContentIsAnError() async throws {
        let stage = try Stage()
        var message = Message.sample(to: "a@example.org")
        message.options.idempotencyKey = "order-17"
        try await stage.pipeline.submit(message)
        message.text = "Something else"
        let changed = message
        await XCTAssertThrowsErrorAsync(SubmissionError.self) {
            try await stage.pipeline.submit(changed)
        } _: { error in
            XCTAssertEqual(error.code, .conflict)
            XCTAssertEqual(error.field, "options.idempotencyKey")
        }
    }

    func testAJobThatNobodyHoldsCanBeCancelled() async throws {
        let stage = try Stage()
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let isCancelled = try await stage.pipeline.cancel(receipt.id)
        XCTAssert(isCancelled)
        let again = try await stage.pipeline.cancel(receipt.id)
        XCTAssertFalse(again)
        let record = try await stage.pipeline.status(of: receipt.id)
        XCTAssertEqual(record?.state, .dead)
        XCTAssertEqual(record?.recipients.map(\.status), [.failed])
        var options = stage.options
        options.stopsWhenEmpty = true
        try await stage.pipeline.run(options)
        XCTAssert(stage.capture.mails.isEmpty)
    }

    func testAnOutcomeCanBeWaitedFor() async throws {
        let stage = try Stage()
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let pipeline = stage.pipeline
        async let outcome = pipeline.outcome(of: receipt.id)
        try await stage.working { _ = try await stage.settled(receipt.id) }
        stage.clock.advance(by: .seconds(1))
        let record = try await outcome
        XCTAssertEqual(record?.state, .finished)
        let progress = try await pipeline.progress(of: receipt.jobs)
        XCTAssert(progress.isComplete)
        XCTAssertEqual(progress[.finished], 1)
    }
}
