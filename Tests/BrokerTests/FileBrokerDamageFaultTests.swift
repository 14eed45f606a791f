import Foundation
import Mailroom
import MailroomFiles
import TestSupport
import XCTest

@testable import MailroomFileBroker

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Damage to what lies on the disk: nothing acknowledged is missing without an error that names it, and nothing crashes.
final class FileBrokerDamageFaultTests: XCTestCase {
    /// A queue's folder with some segments, a checkpoint and a worker's file, and what was acknowledged.
    private func prepared() async throws -> (folder: QueueFolder, jobs: Set<JobID>) {
        let folder = QueueFolder()
        let broker = folder.broker(segmentSize: 8 << 10)
        var jobs: Set<JobID> = []
        let attachment = Attachment.Content(Array(repeating: 7, count: 500))
        _ = try await broker.enqueue([FileBrokerFaultSweepTests.made(for: "bob@example.org")])
        for index in 0..<16 {
            // Erasing writes a checkpoint and drops segments.
            if index == 10 { _ = try await broker.erase(recipient: "bob@example.org") }
            let submission = makeSubmission(
                payload: Array(repeating: UInt8(index), count: 2_500), attachments: index % 3 == 0 ? [attachment] : [])
            _ = try await broker.enqueue([submission])
            jobs.insert(submission.id)
        }
        await broker.shutdown()
        return (folder, jobs)
    }

    private enum Finding: Hashable { case allThere, named, lost }

    /// Opens a damaged folder, lists and leases everything: all jobs are there whole, or an error or a held job says
    /// what is wrong.
    private func look(_ folder: QueueFolder, _ jobs: Set<JobID>, hint: String) async -> Finding {
        let broker = folder.broker(segmentSize: 8 << 10)
        var finding = Finding.allThere
        do {
            let found = try await broker.jobs()
            if !jobs.isSubset(of: found) {
                XCTFail("\(hint): \(jobs.subtracting(found).count) acknowledged jobs are gone without a word")
                finding = .lost
            }
            var whole: Set<JobID> = []
            while case let leases = try await broker.lease(LeaseRequest(limit: 50)), !leases.isEmpty {
                for lease in leases {
                    XCTAssertEqual(lease.submission.payload.count, 2_500, hint)
                    whole.insert(lease.submission.id)
                }
            }
            for record in try await broker.records(of: Array(jobs.subtracting(whole))) where record != nil {
                XCTAssertEqual(record?.state, .held, hint)
                XCTAssertNotNil(record?.error, hint)
                finding = .named
            }
        } catch let error as BrokerError {
            XCTAssert([.corrupt, .unsupported, .segmentIsMissing].contains(error.code), "\(hint): \(error)")
            XCTAssertFalse(error.mayHaveStored, hint)
            XCTAssert(error.reason.contains(folder.path) || error.reason.contains(".log"), "\(hint): \(error)")
            finding = .named
        } catch {
            XCTFail("\(hint): \(error)")
        }
        await broker.shutdown()
        return finding
    }

    private func file(_ folder: QueueFolder, _ name: String) -> String { folder.path + "/" + name }

    func testNamesWhatAFlippedBitHasHit() async throws {
        let begin = ContinuousClock.now
        let (folder, jobs) = try await prepared()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        XCTAssert(names.contains("checkpoint"))
        let step = max(1, 997 / FaultRounds.factor)
        var count = 0
        for name in names where name.hasSuffix(".log") || name == "checkpoint" || name == "synced" {
            let whole = try folder.bytes(of: file(folder, name))
            let end = min(whole.count, (whole.lastIndex { $0 != 0 } ?? 0) + 64)
            for index in stride(from: count % 7, to: end, by: name == "synced" ? 1 : step) {
                let copy = try folder.copy()
                var bytes = whole
                bytes[index] ^= 1 << UInt8(index % 8)
                try copy.write(bytes, to: file(copy, name))
                _ = await look(copy, jobs, hint: "\(name), byte \(index)")
                count += 1
            }
        }
        print("survived \(count) flipped bits, in \(begin.duration(to: .now))")
    }

    func testReadsTheWholeLogWhereTheCheckpointIsDamagedOrGone() async throws {
        let (folder, jobs) = try await prepared()
        let path = file(folder, "checkpoint")
        let whole = try folder.bytes(of: path)
        for bytes in [[], Array(whole[..<100]), Array(whole.dropLast()), [UInt8](repeating: 0, count: whole.count)] {
            let copy = try folder.copy()
            try copy.write(bytes, to: file(copy, "checkpoint"))
            let finding = await look(copy, jobs, hint: "a checkpoint of \(bytes.count) bytes")
            XCTAssertEqual(finding, .allThere)
        }
    }

    func testDoesNotTakeTheCheckpointOfAnotherFolder() async throws {
        let (folder, jobs) = try await prepared()
        let (other, _) = try await prepared()
        try folder.write(try other.bytes(of: file(other, "checkpoint")), to: file(folder, "checkpoint"))
        let finding = await look(folder, jobs, hint: "another's checkpoint")
        XCTAssertEqual(finding, .allThere)
    }

