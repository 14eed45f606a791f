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

/// A repair that is ended at any of its system calls.
final class FileBrokerVerifyCrashTests: XCTestCase {
    private func broker(_ disk: SimulatedDisk) -> FileBroker {
        FileBroker(folder: "/queue", time: .system, segmentSize: 8 << 10, disk: Disk(disk.process()))
    }

    /// A damaged queue of two segments on the disk. Answers its jobs.
    private func damaged(_ disk: SimulatedDisk) async throws -> [JobID] {
        let broker = broker(disk)
        let submissions = (0..<24).map { makeSubmission(payload: Array(repeating: UInt8($0 + 1), count: 400)) }
        for start in stride(from: 0, to: 24, by: 4) {
            _ = try await broker.enqueue(Array(submissions[start..<start + 4]))
        }
        await broker.shutdown()
        let bytes = try XCTUnwrap(disk.bytes("/queue/00000001.log"))
        let place = try XCTUnwrap(bytes.firstRange(of: submissions[5].payload)).lowerBound
        let file = try Disk(disk.process()).open("/queue/00000001.log", O_RDWR)
        try file.write([bytes[place] ^ 1], at: place)
        try file.sync()
        return submissions.map(\.id)
    }

    private func check(_ disk: SimulatedDisk, _ jobs: [JobID]) async throws {
        let repairer = broker(disk)
        _ = try await repairer.repairStore(onlyLooking: false, { _, _ in }, isAgreed: { _ in true })
        let after = try await repairer.inspectStore { _, _ in }
        XCTAssertEqual(after.problems.map(\.meaning), [])
        let reopened = broker(disk)
        let records = try await reopened.records(of: jobs)
        for (index, record) in records.enumerated() {
            XCTAssertEqual(record?.state, index == 5 ? .held : .ready, "job \(index)")
        }
        await reopened.shutdown()
    }

    private func sweepRepair(_ fault: Fault, _ end: (SimulatedDisk) -> Void) async -> Int {
        await sweep(fault) { disk in
            let jobs = try await disk.withoutFaults { try await damaged(disk) }
            _ = try? await broker(disk).repairStore(onlyLooking: false, { _, _ in }, isAgreed: { _ in true })
            end(disk)
            try await check(disk, jobs)
        }
    }

    func testARepairKilledAtAnyCallIsDoneByTheNext() async {
        let count = await sweepRepair(.kill(.before)) { $0.killAll() }
        XCTAssertGreaterThan(count, 30)
    }

    func testARepairHalfDoneAtAnyWriteIsDoneByTheNext() async {
        let count = await sweepRepair(.kill(.during).on(.write, .rename, .remove)) { $0.killAll() }
        XCTAssertGreaterThan(count, 5)
    }

    func testARepairThatLosesPowerAtAnyCallIsDoneByTheNext() async {
        for survival in Survival.allCases {
            let count = await sweepRepair(.powerLoss(keeping: survival)) { $0.losePower(keeping: survival) }
            XCTAssertGreaterThan(count, 30)
        }
    }

    func testARepairMeetingAFullDiskAtAnyCallIsDoneByTheNext() async {
        let count = await sweepRepair(.fail(ENOSPC).on(.write, .truncate, .open, .sync)) { $0.mend() }
        XCTAssertGreaterThan(count, 5)
    }
}
