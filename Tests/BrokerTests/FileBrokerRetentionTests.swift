import Foundation
import Mailroom
import MailroomFileBroker
import MailroomTesting
import TestSupport
import XCTest

/// What workers remove by themselves.
final class FileBrokerRetentionTests: XCTestCase {
    func testAWorkerRemovesRecordsOnceTheyAreAsOldAsThePipelineKeepsThem() async throws {
        let folder = QueueFolder()
        let clock = ManualClock()
        let broker = FileBroker(folder: folder.path, time: clock)
        let transport = CaptureTransport { mail throws(TransportError) in
            let isKnown = mail.envelope.recipients.allSatisfy { $0.address == "ann@example.org" }
            return DeliveryReport(all: mail.envelope.recipients, isKnown ? .accepted : .refused)
        }
        let pipeline = try PipelineBuilder().broker(broker).transport(transport).time(clock)
            .retention(Retention(finished: .seconds(1500), failed: .seconds(2700)))
            .limits { limits in
                limits.job = .seconds(4000)
                limits.shutdownGrace = .seconds(5000)
                limits.lease = .seconds(30_000)
                limits.leaseExtension = .seconds(10_000)
            }.build()
        let jobs = try await pipeline.submit(
            ["ann@example.org", "nobody@example.org"].map {
                Message(from: "club@example.org", to: [.to($0)], subject: "Hello", text: "Hello")
            }
        ).map(\.id)
        var options = WorkerOptions()
        options.sleep = .seconds(100_000)
        let working = Task { [options] in try await pipeline.run(options) }
        func states() async throws -> [JobState?] { try await broker.records(of: jobs).map(\.?.state) }
        try await eventually("both are settled") { try await states() == [.finished, .dead] }
        // Whoever sleeps until the next time has done what was due before.
        for time in [600, 1200] { await clock.advance(toSleeperAt: .seconds(time)) }
        let all = try await states()
        XCTAssertEqual(all, [.finished, .dead], "nothing is that old")
        await clock.advance(toSleeperAt: .seconds(1800))
        await clock.advance(toSleeperAt: .seconds(2400))
        let without = try await states()
        XCTAssertEqual(without, [nil, .dead], "finished jobs are kept 1500 seconds, failed ones 2700")
        await clock.advance(toSleeperAt: .seconds(3000))
        await clock.advance(toSleeperAt: .seconds(3600))
        let none = try await states()
        XCTAssertEqual(none, [nil, nil])
        let counts = try await broker.counts()
        XCTAssertTrue(counts.allSatisfy { $0.jobs.values.allSatisfy { $0 == 0 } }, "\(counts)")
        working.cancel()
        _ = try await working.value
        await broker.shutdown()
    }
}
