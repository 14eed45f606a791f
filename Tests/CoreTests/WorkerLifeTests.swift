import Foundation
import MailroomMIME
import MailroomMemoryBroker
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

@testable import Mailroom

final class WorkerLifeTests: XCTestCase {
    func testAStopWithABrokerThatIsDownEndsAfterTheGraceAndSaysWhatWasNotSettled() async throws {
        let clock = ManualClock()
        let broker = UnsettlingBroker(time: clock)
        let capture = CaptureTransport()
        let pipeline = try PipelineBuilder().broker(broker).transport(capture).time(clock)
            .limits { limits in
                limits.job = .seconds(60)
                limits.shutdownGrace = .seconds(75)
            }
            .build()
        try await pipeline.submit((0..<100).map { .sample(to: "a\($0)@example.org") })
        var options = WorkerOptions()
        options.concurrency = 100
        let chosen = options
        let worker = Worker(pipeline, chosen)
        let work = Task { try await worker.run().get() }
        _ = try await capture.mails(atLeast: 100)
        for await _ in Polling() where worker.hands.running.isEmpty { break }
        worker.stop()
        let steps = Task { while !Task.isCancelled { clock.advance(by: .seconds(5)); await Task.yield() } }
        await XCTAssertThrowsErrorAsync(WorkerError.self) {
            try await work.value
        } _: { error in
            XCTAssert(error.description.contains("did not take"), error.description)
        }
        steps.cancel()
    }

    func testAGracefulStopFinishesWhatIsInHandAndReleasesTheRest() async throws {
        let gate = Gate()
        let capture = CaptureTransport.accepting(after: gate)
        let stage = try Stage(capture: capture, concurrency: 1)
        let receipts = try await stage.pipeline.submit((0..<5).map { .sample(to: "a\($0)@example.org") })
        let work = stage.work()
        _ = try await capture.mails(atLeast: 1)
        work.cancel()
        gate.open()
        let summary = try await work.value
        XCTAssertEqual(summary.settled[.finished], 1)
        var states: [JobState: Int] = [:]
        for receipt in receipts {
            let record = try await stage.pipeline.status(of: receipt.id)
            states[try XCTUnwrap(record).state, default: 0] += 1
            if record?.state == .ready { XCTAssertEqual(record?.attempts, 0, "a release uses up no attempt") }
        }
        XCTAssertEqual(states, [.finished: 1, .ready: 4])
    }

    func testADeliveryIsStoppedAtTheJobLimitAndThePolicyDecides() async throws {
        let capture = CaptureTransport.untilCancelled
        let stage = try Stage(capture: capture) { builder in
            builder.limits { limits in
                limits.job = .seconds(60)
                limits.shutdownGrace = .seconds(61)
            }
        }
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let work = stage.work()
        _ = try await capture.mails(atLeast: 1)
        await stage.clock.advance(toSleeperAt: .seconds(60))
        let record = try await stage.record(receipt.id) { $0.state == .scheduled }
        XCTAssertEqual(record.error, "the attempt was stopped at its limit of 60.0 seconds")
        XCTAssertEqual(record.attempts, 1)
        work.cancel()
        _ = try await work.value
    }

    func testATransportThatDoesNotReturnEndsTheWorkerAndLeavesItsRecipientsInDoubt() async throws {
        let gate = Gate()
        let capture = CaptureTransport.accepting(after: gate)
        let stage = try Stage(capture: capture) { builder in
            builder.limits { limits in
                limits.job = .seconds(60)
                limits.shutdownGrace = .seconds(61)
            }
        }
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        let work = stage.work()
        _ = try await capture.mails(atLeast: 1)
        await stage.clock.advance(toSleeperAt: .seconds(60))
        await stage.clock.advance(toSleeperAt: .seconds(61))
        await XCTAssertThrowsErrorAsync(WorkerError.self) {
            try await work.value
        } _: { error in
            XCTAssert(error.description.contains("did not return"), error.description)
        }
        let record = try await stage.pipeline.status(of: receipt.id)
        XCTAssertEqual(record?.recipients.map(\.status), [.unknown])
        gate.open()
    }

    func testAJobWhoseWorkerDiedIsTakenOverAndItsAttemptIsUsedUp() async throws {
        let stage = try Stage { $0.retry(.delays([.seconds(1)])) }
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        _ = try await stage.broker.lease(LeaseRequest(duration: .seconds(30), worker: "gone"))
        try await stage.working {
            await stage.clock.advance(toSleeperAt: .seconds(30))
            let record = try await stage.settled(receipt.id)
            XCTAssertEqual(record.state, .finished)
            XCTAssertEqual(record.attempts, 2)
            XCTAssert(record.recipients[0].isPossibleDuplicate, "the dead worker may have delivered it")
        }
    }

    func testAJobWhoseWorkersKeepDyingIsDeadWithThatCause() async throws {
        let stage = try Stage { $0.retry(.never) }
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        _ = try await stage.broker.lease(LeaseRequest(duration: .seconds(30), worker: "gone"))
        let record = try await stage.working {
            await stage.clock.advance(toSleeperAt: .seconds(30))
            return try await stage.settled(receipt.id)
        }
        XCTAssertEqual(record.state, .dead)
        XCTAssert(record.error?.hasPrefix("workerLost") == true, record.error ?? "")
        XCTAssert(stage.capture.mails.isEmpty)
    }

    func testALongDeliveryKeepsItsLease() async throws {
        let gate = Gate()
        let capture = CaptureTransport.accepting(after: gate)
        let stage = try Stage(capture: capture) { builder in
            builder.limits { limits in
                limits.lease = .seconds(30)
                limits.leaseExtension = .seconds(10)
            }
        }
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        try await stage.working {
            _ = try await capture.mails(atLeast: 1)
            for step in 1...12 { await stage.clock.advance(toSleeperAt: .seconds(10 * step)) }
            let others = try await stage.broker.lease(LeaseRequest(worker: "other"))
            XCTAssertEqual(others.count, 0)
            gate.open()
            let record = try await stage.settled(receipt.id)
            XCTAssertEqual(record.state, .finished)
            XCTAssertEqual(record.attempts, 1)
        }
    }

    func testTheWorkerStopsAfterItsNumberOfJobs() async throws {
        let stage = try Stage()
        _ = try await stage.pipeline.submit((0..<5).map { .sample(to: "a\($0)@example.org") })
        var options = stage.options
        options.maximumJobs = 3
        let summary = try await stage.pipeline.run(options)
        XCTAssertEqual(summary.attempts, 3)
        XCTAssertEqual(stage.capture.mails.count, 3)
    }

    func testTheWorkerStopsWhenNothingIsDue() async throws {
        let stage = try Stage(concurrency: 3)
        _ = try await stage.pipeline.submit((0..<20).map { .sample(to: "a\($0)@example.org") })
        var later = Message.sample(to: "later@example.org")
        later.options.delay = .seconds(60)
        try await stage.pipeline.submit(later)
        var options = stage.options
        options.stopsWhenEmpty = true
        let summary = try await stage.pipeline.run(options)
        XCTAssertEqual(summary.settled[.finished], 20)
        let counts = try await stage.broker.counts()
        XCTAssertEqual(counts.map { $0[.scheduled] }, [1])
    }

    func testTheWorkerStopsAtItsTime() async throws {
        let stage = try Stage()
        var options = stage.options
        options.maximumTime = .seconds(3600)
        let work = stage.work(options)
        await stage.clock.advance(toSleeperAt: .seconds(3600))
        let summary = try await work.value
        XCTAssertEqual(summary.attempts, 0)
    }
}
