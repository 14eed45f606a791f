import Foundation
import Mailroom
import MailroomFileBroker
import MailroomFiles
import TestSupport
import XCTest

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// When checkpoints are written, and what becomes of one that cannot be.
final class FileBrokerCheckpointTests: XCTestCase {
    private let segmentSize = 64 << 10

    private func broker(_ disk: SimulatedDisk) -> FileBroker {
        FileBroker(
            folder: "/queue", time: .system, segmentSize: segmentSize, disk: Disk(disk.process()), boot: disk.bootID)
    }

    /// Submits so many bytes.
    private func fill(_ broker: FileBroker, _ bytes: Int) async throws {
        for _ in 0..<bytes / 20_000 {
            _ = try await broker.enqueue(
                (0..<10).map { _ in makeSubmission(payload: .init(repeating: 1, count: 2000)) })
        }
    }

    private func attempts(_ disk: SimulatedDisk) -> Int {
        disk.calls.count { $0.kind == .lock && $0.path.hasSuffix("/checkpoint.lock") }
    }

    func testACheckpointThatTheDiskHasNoRoomForIsTriedAgainLaterAndLeavesNothingBehind() async throws {
        let disk = SimulatedDisk()
        let broker = broker(disk)
        disk.plan(.failForEver(ENOSPC).on(.write).at(path: "checkpoint.new"))
        try await fill(broker, 17 * segmentSize)
        try await eventually("one is tried") { self.attempts(disk) > 0 }
        let before = attempts(disk)
        // Calls, and the time that they take, are no reason to try again; one attempt may be under way.
        for _ in 0..<300 { _ = try await broker.counts() }
        XCTAssertLessThanOrEqual(attempts(disk), before + 1)
        XCTAssertFalse(disk.names("/queue").contains("checkpoint"))
        disk.mend()
        try await fill(broker, 3 * segmentSize)
        try await eventually("there is one") { disk.names("/queue").contains("checkpoint") }
        await broker.shutdown()
        XCTAssertFalse(disk.names("/queue").contains("checkpoint.new"))
    }

    func testACheckpointOfAnotherProcessIsNotWrittenASecondTime() async throws {
        let disk = SimulatedDisk()
        let (one, other) = (broker(disk), broker(disk))
        _ = try await one.counts()
        _ = try await other.counts()
        try await fill(one, 17 * segmentSize)
        try await eventually("there is one") { disk.names("/queue").contains("checkpoint") }
        // The other reads as much, and finds it.
        for _ in 0..<100 { _ = try await other.counts() }
        await one.shutdown()
        await other.shutdown()
        let written = disk.calls.count { $0.kind == .rename && $0.path.hasSuffix("/checkpoint.new") }
        XCTAssertLessThanOrEqual(written, 2)
        XCTAssertLessThanOrEqual(attempts(disk), 4)
    }
}
