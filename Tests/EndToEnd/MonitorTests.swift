import Foundation
import Mailroom
import MailroomMemoryBroker
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

@testable import MailroomCommands

/// `monitor --watch`, as somebody has it open while others work.
final class MonitorTests: XCTestCase {
    func testAWatchShowsWhatAnotherProcessDoesAtOnceAndEndsOnCtrlC() async throws {
        let queue = try SharedQueue()
        let jobs = try await queue.submit(2)
        // Without events it would look again in an hour.
        let monitor = try MailroomProcess(["monitor", "--watch", "--every", "1h"], environment: queue.variables)
        try await monitor.wait { monitor.output.text.contains("default  0          2 ") }
        let cancelled = try await queue.run("cancel", jobs[0].description)
        XCTAssertEqual(cancelled.status, 0, cancelled.errors)
        try await monitor.wait { monitor.output.text.contains("default  0          1      0       0         1 ") }
        try await monitor.wait { monitor.output.text.contains("\(jobs[0])  default  cancelled") }
        XCTAssert(monitor.output.text.contains(" s: 0 submitted, 0 sent (0.0 a second), 0 to be retried, 1 failed"))
        XCTAssert(monitor.output.text.contains("\n\n\(queue.url)  20"), "blocks are apart")
        XCTAssertFalse(monitor.output.text.contains("\u{1B}"))
        XCTAssert(monitor.isRunning)
        monitor.signal(SIGINT)
        let status = try await monitor.status(within: .seconds(20))
        XCTAssertEqual(status, 0, monitor.errors.text)
    }

    func testAWatchRedrawsOnATerminal() async throws {
        let queue = try SharedQueue()
        _ = try await queue.submit(1, to: "urgent")
        let terminal = try Terminal()
        let monitor = try MailroomProcess(
            ["monitor", "--watch", "--every", "100ms", "--queue", "urgent"],
            environment: queue.variables.merging(["TERM": "xterm"]) { $1 }, on: terminal)
        // Nothing happens, and still the view is drawn again over the old one.
        try await monitor.wait { monitor.output.text.components(separatedBy: "\u{1B}[H").count > 3 }
        XCTAssertEqual(monitor.output.text.components(separatedBy: "\u{1B}[2J").count, 2, "cleared once")
        _ = try await queue.submit(1)
        _ = try await queue.submit(4, to: "urgent")
        try await monitor.wait { monitor.output.text.contains("urgent  0          5 ") }
        XCTAssertFalse(monitor.output.text.contains("default"), "another queue is not shown")
        monitor.signal(SIGTERM)
        let status = try await monitor.status(within: .seconds(20))
        XCTAssertEqual(status, 0)
    }

    func testABusyQueueIsDrawnAFewTimesASecond() async throws {
        let queue = try SharedQueue()
        _ = try await queue.submit(1)
        let start = ContinuousClock.now
        let monitor = try MailroomProcess(["monitor", "--watch"], environment: queue.variables)
        try await monitor.wait { monitor.output.text.contains("default") }
        for _ in 0..<200 { _ = try await queue.submit(1) }
        try await monitor.wait { monitor.output.text.contains("default  0          201 ") }
        monitor.signal(SIGINT)
        try await monitor.status()
        let views = monitor.output.text.components(separatedBy: "QUEUE ").count - 1
        let most = (ContinuousClock.now - start) / .milliseconds(250) + 2
        XCTAssertLessThanOrEqual(Double(views), most, "not one for each of the 200 submissions")
    }

    func testAWatchWithoutEventsGoesOnWhenItsBrokerIsThereAgain() async throws {
        let broker = FlickeringBroker()
        let text = Mutex("")
        let console = Console(
            write: { part in text.withLock { $0 += part } }, writeError: { part in text.withLock { $0 += part } })
        let watch = MonitorWatch(
            broker: broker, place: "here", queues: ["default"], every: .milliseconds(20), time: .system,
            console: console)
        let watching = Task { try await watch.loopOverOutages() }
        try await eventually("it has counted five times") { broker.counted.withLock { $0 } >= 5 }
        watching.cancel()
        _ = await watching.result
        let shown = text.withLock { $0 }
        XCTAssert(shown.contains("here cannot be reached: the broker is down\n"), shown)
        XCTAssertEqual(shown.components(separatedBy: "cannot be reached").count, 2, shown)
        XCTAssertGreaterThanOrEqual(shown.components(separatedBy: "QUEUE ").count, 4, shown)
        broker.counted.withLock { $0 = 1 }
        await XCTAssertThrowsErrorWhenDown { try await watch.loopOverOutages() }
    }

    /// A broker that was never there is an error, not something to wait for.
    private func XCTAssertThrowsErrorWhenDown(_ body: () async throws -> Void) async {
        do {
            try await body()
            XCTFail("nothing was thrown")
        } catch {
            XCTAssertEqual((error as? BrokerError)?.code, .unavailable)
        }
    }
}

/// A broker in memory that tells no events, and cannot be reached when it is asked to count for the second time.
private final class FlickeringBroker: ForwardingBroker, BrokerAdministration {
    let counted = Mutex(0)
    let inner = MemoryBroker()

    func counts() async throws(BrokerError) -> [QueueCounts] {
        let number = counted.withLock { counted in
            counted += 1
            return counted
        }
        if number == 2 { throw BrokerError(.unavailable, "the broker is down") }
        return try await inner.counts()
    }
}
