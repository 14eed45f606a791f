import Foundation
import Mailroom
import MailroomMIME
import MailroomMemoryBroker
import MailroomTesting
import Synchronization
import XCTest

final class WorkerTests: XCTestCase {
    func testAMessageIsDeliveredAndRecorded() async throws {
        let stage = try Stage()
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let record = try await stage.working { try await stage.settled(receipt.id) }
        XCTAssertEqual(record.state, .finished)
        XCTAssertEqual(record.attempts, 1)
        XCTAssertEqual(record.recipients.map(\.status), [.sent])
        XCTAssertNotNil(record.recipients[0].sentAt)
        let mail = try XCTUnwrap(stage.capture.mails.first)
        XCTAssertEqual(mail.envelope.reversePath?.description, "club@example.org")
        XCTAssertEqual(mail.envelope.recipients.map(\.address), ["a@example.org"])
        XCTAssert(String(decoding: mail.bytes, as: UTF8.self).contains("Subject: Invitation\r\n"))
    }

    func testInvitationsAreRetriedAfter10And30And90Seconds() async throws {
        try await assertPlan([10, 30, 90])
    }

    func testConfirmationsAreRetriedAfterTheirSixAttemptPlan() async throws {
        try await assertPlan([60, 120, 240, 480, 900])
    }

    private func assertPlan(_ delays: [Int]) async throws {
        let times = Mutex<[Duration]>([])
        let clock = Mutex<ManualClock?>(nil)
        let capture = CaptureTransport { mail throws(TransportError) in
            times.withLock { $0.append(clock.withLock { $0! }.uptime()) }
            return DeliveryReport(all: mail.envelope.recipients, .refusedForNow, reply: .busy)
        }
        let stage = try Stage(capture: capture) { $0.retry(.delays(delays.map { .seconds($0) })) }
        clock.withLock { $0 = stage.clock }
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let record = try await stage.working {
            var due = Duration.zero
            for delay in delays {
                due += .seconds(delay)
                await stage.clock.advance(toSleeperAt: due)
            }
            return try await stage.settled(receipt.id)
        }
        XCTAssertEqual(record.state, .dead)
        XCTAssertEqual(record.attempts, delays.count + 1)
        XCTAssertEqual(record.recipients.map(\.status), [.failed])
        XCTAssertEqual(record.recipients[0].error, "451 4.3.0 busy")
        var expected = [Duration.zero]
        for delay in delays { expected.append(expected.last! + .seconds(delay)) }
        XCTAssertEqual(times.withLock { $0 }, expected)
    }

