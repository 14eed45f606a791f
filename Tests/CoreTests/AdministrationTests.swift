import Foundation
import Mailroom
import MailroomMemoryBroker
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

/// What apps do with many jobs at once, and how they learn what happens to them.
final class AdministrationTests: XCTestCase {
    /// 2,500 dead jobs of two causes in two queues, and one that waits.
    private func stageOfFailures() async throws -> Stage {
        let stage = try Stage()
        let messages = (0..<2500).map { index in
            var message = Message.sample(to: "p\(index)@example.org")
            if index % 2 == 1 { message.options.queue = "urgent" }
            return message
        }
        let jobs = try await stage.pipeline.submit(messages).map(\.id)
        for (index, job) in jobs.enumerated() {
            let reason = index < 500 ? "<p\(index)@example.org>: 550 full" : "nothing listens"
            _ = try await stage.broker.cancel([job], reason: reason)
        }
        try await stage.pipeline.submit(.sample(to: "waiting@example.org"))
        return stage
    }

    func testFailuresAreGroupedByCauseOverManyBatches() async throws {
        let administration = try await stageOfFailures().pipeline.administration
        let causes = try await administration.failureCauses()
        XCTAssertEqual(causes.map(\.count), [2000, 500])
        XCTAssertEqual(causes.map(\.cause), ["nothing listens", "… 550 full"])
        let urgent = try await administration.failureCauses(in: ["urgent"])
        XCTAssertEqual(urgent.map(\.count), [1000, 250])
        let held = try await administration.failureCauses(of: [.held])
        XCTAssertEqual(held, [])
    }

    func testTheExampleOfACauseIsTheJobThatFailedLast() async throws {
        let stage = try Stage()
        let jobs = try await stage.pipeline.submit((0..<3).map { .sample(to: "p\($0)@example.org") }).map(\.id)
        for job in [jobs[1], jobs[2], jobs[0]] {
            stage.clock.advance(by: .seconds(60))
            try await stage.pipeline.cancel(job)
        }
        let cause = try await stage.pipeline.administration.failureCauses().first
        XCTAssertEqual(cause?.example, jobs[0])
        XCTAssertEqual(cause?.latest, stage.clock.now())
    }

    func testJobsOfOneCauseOrOfOneQueueAreRetriedWithoutTheOthers() async throws {
        let stage = try await stageOfFailures()
        let administration = try stage.pipeline.administration
        let reported = Mutex<[Int]>([])
        let byCause = try await administration.retryAll(cause: "… 550 full") { done in
            reported.withLock { $0.append(done) }
        }
        XCTAssertEqual(byCause, 500)
        XCTAssertEqual(reported.withLock { $0 }, [0, 0, 500])
        let byQueue = try await administration.retryAll(in: ["urgent"])
        XCTAssertEqual(byQueue, 1000)
        let counts = try await administration.counts()
        XCTAssertEqual(counts.map { [$0[.dead], $0[.ready]] }, [[1000, 251], [0, 1250]])
        let none = try await administration.retryAll(of: [.ready])
        XCTAssertEqual(none, 0)
    }

    func testFlushingTakesWhatFailedAndClearingWhatWaits() async throws {
        let stage = try await stageOfFailures()
        let administration = try stage.pipeline.administration
        let flushed = try await administration.flush(["urgent"])
        XCTAssertEqual(flushed, 1250)
        let others = try await administration.flush()
        XCTAssertEqual(others, 1250)
        let elsewhere = try await administration.clear(["urgent"])
        XCTAssertEqual(elsewhere, 0)
        let cleared = try await administration.clear(["default"])
        XCTAssertEqual(cleared, 1)
        let counts = try await administration.counts()
        XCTAssert(counts.allSatisfy { $0.jobs.values.allSatisfy { $0 == 0 } })
    }

    // MARK: Events

    func testTheFeedTellsWhatHappensAndGoesOnOverAGap() async throws {
        let stage = try Stage()
        let start = try await stage.broker.latestEvent()
        let iterator = try stage.pipeline.jobEvents(after: start)
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        try await stage.pipeline.cancel(receipt.id)
        var events = iterator.makeAsyncIterator()
        for kind in [JobEvent.Kind.submitted, .dead] {
            guard case .event(let event) = try await events.next() else { return XCTFail("no event") }
            XCTAssertEqual(event.kind, kind)
            XCTAssertEqual(event.job, receipt.id)
        }
        // More than the broker keeps.
        for _ in 0..<25 {
            try await stage.pipeline.submit((0..<1000).map { .sample(to: "p\($0)@example.org") })
        }
        let last = try await stage.pipeline.submit(.sample(to: "last@example.org"))
        guard case .gap = try await events.next() else { return XCTFail("no gap") }
        while case .event(let event)? = try await events.next(), event.job != last.id {}
        let waiting = Task { [pipeline = stage.pipeline] () async throws -> JobEvent.Kind? in
            for try await step in try pipeline.jobEvents() {
                if case .event(let event) = step { return event.kind }
            }
            return nil
        }
        waiting.cancel()
        let ended = try await waiting.value
        XCTAssertNil(ended, "a cancelled task's iteration ends")
    }

