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

/// Looking at a queue, and repairing it, on a disk that cannot be written or does not give everything back.
final class FileBrokerVerifyFaultTests: XCTestCase {
    private func broker(_ calls: some SystemCalls) -> FileBroker {
        FileBroker(folder: "/queue", time: .system, segmentSize: 8 << 10, disk: Disk(calls))
    }

    private func repair(_ broker: FileBroker) async throws -> StoreRepair? {
        try await broker.repairStore(onlyLooking: false, { _, _ in }, isAgreed: { _ in true })
    }

    /// A queue of some segments on the disk. Answers its jobs, and those of them that damage has hit.
    private func filled(_ disk: SimulatedDisk, isDamaged: Bool) async throws -> (jobs: [JobID], hit: Set<Int>) {
        let broker = broker(disk.process())
        let submissions = (0..<24).map { makeSubmission(payload: Array(repeating: UInt8($0 + 1), count: 700)) }
        for start in stride(from: 0, to: 24, by: 4) {
            _ = try await broker.enqueue(Array(submissions[start..<start + 4]))
        }
        await broker.shutdown()
        let jobs = submissions.map(\.id)
        guard isDamaged else { return (jobs, []) }
        let bytes = try XCTUnwrap(disk.bytes("/queue/00000001.log"))
        let place = try XCTUnwrap(bytes.firstRange(of: submissions[5].payload)).lowerBound
        let file = try Disk(disk.process()).open("/queue/00000001.log", O_RDWR)
        try file.write([bytes[place] ^ 1], at: place)
        try file.sync()
        return (jobs, [5])
    }

    private func contents(_ disk: SimulatedDisk) -> [String: [UInt8]?] {
        Dictionary(uniqueKeysWithValues: disk.names("/queue").map { ($0, disk.bytes("/queue/" + $0)) })
    }

    // MARK: Read-only

    func testLooksAtAQueueOnADiskThatIsMountedReadOnly() async throws {
        for isDamaged in [false, true] {
            let disk = SimulatedDisk()
            _ = try await filled(disk, isDamaged: isDamaged)
            let before = contents(disk)
            let usual = try await broker(disk.process()).inspectStore { _, _ in }
            let broker = broker(ReadOnlyCalls(disk.process()))
            let inspection = try await broker.inspectStore { _, _ in }
            XCTAssertEqual(inspection.problems.map(\.meaning), usual.problems.map(\.meaning))
            XCTAssertEqual(inspection.problems.count, isDamaged ? 1 : 0)
            XCTAssertEqual(inspection.measures.map(\.count), usual.measures.map(\.count))
            let looked = try await broker.repairStore(onlyLooking: true, { _, _ in }, isAgreed: { _ in true })
            XCTAssertNil(looked)
            let error = await brokerError { _ = try await self.repair(broker) }
            XCTAssertEqual(error?.code, .unavailable)
            XCTAssertEqual(error?.reason.contains("on a disk that can be written"), true, error?.reason ?? "no error")
            XCTAssertEqual(contents(disk), before)
        }
    }

    // MARK: Reads that fail

    func testALookThatMeetsAFailedReadSaysSoOrFindsTheQueueSound() async {
        let others = Fault.fail(EIO).on(.open, .size, .names, .map)
        for fault in [Fault.fail(EIO).on(.read), .failForEver(EIO).on(.read), others] {
            let count = await sweep(fault) { disk in
                _ = try await disk.withoutFaults { try await filled(disk, isDamaged: false) }
                do {
                    let inspection = try await broker(disk.process()).inspectStore { _, _ in }
                    guard fault.description.contains("for ever"), disk.faultyCall?.path.hasSuffix(".log") == true
                    else { return }
                    XCTAssertFalse(inspection.problems.isEmpty, "called sound what cannot be read")
                } catch let error as BrokerError {
                    XCTAssertEqual(error.code, .unavailable, error.reason)
                    XCTAssertTrue(error.reason.contains("/queue"), error.reason)
                }
            }
            XCTAssertGreaterThan(count, 10)
        }
    }

    /// A disk that begins to fail in the middle of a repair must not be taken for damage that the repair was told of.
    func testARepairThatMeetsAFailedReadCostsNothing() async {
        for fault in [Fault.fail(EIO).on(.read), .failForEver(EIO).on(.read)] {
            let count = await sweep(fault) { disk in
                let (jobs, hit) = try await disk.withoutFaults { try await filled(disk, isDamaged: true) }
                _ = try? await repair(broker(disk.process()))
                disk.mend()
                let repairer = broker(disk.process())
                _ = try await repair(repairer)
                let after = try await repairer.inspectStore { _, _ in }
                XCTAssertEqual(after.problems.map(\.meaning), [])
                let reopened = broker(disk.process())
                let records = try await reopened.records(of: jobs)
                for (index, record) in records.enumerated() {
                    XCTAssertEqual(record?.state, hit.contains(index) ? .held : .ready, "job \(index)")
                }
                await reopened.shutdown()
            }
            XCTAssertGreaterThan(count, 10)
        }
    }

    // MARK: In the middle of a repair

    func testALookInTheMiddleOfARepairSaysThatItWasInterrupted() async {
        var interrupted = 0
        let count = await sweep(.kill(.after)) { disk in
            let (jobs, hit) = try await disk.withoutFaults { try await filled(disk, isDamaged: true) }
            _ = try? await repair(broker(disk.process()))
            disk.killAll()
            let inspection = try await broker(disk.process()).inspectStore { _, _ in }
            let isInterrupted = disk.names("/queue").contains("repairing")
            XCTAssertEqual(inspection.problems.contains { $0.file == "repairing" }, isInterrupted)
            if isInterrupted { interrupted += 1 }
            let opened = broker(disk.process())
            do {
                let records = try await opened.records(of: jobs)
                XCTAssertFalse(isInterrupted, "opened a queue that is being repaired")
                for (index, record) in records.enumerated() where !hit.contains(index) {
                    XCTAssertEqual(record?.state, .ready, "job \(index)")
                }
            } catch let error as BrokerError {
                XCTAssertEqual(error.code, isInterrupted ? .unavailable : .corrupt, error.reason)
                XCTAssertTrue(error.reason.contains("repair"), error.reason)
            }
            await opened.shutdown()
        }
        XCTAssertGreaterThan(count, 30)
        XCTAssertGreaterThan(interrupted, 3)
    }

    // MARK: Formats

    func testASegmentOfTheEarlierFormatAmongOthersIsNamedAndNothingIsTouched() async throws {
        let (folder, _) = try await QueueFolder.filled(segmentSize: 4 << 10, jobs: 30)
        let segments = try folder.segments()
        XCTAssertGreaterThan(segments.count, 2)
        _ = try folder.setFormat(1, of: segments[1])
        let before = try segments.map { try folder.bytes(of: $0) }
        for isRepair in [false, true] {
            let error = await brokerError {
                if isRepair { try await folder.repair() } else { _ = try await folder.inspect() }
            }
            XCTAssertEqual(error?.code, .unsupported)
            XCTAssertEqual(error?.reason.contains("00000002.log has format 1"), true, error?.reason ?? "no error")
        }
        XCTAssertEqual(try segments.map { try folder.bytes(of: $0) }, before)
        XCTAssertFalse(FileManager.default.fileExists(atPath: folder.path + "/damaged"))
    }
}
