import Foundation
import Mailroom
import MailroomMIME
import MailroomMemoryBroker
import MailroomTesting
import Synchronization
import XCTest

/// What submitting does when the broker is down.
final class FallbackTests: XCTestCase {
    func testWithoutAFallbackABrokerThatStoredNothingIsAnError() async throws {
        let (pipeline, _, _) = try broken([BrokerError(.unavailable, "down", mayHaveStored: false)])
        await XCTAssertThrowsErrorAsync(SubmissionError.self) {
            try await pipeline.submit(.sample(to: "a@example.org"))
        } _: { error in
            XCTAssertEqual(error.code, .brokerFailed)
            XCTAssertEqual(error.reason, "down")
        }
    }

    func testABrokerThatCertainlyStoredNothingIsFallenBackFrom() async throws {
        let (pipeline, capture, _) = try broken([BrokerError(.unavailable, "down", mayHaveStored: false)], .sendNow)
        let receipt = try await pipeline.submit(.sample(to: "a@example.org"))
        guard case .sentNow(let report) = receipt.outcome else { return XCTFail("\(receipt.outcome)") }
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted])
        XCTAssertEqual(capture.mails.count, 1)
    }

    func testACallThatIsTooLargeIsAnErrorAndSendsNothing() async throws {
        let (pipeline, capture, _) = try broken([BrokerError(.tooLarge, "in parts", mayHaveStored: false)], .sendNow)
        await XCTAssertThrowsErrorAsync(SubmissionError.self) {
            try await pipeline.submit(.sample(to: "a@example.org"))
        } _: { error in
            XCTAssertEqual(error.reason, "in parts")
        }
        XCTAssert(capture.mails.isEmpty)
    }

    func testAMessageWithAKeyIsNotFallenBackWith() async throws {
        let (pipeline, capture, _) = try broken([BrokerError(.unavailable, "down", mayHaveStored: false)], .sendNow)
        var message = Message.sample(to: "a@example.org")
        message.options.idempotencyKey = "k"
        let receipt = try await pipeline.submit(message)
        guard case .notSent(_, canResend: true) = receipt.outcome else { return XCTFail("\(receipt.outcome)") }
        XCTAssert(capture.mails.isEmpty)
    }

    func testWhenFallingBackAFailedChannelIsInTheReport() async throws {
        let fax = Channel(rawValue: "fax")
        let broker = FlickeringBroker([BrokerError(.unavailable, "down", mayHaveStored: false)], storing: false)
        let pipeline = try PipelineBuilder().broker(broker).transport(CaptureTransport()).fallback(.sendNow)
            .transport(
                CaptureTransport { _ throws(TransportError) in throw TransportError(.timedOut, "no paper") }, for: fax
            )
            .build()
        var message = Message.sample(to: "a@example.org")
        message.recipients.append(Recipient(channel: fax, address: "1"))
        let receipt = try await pipeline.submit(message)
        guard case .sentNow(let report) = receipt.outcome else { return XCTFail("\(receipt.outcome)") }
        XCTAssertEqual(report.outcomes.map(\.status), [.accepted, .refusedForNow])
        XCTAssertEqual(report.outcomes[1].reply?.text, "no paper")
    }

    func testAnEndlessExpiryIsTakenAsAVeryLongOne() async throws {
        let stage = try Stage()
        var message = Message.sample(to: "a@example.org")
        message.options.expiresAfter = .seconds(Int64.max)
        message.options.idempotencyKey = "k"
        message.options.keyLifetime = .seconds(Int64.max)
        let receipt = try await stage.pipeline.submit(message)
        let record = try await stage.working { try await stage.settled(receipt.id) }
        XCTAssertEqual(record.state, .finished)
    }

    func testWhenFallingBackReachesNobodyTheReceiptSaysWhyAndThatItCanBeSentAgain() async throws {
        let (pipeline, _, _) = try broken(
            [BrokerError(.unavailable, "down", mayHaveStored: false)], .sendNow,
            CaptureTransport { _ throws(TransportError) in throw TransportError(.timedOut, "no answer") })
        let receipt = try await pipeline.submit(.sample(to: "a@example.org"))
        guard case .notSent("no answer", canResend: true) = receipt.outcome else {
            return XCTFail("\(receipt.outcome)")
        }
    }

    func testABrokerThatMayHaveStoredIsAskedAgainUnderTheSameIDAndNeverFallenBackFrom() async throws {
        let doubt = BrokerError(.unavailable, "the answer was lost")
        let certain = BrokerError(.unavailable, "down", mayHaveStored: false)
        let (pipeline, capture, broker) = try broken([doubt, certain, certain, certain], .sendNow)
        let receipt = try await pipeline.submit(.sample(to: "a@example.org"))
        guard case .unconfirmed = receipt.outcome else { return XCTFail("\(receipt.outcome)") }
        XCTAssert(capture.mails.isEmpty, "it may be stored: sending it now could send it twice")
        XCTAssertEqual(Set(broker.offered), [receipt.id])
        XCTAssertEqual(broker.offered.count, 4)
        let confirmed = try await pipeline.confirm(receipt)
        guard case .queued = confirmed.outcome else { return XCTFail("\(confirmed.outcome)") }
        XCTAssertEqual(confirmed.jobs, receipt.jobs)
    }

    func testAnAnswerThatWasLostOnceIsFoundAgain() async throws {
        let (pipeline, _, broker) = try broken([BrokerError(.unavailable, "the answer was lost")], storing: true)
        let receipt = try await pipeline.submit(.sample(to: "a@example.org"))
        guard case .queued = receipt.outcome else { return XCTFail("\(receipt.outcome)") }
        XCTAssertEqual(Set(broker.offered), [receipt.id])
        let counts = try await broker.inner.counts()
        XCTAssertEqual(counts.map(\.unsettled), [1])
    }

    private func broken(
        _ errors: [BrokerError], _ fallback: Fallback = .none, _ capture: CaptureTransport = CaptureTransport(),
        storing: Bool = false
    ) throws -> (Pipeline, CaptureTransport, FlickeringBroker) {
        let broker = FlickeringBroker(errors, storing: storing)
        let pipeline = try PipelineBuilder().broker(broker).transport(capture).fallback(fallback).build()
        return (pipeline, capture, broker)
    }
}

/// A broker whose first calls fail, with or without having stored what was offered.
final class FlickeringBroker: ForwardingBroker {
    let inner = MemoryBroker()
    private let storing: Bool
    private let state: Mutex<(errors: [BrokerError], offered: [JobID])>

    init(_ errors: [BrokerError], storing: Bool) {
        self.storing = storing
        state = Mutex((errors, []))
    }

    var offered: [JobID] { state.withLock { $0.offered } }

    func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        let error = state.withLock { state in
            state.offered += submissions.map(\.id)
            return state.errors.isEmpty ? nil : state.errors.removeFirst()
        }
        if let error {
            if storing { _ = try await inner.enqueue(submissions) }
            throw error
        }
        return try await inner.enqueue(submissions)
    }
}
