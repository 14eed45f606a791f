import Foundation
import Mailroom
import MailroomFileBroker
import MailroomFiles
import TestSupport
import XCTest

/// A process that does nothing but submit, as a web request does.
final class FileBrokerSubmitOnlyTests: XCTestCase {
    private let folder = "/srv/queue"

    private func broker(_ disk: SimulatedDisk, _ process: SimulatedProcess) -> FileBroker {
        FileBroker(folder: folder, time: .system, segmentSize: 16 << 10, disk: Disk(process), boot: disk.bootID)
    }

    /// The place that the file `synced` names: number of the segment and offset.
    private func synced(_ disk: SimulatedDisk) throws -> (segment: Int, offset: Int) {
        let bytes = try XCTUnwrap(disk.bytes(folder + "/synced"))
        var reader = ByteReader(bytes)
        let place = try reader.fixed64()
        return (Int(place >> 32), Int(place & 0xFFFF_FFFF))
    }

    func testReadsNothingOfTheLogBeforeTheSyncedPlaceAndItsJobsAreLeasedByAnother() async throws {
        let disk = SimulatedDisk()
        let first = broker(disk, disk.process())
        for number in 0..<60 {
            _ = try await first.enqueue([makeSubmission(payload: Array(repeating: UInt8(number), count: 1000))])
        }
        let (segment, offset) = try synced(disk)
        XCTAssertGreaterThan(segment, 2)
        let process = disk.process()
        let submitter = broker(disk, process)
        let submissions = (0..<3).map { _ in makeSubmission(payload: Array("news".utf8)) }
        for submission in submissions {
            let admissions = try await submitter.enqueue([submission])
            XCTAssertEqual(admissions, [.queued(submission.id)])
        }
        let calls = disk.calls.filter { $0.process == process.number && $0.path.hasSuffix(".log") }
        XCTAssertFalse(calls.isEmpty)
        for call in calls {
            let number = try XCTUnwrap(Int(call.path.suffix(12).dropLast(4)))
            XCTAssertGreaterThanOrEqual(number, segment, "\(call)")
            // The header and the record behind it, which names the machine's start, are looked at.
            let isBeginning = call.offset + call.count <= 32 + 256
            guard call.kind == .read, number == segment, !isBeginning else { continue }
            XCTAssertGreaterThanOrEqual(call.offset, offset, "\(call)")
        }
        XCTAssertFalse(
            disk.calls.contains { $0.process == process.number && $0.path.hasSuffix("checkpoint") }, "nor a checkpoint")
        await submitter.shutdown()
        var leased: [JobID] = []
        while case let leases = try await first.lease(LeaseRequest(limit: 20)), !leases.isEmpty {
            leased += leases.map(\.submission.id)
        }
        XCTAssertEqual(leased.suffix(3), submissions.map(\.id)[...])
        XCTAssertEqual(leased.count, 63)
        await first.shutdown()
    }

    func testReadsTheQueueWhereAKeyMayHaveBeenUsedBefore() async throws {
        let disk = SimulatedDisk()
        let first = broker(disk, disk.process())
        let earlier = makeSubmission(key: "invoice 7")
        _ = try await first.enqueue([earlier])
        let submitter = broker(disk, disk.process())
        _ = try await submitter.enqueue([makeSubmission()])
        let admissions = try await submitter.enqueue([makeSubmission(key: "invoice 7")])
        XCTAssertEqual(admissions, [.duplicate(of: earlier.id)])
        let counts = try await submitter.counts()
        XCTAssertEqual(counts.first?[.ready], 2)
        await submitter.shutdown()
        await first.shutdown()
    }
}
