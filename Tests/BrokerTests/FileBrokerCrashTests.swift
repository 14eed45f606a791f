import Foundation
import Mailroom
import MailroomFileBroker
import XCTest

final class FileBrokerCrashTests: XCTestCase {
    /// A queue of three acknowledged jobs and a fourth whose writing was interrupted: the folder with the fourth whole,
    /// what was acknowledged, and where the fourth begins and ends.
    private func interrupted(
        payload: Int
    ) async throws -> (folder: QueueFolder, acknowledged: Set<JobID>, last: JobID, range: Range<Int>) {
        let folder = QueueFolder()
        let broker = folder.broker(segmentSize: 16 << 10)
        let submissions = (0..<3).map { makeSubmission(payload: Array(repeating: UInt8($0 + 1), count: 100)) }
        for submission in submissions { _ = try await broker.enqueue([submission]) }
        let segment = try folder.segments()[0]
        let start = (try folder.end(of: segment) + 7) & ~7
        let synced = try folder.bytes(of: folder.path + "/synced")
        let last = makeSubmission(payload: Array(repeating: 9, count: payload))
        _ = try await broker.enqueue([last])
        await broker.shutdown()
        // Nothing was said yet of the fourth being on the disk.
        try folder.write(synced, to: folder.path + "/synced")
        return (folder, Set(submissions.map(\.id)), last.id, start..<(try folder.end(of: segment)))
    }

    func testCutsAnInterruptedWriteAtEveryByteOfTheLastRecord() async throws {
        let (folder, acknowledged, _, range) = try await interrupted(payload: 40)
        let segment = try folder.segments()[0]
        let whole = try folder.bytes(of: segment)
        for end in range {
            var bytes = whole
            for index in end..<range.upperBound { bytes[index] = 0 }
            guard bytes != whole else { continue }
            try folder.write(bytes, to: segment)
            let broker = folder.broker(segmentSize: 16 << 10)
            let found = try await broker.jobs()
            XCTAssertEqual(found, acknowledged, "cut at \(end)")
            let next = makeSubmission()
            _ = try await broker.enqueue([next])
            await broker.shutdown()
            let reopened = folder.broker(segmentSize: 16 << 10)
            let all = try await reopened.jobs()
            XCTAssertEqual(all, acknowledged.union([next.id]), "cut at \(end)")
            await reopened.shutdown()
            try FileManager.default.removeItem(atPath: folder.path + "/synced")
        }
    }

    func testCutsALastRecordThatIsWrongInAnyByte() async throws {
        let (folder, acknowledged, _, range) = try await interrupted(payload: 40)
        let segment = try folder.segments()[0]
        let whole = try folder.bytes(of: segment)
        for index in range {
            var bytes = whole
            bytes[index] ^= 0x40
            try folder.write(bytes, to: segment)
            let broker = folder.broker(segmentSize: 16 << 10)
            let found = try await broker.jobs()
            XCTAssertEqual(found, acknowledged, "wrong at \(index)")
            await broker.shutdown()
            XCTAssertEqual((try folder.end(of: segment) + 7) & ~7, range.lowerBound)
        }
    }

    func testCutsASegmentFileThatEndsEarly() async throws {
        let (folder, acknowledged, _, range) = try await interrupted(payload: 3_000)
        let segment = try folder.segments()[0]
        let whole = try folder.bytes(of: segment)
        for end in [range.lowerBound, range.lowerBound + 1, range.lowerBound + 23, range.lowerBound + 24, 2_000] {
            try folder.write(Array(whole[..<end]), to: segment)
            let broker = folder.broker(segmentSize: 16 << 10)
            let found = try await broker.jobs()
            XCTAssertEqual(found, acknowledged, "ends at \(end)")
            let next = makeSubmission()
            _ = try await broker.enqueue([next])
            await broker.shutdown()
            let reopened = folder.broker(segmentSize: 16 << 10)
            let all = try await reopened.jobs()
            XCTAssertEqual(all, acknowledged.union([next.id]))
            await reopened.shutdown()
            try FileManager.default.removeItem(atPath: folder.path + "/synced")
        }
    }

    func testCutsWhatAnInterruptedWriteLeftBehindAGap() async throws {
        let (folder, acknowledged, _, range) = try await interrupted(payload: 9_000)
        let segment = try folder.segments()[0]
        var bytes = try folder.bytes(of: segment)
        for index in range.lowerBound..<range.lowerBound + 4_096 { bytes[index] = 0 }
        try folder.write(bytes, to: segment)
        let broker = folder.broker(segmentSize: 16 << 10)
        let found = try await broker.jobs()
        XCTAssertEqual(found, acknowledged)
        XCTAssertEqual((try folder.end(of: segment) + 7) & ~7, range.lowerBound)
        await broker.shutdown()
    }

