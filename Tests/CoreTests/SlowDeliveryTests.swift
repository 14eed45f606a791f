import Mailroom
import MailroomMemoryBroker
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

/// Workers whose deliveries turn slow after quick ones, so that jobs were leased ahead.
final class SlowDeliveryTests: XCTestCase {
    private let gate = Gate()

    /// Delivers 200 mails at once, and the others when the gate opens.
    private func capture() -> CaptureTransport {
        let (gate, count) = (gate, Counter())
        return CaptureTransport { mail throws(TransportError) in
            if count.next() > 200 { await gate.wait() }
            return DeliveryReport(all: mail.envelope.recipients, .accepted)
        }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// Whether the broker comes to hold so many jobs in these states, as time passes.
    private func comesToHold(_ stage: Stage, ready: Int, leased: Int) async throws -> Bool {
        for await _ in Polling() {
            stage.clock.advance(by: .milliseconds(200))
            if let counts = try await stage.broker.counts().first, counts[.ready] == ready, counts[.leased] == leased {
                return true
            }
        }
        return false
    }

    func testWhatWaitsBehindThemIsLeftToOthersAndNothingMoreIsLeasedAhead() async throws {
        let stage = try Stage(capture: capture(), concurrency: 8)
        try await stage.pipeline.submit((0..<400).map { .sample(to: "a\($0)@example.org") })
        try await stage.working {
            _ = try await stage.capture.mails(atLeast: 208)
            let isLeft = try await comesToHold(stage, ready: 192, leased: 8)
            XCTAssertTrue(isLeft)
            gate.open()
        }
    }

    func testAWorkerThatStopsWhenEmptyLeavesThemToOthersToo() async throws {
        let stage = try Stage(capture: capture(), concurrency: 8)
        try await stage.pipeline.submit((0..<220).map { .sample(to: "a\($0)@example.org") })
        var options = stage.options
        options.stopsWhenEmpty = true
        let work = stage.work(options)
        _ = try await stage.capture.mails(atLeast: 208)
        let isLeft = try await comesToHold(stage, ready: 12, leased: 8)
        XCTAssertTrue(isLeft)
        gate.open()
        let summary = try await work.value
        XCTAssertEqual(summary.settled[.finished], 220)
    }
}