    func testNamesASegmentThatIsCutOrMissing() async throws {
        let (folder, jobs) = try await prepared()
        let segments = try folder.segments()
        XCTAssertGreaterThan(segments.count, 3)
        var findings: Set<Finding> = []
        for segment in segments {
            let name = String(segment.split(separator: "/").last!)
            let bytes = try folder.bytes(of: segment)
            guard bytes.dropFirst(32).contains(where: { $0 != 0 }) else { continue }
            for size in [0, 10, 32, 100, 4_096] {
                let copy = try folder.copy()
                try copy.write(Array(bytes[..<size]), to: file(copy, name))
                findings.insert(await look(copy, jobs, hint: "\(name), cut to \(size)"))
            }
            let copy = try folder.copy()
            try FileManager.default.removeItem(atPath: file(copy, name))
            findings.insert(await look(copy, jobs, hint: "without \(name)"))
        }
        XCTAssert(findings.contains(.named), "nothing of what was cut was needed")
    }

    func testNamesAMissingFirstSegment() async throws {
        let folder = QueueFolder()
        let broker = folder.broker(segmentSize: 8 << 10)
        for _ in 0..<6 { _ = try await broker.enqueue([makeSubmission(payload: Array(repeating: 1, count: 2_500))]) }
        await broker.shutdown()
        try FileManager.default.removeItem(atPath: file(folder, "00000001.log"))
        try? FileManager.default.removeItem(atPath: file(folder, "checkpoint"))
        let reopened = folder.broker(segmentSize: 8 << 10)
        do {
            _ = try await reopened.counts()
            XCTFail("opened a queue whose beginning is gone")
        } catch {
            XCTAssertEqual(error.code, .corrupt)
            XCTAssert(error.reason.contains("00000001.log"), error.reason)
        }
        await reopened.shutdown()
    }

    /// Damage to a segment keeps it from being dropped: what it held may still be needed.
    func testDropsNoSegmentThatIsDamaged() async throws {
        let disk = SimulatedDisk(seed: 3)
        let trial = FaultTrial(disk)
        let member = trial.member()
        let submission = makeSubmission(payload: Array(repeating: 1, count: 600))
        await trial.submit(member, [submission])
        for index in 0..<12 {
            await trial.submit(member, [makeSubmission(payload: Array(repeating: UInt8(index), count: 3_000))])
        }
        await member.broker.shutdown()
        try CheckpointWriter.run(
            QueueSettings(
                folder: FaultTrial.folder, time: .system, segmentSize: 8 << 10, disk: Disk(disk.process()),
                boot: disk.bootID, createdAt: Date()))
        // The id of the first job, in the first record of arrivals.
        let path = FaultTrial.folder + "/00000001.log"
        let id = withUnsafeBytes(of: submission.id.low.littleEndian) { Array($0) }
        let place = try XCTUnwrap(disk.bytes(path)?.firstRange(of: id)?.lowerBound)
        let file = try Disk(disk.process()).open(path, O_RDWR)
        try file.write([id[0] ^ 1], at: place)
        let other = trial.member()
        do {
            _ = try await other.broker.enqueue([FileBrokerFaultSweepTests.made(for: "bob@example.org")])
            _ = try await other.broker.erase(recipient: "bob@example.org")
            XCTFail("dropped a segment that is damaged")
        } catch {
            XCTAssertEqual(error.code, .corrupt)
            XCTAssert(error.reason.contains("00000001.log"), error.reason)
        }
        XCTAssert(disk.names(FaultTrial.folder).contains("00000001.log"))
        await other.broker.shutdown()
    }

    func testTakesInWhatHasRoomOnADiskOfAnySize() async throws {
        let begin = ContinuousClock.now
        var count = 0
        for pages in stride(from: 0, to: 60, by: max(1, 3 / FaultRounds.factor)) {
            let disk = SimulatedDisk(seed: UInt64(pages), capacity: pages * 4096)
            let trial = FaultTrial(disk)
            let member = trial.member()
            for index in 0..<20 {
                await trial.submit(member, [makeSubmission(payload: Array(repeating: UInt8(index), count: 2_000))])
                if index % 4 == 3, let lease = await trial.lease(member, 1).first {
                    await trial.settle(member, lease, .finished)
                }
            }
            disk.killAll()
            if trial.ledger.order.contains(where: { trial.ledger[$0]!.arrival == .yes }) {
                let reader = trial.member()
                let jobs = try await reader.broker.jobs()
                for job in trial.ledger.order where trial.ledger[job]!.arrival == .yes {
                    XCTAssert(jobs.contains(job), "an acknowledged job is gone, on \(pages) pages")
                }
                for job in trial.ledger.order where trial.ledger[job]!.arrival == .no {
                    XCTAssertFalse(jobs.contains(job), "a refused job is there, on \(pages) pages")
                }
                await reader.broker.shutdown()
            }
            await member.broker.shutdown()
            count += 1
        }
        print("survived \(count) sizes of a disk, in \(begin.duration(to: .now))")
    }

    func testSaysWhatToDoWithAFolderThatCannotBeWritten() async throws {
        for fault in [Fault.failForEver(EROFS), .failForEver(EACCES)] {
            let disk = SimulatedDisk()
            let trial = FaultTrial(disk)
            disk.plan(fault.on(.write, .makeFolder, .link, .rename, .remove, .open))
            let member = trial.member()
            do {
                _ = try await member.broker.enqueue([makeSubmission()])
                XCTFail("wrote to a disk that cannot be written")
            } catch {
                XCTAssertEqual(error.code, .unavailable)
                XCTAssertFalse(error.mayHaveStored)
                XCTAssert(error.reason.contains("give"), error.reason)
            }
            await member.broker.shutdown()
        }
    }
}

extension BrokerError.Code {
    fileprivate static let segmentIsMissing = BrokerError.Code(rawValue: "segmentIsGone")
}