    func testAFeedThatFailsIsAskedAgainWhereItWas() async throws {
        let broker = ShyBroker()
        let pipeline = try PipelineBuilder().broker(broker).transport(CaptureTransport()).build()
        var events = try pipeline.jobEvents(after: try await broker.latestEvent()).makeAsyncIterator()
        let receipt = try await pipeline.submit(.sample(to: "a@example.org"))
        broker.isDown.withLock { $0 = true }
        do {
            _ = try await events.next()
            XCTFail("nothing was thrown")
        } catch {
            XCTAssertEqual(error.code, .unavailable)
        }
        broker.isDown.withLock { $0 = false }
        guard case .event(let event) = try await events.next() else { return XCTFail("no event") }
        XCTAssertEqual(event.job, receipt.id)
    }

    func testABrokerWithoutTheseAbilitiesIsRefusedWithWhatToDo() async throws {
        let clock = ManualClock()
        let pipeline = try PipelineBuilder().broker(UnsettlingBroker(time: clock)).transport(CaptureTransport())
            .time(clock).build()
        XCTAssertThrowsError(try pipeline.administration) { XCTAssert("\($0)".contains("BrokerAdministration")) }
        XCTAssertThrowsError(try pipeline.jobEvents()) { XCTAssert("\($0)".contains("EventFeed")) }
    }

    // MARK: Waiting for an outcome

    func testAnOutcomeOfAnotherProcessIsNoticedWithoutLookingAgainAndAgain() async throws {
        let stage = try Stage()
        let receipts = try await stage.pipeline.submit((0..<20).map { .sample(to: "p\($0)@example.org") })
        let pipeline = stage.pipeline
        // The clock stands still: whoever looked from time to time would wait for ever.
        let outcomes = receipts.map { receipt in Task { try await pipeline.outcome(of: receipt.id) } }
        let other = try PipelineBuilder().broker(stage.broker).transport(CaptureTransport()).time(stage.clock).build()
        var options = stage.options
        options.stopsWhenEmpty = true
        try await other.run(options)
        for outcome in outcomes {
            let record = try await outcome.value
            XCTAssertEqual(record?.state, .finished)
        }
    }

    func testAnOutcomeIsLookedForFromTimeToTimeWhileTheFeedIsDown() async throws {
        let broker = ShyBroker()
        broker.isDown.withLock { $0 = true }
        let pipeline = try PipelineBuilder().broker(broker).transport(CaptureTransport()).build()
        let receipt = try await pipeline.submit(.sample(to: "a@example.org"))
        async let outcome = pipeline.outcome(of: receipt.id)
        for await _ in Polling() where broker.looks.withLock({ $0 }) > 0 { break }
        try await pipeline.cancel(receipt.id)
        let record = try await outcome
        XCTAssertEqual(record?.state, .dead)
    }

    func testWaitingForAnOutcomeEndsWithItsTimeOrItsTask() async throws {
        let pipeline = try PipelineBuilder().broker(.memory()).transport(CaptureTransport()).build()
        let receipt = try await pipeline.submit(.sample(to: "a@example.org"))
        let late = try await pipeline.outcome(of: receipt.id, within: .milliseconds(20))
        XCTAssertNil(late)
        let waiting = Task { try await pipeline.outcome(of: receipt.id) }
        waiting.cancel()
        await XCTAssertThrowsErrorAsync(BrokerError.self) {
            try await waiting.value
        } _: {
            XCTAssertEqual($0.code, .cancelled)
        }
    }

    // MARK: A worker's closing summary

    func testASnoozeIsNoAttemptInAWorkersSummary() async throws {
        let asked = Mutex(0)
        let capture = CaptureTransport { mail throws(TransportError) in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            if count <= 3 { throw TransportError(.throttled, "slow down", retryAfter: .seconds(5)) }
            return DeliveryReport(all: mail.envelope.recipients, .accepted)
        }
        let stage = try Stage(capture: capture)
        let receipt = try await stage.pipeline.submit(.sample(to: "a@example.org"))
        var options = stage.options
        options.maximumJobs = 4
        let work = stage.work(options)
        for round in 1...3 {
            _ = try await stage.record(receipt.id) { $0.state == .scheduled && asked.withLock { $0 } == round }
            stage.clock.advance(by: .seconds(5))
        }
        let summary = try await work.value
        XCTAssertEqual(summary.attempts, 1)
        XCTAssertEqual(summary.settled, [.finished: 1])
        XCTAssertEqual(asked.withLock { $0 }, 4)
    }
}

/// A broker in memory whose feed can be down.
private final class ShyBroker: ForwardingBroker, EventFeed, SendRecords, BrokerAdministration {
    let isDown = Mutex(false)
    let looks = Mutex(0)
    let inner = MemoryBroker()

    private func feed() throws(BrokerError) {
        if isDown.withLock({ $0 }) { throw BrokerError(.unavailable, "the feed is down") }
    }

    func latestEvent() async throws(BrokerError) -> EventCursor {
        try feed()
        return try await inner.latestEvent()
    }

    func events(
        after cursor: EventCursor, limit: Int, wait: Duration
    ) async throws(BrokerError) -> EventBatch {
        try feed()
        return try await inner.events(after: cursor, limit: limit, wait: wait)
    }

    func records(of jobs: [JobID]) async throws(BrokerError) -> [JobRecord?] {
        let records = try await inner.records(of: jobs)
        looks.withLock { $0 += 1 }
        return records
    }
}