    func testKeepsAWholeRecordThatWasNeverAcknowledged() async throws {
        let (folder, acknowledged, last, _) = try await interrupted(payload: 40)
        let broker = folder.broker(segmentSize: 16 << 10)
        let found = try await broker.jobs()
        XCTAssertEqual(found, acknowledged.union([last]))
        await broker.shutdown()
    }

    func testReportsAFlippedBitBeforeAcknowledgedRecords() async throws {
        let folder = QueueFolder()
        let broker = folder.broker(segmentSize: 16 << 10)
        for index in 0..<20 {
            _ = try await broker.enqueue([makeSubmission(payload: Array(repeating: 1, count: index))])
        }
        await broker.shutdown()
        let segment = try folder.segments()[0]
        let whole = try folder.bytes(of: segment)
        let end = try folder.end(of: segment)
        // Even where the file that says how much was on the disk is lost.
        try FileManager.default.removeItem(atPath: folder.path + "/synced")
        for index in [32, 36, 40, 48, 60, 200, end / 2, end / 2 + 1, end - 800] {
            var bytes = whole
            bytes[index] ^= 1
            try folder.write(bytes, to: segment)
            let reopened = folder.broker(segmentSize: 16 << 10)
            do {
                _ = try await reopened.counts()
                XCTFail("did not notice the change at \(index)")
            } catch {
                XCTAssertEqual(error.code, .corrupt)
                XCTAssertFalse(error.mayHaveStored)
                XCTAssertTrue(error.reason.contains("00000001.log is damaged at offset"), error.reason)
            }
            await reopened.shutdown()
            XCTAssertEqual(try folder.bytes(of: segment), bytes, "changed what a person has to look at")
        }
    }

    func testReportsDamageToTheLastAcknowledgedRecord() async throws {
        let folder = QueueFolder()
        let broker = folder.broker(segmentSize: 16 << 10)
        _ = try await broker.enqueue([makeSubmission(payload: Array(repeating: 1, count: 500))])
        await broker.shutdown()
        let segment = try folder.segments()[0]
        var bytes = try folder.bytes(of: segment)
        bytes[try folder.end(of: segment) - 20] ^= 1
        try folder.write(bytes, to: segment)
        let reopened = folder.broker(segmentSize: 16 << 10)
        do {
            _ = try await reopened.counts()
            XCTFail("dropped an acknowledged job in silence")
        } catch {
            XCTAssertEqual(error.code, .corrupt)
        }
        await reopened.shutdown()
    }

    func testHoldsAJobWhoseContentWasDamagedAfterOpening() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        let damaged = makeSubmission(payload: Array(repeating: 0xAB, count: 500))
        let sound = makeSubmission()
        _ = try await broker.enqueue([damaged])
        _ = try await broker.enqueue([sound])
        let segment = try folder.segments()[0]
        let place = try XCTUnwrap(try folder.bytes(of: segment).firstRange(of: damaged.payload)?.lowerBound)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: segment))
        try file.seek(toOffset: UInt64(place + 100))
        try file.write(contentsOf: Data([0xAC]))
        try file.close()
        let leases = try await broker.lease(LeaseRequest(limit: 10))
        XCTAssertEqual(leases.map(\.submission.id), [sound.id])
        let records = try await broker.records(of: [damaged.id])
        XCTAssertEqual(records[0]?.state, .held)
        XCTAssertTrue(records[0]?.error?.contains("is damaged") ?? false)
        await broker.shutdown()
    }

    func testHasEveryAcknowledgedJobInACopyTakenAtAnyMoment() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        _ = try await broker.enqueue([makeSubmission()])
        let acknowledged = Acknowledged()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for _ in 0..<120 {
                        let submission = makeSubmission(payload: Array(repeating: UInt8(writer), count: 900))
                        _ = try await broker.enqueue([submission])
                        await acknowledged.insert(submission.id)
                    }
                }
            }
            group.addTask {
                for _ in 0..<6 {
                    let before = await acknowledged.ids
                    let copy = try folder.copyUnderWay()
                    let reopened = copy.broker()
                    let found = try await reopened.jobs()
                    XCTAssertTrue(found.isSuperset(of: before))
                    await reopened.shutdown()
                }
            }
            try await group.waitForAll()
        }
        let all = await acknowledged.ids
        XCTAssertEqual(all.count, 960)
        await broker.shutdown()
    }
}

private actor Acknowledged {
    var ids: Set<JobID> = []
    func insert(_ id: JobID) { ids.insert(id) }
}