    func testOnlyWhoFailedForNowIsTriedAgainAndWithTheSameBytes() async throws {
        let capture = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(
                mail.envelope.recipients.map { recipient in
                    switch recipient.address {
                    case "bad@example.org":
                        RecipientOutcome(recipient: recipient.address, status: .refused, reply: .noUser)
                    case "busy@example.org" where mail.attempt == 1:
                        RecipientOutcome(recipient: recipient.address, status: .refusedForNow, reply: .busy)
                    default: RecipientOutcome(recipient: recipient.address, status: .accepted)
                    }
                })
        }
        let stage = try Stage(capture: capture)
        let receipt = try await stage.pipeline.submit(
            .sample(to: "good@example.org", "bad@example.org", "busy@example.org"))
        let record = try await stage.working {
            await stage.clock.advance(toSleeperAt: .seconds(10))
            return try await stage.settled(receipt.id)
        }
        XCTAssertEqual(record.state, .dead)
        XCTAssertEqual(record.recipients.map(\.status), [.sent, .failed, .sent])
        let mails = stage.capture.mails
        XCTAssertEqual(mails.map { $0.envelope.recipients.count }, [3, 1])
        XCTAssertEqual(mails[0].bytes, mails[1].bytes)
        XCTAssertEqual(record.recipients[1].error, "550 5.1.1 no such user")
        XCTAssert(record.recipients.allSatisfy { !$0.isPossibleDuplicate })
    }

    func testALostReplyIsTriedAgainAndRecordedAsAPossibleDuplicate() async throws {
        let capture = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(all: mail.envelope.recipients, mail.attempt == 1 ? .unknown : .accepted, route: "one")
        }
        let stage = try Stage(capture: capture)
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let record = try await stage.working {
            await stage.clock.advance(toSleeperAt: .seconds(10))
            return try await stage.settled(receipt.id)
        }
        XCTAssertEqual(record.state, .finished)
        XCTAssertEqual(record.recipients[0].status, .sent)
        XCTAssert(record.recipients[0].isPossibleDuplicate)
        XCTAssertEqual(stage.capture.mails[1].mail.earlierRoutes, ["a@example.org": "one"])
    }

    func testOnlyWhoIsInDoubtIsTiedToAnEarlierRoute() async throws {
        let capture = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(
                mail.envelope.recipients.enumerated().map { index, recipient in
                    let status: RecipientOutcome.Status = index == 0 ? .refusedForNow : .unknown
                    return RecipientOutcome(
                        recipient: recipient.address, status: mail.attempt == 1 ? status : .accepted, route: "one")
                })
        }
        let stage = try Stage(capture: capture)
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org", "b@example.org"))
        _ = try await stage.working {
            await stage.clock.advance(toSleeperAt: .seconds(10))
            return try await stage.settled(receipt.id)
        }
        XCTAssertEqual(stage.capture.mails[1].envelope.recipients.count, 2)
        XCTAssertEqual(stage.capture.mails[1].mail.earlierRoutes, ["b@example.org": "one"])
    }

    func testALostReplyCanBeHeldForAPersonInstead() async throws {
        let capture = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(all: mail.envelope.recipients, .unknown)
        }
        let stage = try Stage(capture: capture) { $0.unknownOutcomes(.hold) }
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let record = try await stage.working { try await stage.settled(receipt.id) }
        XCTAssertEqual(record.state, .held)
        XCTAssertEqual(record.recipients[0].status, .unknown)
        XCTAssertEqual(stage.capture.mails.count, 1)
    }

    func testARecipientTheReportLeavesOutIsInDoubt() async throws {
        let capture = CaptureTransport { _ throws(TransportError) in DeliveryReport([]) }
        let stage = try Stage(capture: capture) { $0.unknownOutcomes(.hold) }
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let record = try await stage.working { try await stage.settled(receipt.id) }
        XCTAssertEqual(record.recipients.map(\.status), [.unknown])
        XCTAssertEqual(record.state, .held)
    }

    func testAPermanentTransportErrorEndsTheJobAtOnce() async throws {
        let capture = CaptureTransport { _ throws(TransportError) in
            throw TransportError(.authenticationFailed, "the server refused the credentials", isTransient: false)
        }
        let stage = try Stage(capture: capture)
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let record = try await stage.working { try await stage.settled(receipt.id) }
        XCTAssertEqual(record.state, .dead)
        XCTAssertEqual(record.attempts, 1)
        XCTAssertEqual(record.error, "the server refused the credentials")
        XCTAssertEqual(record.recipients[0].error, "the server refused the credentials")
    }

    func testAWaitThatWasAskedForUsesUpNoAttempt() async throws {
        let capture = CaptureTransport { _ throws(TransportError) in
            throw TransportError(.throttled, "too fast", retryAfter: .seconds(7))
        }
        let stage = try Stage(capture: capture) { $0.retry(.never) }
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        try await stage.working {
            for step in 1...3 { await stage.clock.advance(toSleeperAt: .seconds(7 * step)) }
            _ = try await stage.capture.mails(atLeast: 4)
            let record = try await stage.record(receipt.id) { $0.state == .scheduled }
            XCTAssertEqual(record.attempts, 0)
            XCTAssertEqual(record.recipients.map(\.status), [.pending])
        }
        XCTAssertEqual(stage.capture.mails.map(\.attempt), [1, 1, 1, 1])
    }

    func testAMessageThatExpiresBeforeItsNextAttemptIsGivenUp() async throws {
        let capture = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(all: mail.envelope.recipients, .refusedForNow, reply: .busy)
        }
        let stage = try Stage(capture: capture)
        var message = Message.sample(to: "a@example.org")
        message.options.expiresAfter = .seconds(5)
        let receipt = try await stage.pipeline.submit(message)
        let record = try await stage.working { try await stage.settled(receipt.id) }
        XCTAssertEqual(record.state, .dead)
        XCTAssertEqual(record.error, "<a@example.org>: 451 4.3.0 busy (the message expires before another attempt)")
    }

    func testAnExpiredJobIsNotDelivered() async throws {
        let stage = try Stage()
        var message = Message.sample(to: "a@example.org")
        message.options.expiresAfter = .seconds(5)
        let receipt = try await stage.pipeline.submit(message)
        stage.clock.advance(by: .seconds(6))
        let record = try await stage.working { try await stage.settled(receipt.id) }
        XCTAssertEqual(record.state, .dead)
        XCTAssertEqual(record.recipients.map(\.status), [.failed])
        XCTAssert(stage.capture.mails.isEmpty)
    }

    func testALetterThatRendersOtherwiseIsHeldUntilAPersonDecides() async throws {
        let capture = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(all: mail.envelope.recipients, mail.attempt == 1 ? .refusedForNow : .accepted)
        }
        let renderer = ChangingRenderer()
        let stage = try Stage(capture: capture) { $0.renderer(renderer) }
        var message = Message.sample(to: "a@example.org")
        message.text = nil
        message.document = Document(template: "letter")
        let receipt = try await stage.pipeline.submit(message)
        try await stage.working {
            _ = try await stage.record(receipt.id) { $0.state == .scheduled }
            renderer.edition.withLock { $0 = 2 }
            await stage.clock.advance(toSleeperAt: .seconds(10))
            let held = try await stage.settled(receipt.id)
            XCTAssertEqual(held.state, .held)
            XCTAssertEqual(held.recipients.map(\.status), [.pending])
            XCTAssert(held.error?.contains("renders otherwise") == true, held.error ?? "")
            XCTAssertEqual(stage.capture.mails.count, 1, "it was not sent in its other form")
            _ = try await stage.broker.retry([receipt.id])
            _ = try await stage.record(receipt.id) { $0.state == .scheduled }
            await stage.clock.advance(toSleeperAt: .seconds(20))
            let sent = try await stage.settled(receipt.id)
            XCTAssertEqual(sent.state, .finished)
        }
    }

    func testAWorkerWithAnotherEditionOfTheTemplateHoldsTheLetter() async throws {
        let renderer = ChangingRenderer()
        let stage = try Stage { $0.renderer(renderer) }
        var message = Message.sample(to: "a@example.org")
        message.document = Document(template: "letter")
        let receipt = try await stage.pipeline.submit(message)
        renderer.version.withLock { $0 = 2 }
        try await stage.working {
            let held = try await stage.settled(receipt.id)
            XCTAssertEqual(held.state, .held)
            _ = try await stage.broker.retry([receipt.id])
            let sent = try await stage.record(receipt.id) { $0.state == .finished }
            XCTAssertEqual(sent.attempts, 1)
        }
    }

    func testEventsTellTheStoryOfOneMail() async throws {
        let capture = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(
                all: mail.envelope.recipients, mail.attempt == 1 ? .refusedForNow : .accepted,
                reply: mail.attempt == 1 ? .busy : nil)
        }
        let stage = try Stage(capture: capture)
        let told = stage.pipeline.events()
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let lines = try await stage.working {
            var events = told.makeAsyncIterator()
            var lines: [String] = []
            // An event has the time at which it is told: it must be out before the clock moves.
            for _ in 0..<3 { lines.append(await events.next()!.description) }
            await stage.clock.advance(toSleeperAt: .seconds(10))
            lines.append(await events.next()!.description)
            return lines
        }
        XCTAssertEqual(
            lines,
            [
                "job \(receipt.id) submitted for a@example.org",
                "job \(receipt.id) attempt 1 failed: <a@example.org>: 451 4.3.0 busy",
                "job \(receipt.id) next attempt in 10 s",
                "job \(receipt.id) sent at attempt 2",
            ])
    }
}
