import Foundation
import Mailroom
import MailroomFileBroker
import TestSupport
import XCTest

final class FileBrokerVerifyTests: XCTestCase {
    func testASoundQueueHasNoProblemsAndIsCounted() async throws {
        let (folder, jobs) = try await QueueFolder.filled()
        let inspection = try await folder.inspect()
        XCTAssertEqual(inspection.problems.map(\.meaning), [])
        XCTAssertEqual(inspection.jobs, [.ready: 3, .scheduled: 1, .finished: 2])
        XCTAssertEqual(inspection.measures.first { $0.name == "jobs" }?.count, jobs.count)
        XCTAssertEqual(inspection.measures.first { $0.name == "attachments" }?.count, 1)
    }

    func testAQueueOfManySegmentsIsSoundWhileItIsUsed() async throws {
        let folder = QueueFolder()
        let broker = folder.broker(segmentSize: 16 << 10)
        let work = Task { () async throws -> Void in
            for _ in 0..<40 {
                _ = try await broker.enqueue(
                    (0..<10).map { _ in makeSubmission(payload: Array(repeating: 3, count: 200)) })
                for lease in try await broker.lease(LeaseRequest(limit: 8)) {
                    _ = try await broker.settle([
                        Settlement(
                            lease.id, report: DeliveryReport(all: lease.submission.recipients, .accepted),
                            next: .finished)
                    ])
                }
            }
        }
        while !FileManager.default.fileExists(atPath: folder.path + "/synced") { await Task.yield() }
        for _ in 0..<10 {
            let inspection = try await folder.inspect()
            XCTAssertEqual(inspection.problems.map { "\($0.file) \($0.offset ?? -1) \($0.meaning)" }, [])
        }
        try await work.value
        do {
            _ = try await folder.repair()
            XCTFail("repaired under a process that has it open")
        } catch let error as BrokerError {
            XCTAssertEqual(error.code, .unavailable)
            XCTAssertTrue(error.reason.contains("has the queue"), error.reason)
        }
        await broker.shutdown()
        let last = try await folder.inspect()
        XCTAssertEqual(last.problems.map(\.meaning), [])
        let nothing = try await folder.repair()
        XCTAssertNil(nothing)
    }

    /// Every seventh byte of the log wrong in turn; every single one with `MAILROOM_EVERY_BYTE=1`.
    func testNamesWhatAWrongByteCostsAndMakesTheQueueUsable() async throws {
        let (folder, jobs) = try await QueueFolder.filled(jobs: 4)
        let segment = try folder.segments()[0]
        let whole = try folder.bytes(of: segment)
        let end = (try folder.end(of: segment) + 7) & ~7
        let before = try await folder.states()
        let step = ProcessInfo.processInfo.environment["MAILROOM_EVERY_BYTE"] == "1" ? 1 : 7
        for index in stride(from: 0, to: end, by: step) {
            let copy = try folder.copy()
            var bytes = whole
            bytes[index] ^= 0x41
            try copy.write(bytes, to: try copy.segments()[0])
            let inspection = try await copy.inspect()
            // Bytes that fill a record up to a multiple of eight mean nothing.
            if inspection.problems.isEmpty {
                let same = try await copy.states()
                XCTAssertEqual(same, before, "unnoticed at \(index)")
                continue
            }
            let repair = try await copy.repair()
            let after = try await copy.inspect()
            XCTAssertEqual(after.problems.map(\.meaning), [], "wrong at \(index)")
            let states = try await copy.states()
            let named = Set(repair?.jobs.map(\.id) ?? [])
            for job in jobs {
                // Where a record is lost with the ids in it, it is told where it stood.
                let isTold = inspection.problems.contains { problem in
                    guard problem.loss != .none else { return false }
                    if problem.jobs.contains(job) { return true }
                    guard segment.hasSuffix(problem.file), let start = problem.offset, let length = problem.length,
                        start..<start + length ~= index
                    else { return false }
                    return whole[start..<min(start + length, end)].firstRange(of: QueueFolder.bytes(of: job)) != nil
                }
                XCTAssertTrue(
                    states[job] == before[job] || named.contains(job) || isTold,
                    "job \(job) is \(states[job].map { "\($0)" } ?? "gone") without a word, wrong at \(index)")
                if before[job] == .finished { XCTAssertNotEqual(states[job], .ready, "sent again, wrong at \(index)") }
            }
        }
    }

    func testOneWrongByteInARecordOfManyJobsCostsOneJobAtMost() async throws {
        let folder = QueueFolder()
        let broker = folder.broker(segmentSize: 16 << 10)
        let submissions = (0..<8).map { makeSubmission(payload: Array(repeating: UInt8(0xA0 + $0), count: 120)) }
        _ = try await broker.enqueue(submissions)
        _ = try await broker.enqueue([makeSubmission()])
        await broker.shutdown()
        let segment = try folder.segments()[0]
        var bytes = try folder.bytes(of: segment)
        let place = try XCTUnwrap(bytes.firstRange(of: submissions[3].payload)).lowerBound
        bytes[place + 5] ^= 1
        try folder.write(bytes, to: segment)
        let inspection = try await folder.inspect()
        XCTAssertEqual(inspection.problems.count, 1)
        XCTAssertEqual(inspection.problems[0].loss, .certain)
        try await folder.repair()
        let states = try await folder.states()
        XCTAssertEqual(states.count, 9)
        for submission in submissions {
            XCTAssertEqual(states[submission.id], submission.id == submissions[3].id ? .held : .ready)
        }
        let reopened = folder.broker(segmentSize: 16 << 10)
        let leases = try await reopened.lease(LeaseRequest(limit: 10))
        XCTAssertEqual(leases.count, 8)
        XCTAssertEqual(
            leases.first { $0.submission.id == submissions[5].id }?.submission.payload, submissions[5].payload)
        await reopened.shutdown()
    }

    func testSegmentsThatChangedPlacesGetTheirNamesBack() async throws {
        let (folder, _) = try await QueueFolder.filled(segmentSize: 4 << 10, jobs: 30)
        let before = try await folder.states()
        let segments = try folder.segments()
        XCTAssertGreaterThan(segments.count, 2)
        let (first, second) = (try folder.bytes(of: segments[0]), try folder.bytes(of: segments[1]))
        try folder.write(second, to: segments[0])
        try folder.write(first, to: segments[1])
        let inspection = try await folder.inspect()
        XCTAssertEqual(inspection.problems.filter { $0.meaning.contains("wrong name") }.count, 2)
        try await folder.repair()
        let (after, states) = (try await folder.inspect(), try await folder.states())
        XCTAssertEqual(after.problems.map(\.meaning), [])
        XCTAssertEqual(states, before)
    }

    func testAMissingSegmentIsNamedAndTheRestIsUsable() async throws {
        let (folder, jobs) = try await QueueFolder.filled(segmentSize: 4 << 10, jobs: 30)
        let segments = try folder.segments()
        try FileManager.default.removeItem(atPath: segments[1])
        let inspection = try await folder.inspect()
        XCTAssertTrue(inspection.problems.contains { $0.file == "00000002.log" && $0.loss == .certain })
        try await folder.repair()
        let (after, states) = (try await folder.inspect(), try await folder.states())
        XCTAssertEqual(after.problems.map(\.meaning), [])
        XCTAssertTrue(Set(states.keys).isSubset(of: jobs))
    }

    func testFilesOfOthersAndModesAreNamedAndMovedAside() async throws {
        let (folder, _) = try await QueueFolder.filled()
        try folder.write([1], to: folder.path + "/notes.txt")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.path + "/synced")
        try folder.write(Array("not a checkpoint".utf8), to: folder.path + "/checkpoint")
        let inspection = try await folder.inspect()
        XCTAssertTrue(Set(inspection.problems.map(\.file)).isSuperset(of: ["notes.txt", "synced", "checkpoint"]))
        try await folder.repair()
        let after = try await folder.inspect()
        XCTAssertEqual(after.problems.map(\.meaning), [])
        XCTAssertEqual(try folder.bytes(of: folder.path + "/damaged/notes.txt"), [1])
    }

    func testAFolderThatIsNoQueueIsRefusedAndNotTouched() async throws {
        let folder = QueueFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try folder.write([1, 2, 3], to: folder.path + "/00000001.log")
        for isRepair in [false, true] {
            do {
                if isRepair { try await folder.repair() } else { _ = try await folder.inspect() }
                XCTFail("took a log file for a queue")
            } catch let error as BrokerError {
                XCTAssertEqual(error.code, .noStore)
            }
        }
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path), ["00000001.log"])
    }

    func testANewerFormatIsRefused() async throws {
        let folder = try await QueueFolder.filled().folder
        let segment = try folder.segments()[0]
        let bytes = try folder.setFormat(3, of: segment)
        do {
            try await folder.repair()
            XCTFail("repaired what it does not know")
        } catch let error as BrokerError {
            XCTAssertEqual(error.code, .unsupported)
            XCTAssertTrue(error.reason.contains("format 3"), error.reason)
        }
        XCTAssertEqual(try folder.bytes(of: segment), bytes)
    }

    func testTheFormatBeforeTheFirstReleaseIsRefusedAndSaysWhatToDo() async throws {
        let folder = try await QueueFolder.filled().folder
        let segment = try folder.segments()[0]
        let bytes = try folder.setFormat(1, of: segment)
        let broker = folder.broker(segmentSize: 16 << 10)
        let ways: [(String, () async throws -> Void)] = [
            ("submit", { _ = try await broker.enqueue([makeSubmission()]) }),
            ("lease", { _ = try await broker.lease(LeaseRequest()) }),
            ("verify", { _ = try await folder.inspect() }), ("repair", { _ = try await folder.repair() }),
        ]
        for (name, way) in ways {
            if name == "verify" { await broker.shutdown() }
            let error = await brokerError { try await way() }
            XCTAssertEqual(error?.code, .unsupported, name)
            let says = error?.reason ?? ""
            XCTAssertTrue(says.contains("00000001.log has format 1"), "\(name): \(says)")
            XCTAssertTrue(
                says.contains("finish its jobs with the program that wrote them, then give the queue a new folder"),
                "\(name): \(says)")
        }
        XCTAssertEqual(try folder.bytes(of: segment), bytes)
    }

    func testALogCutShortIsNamedAtEveryLength() async throws {
        let (folder, jobs) = try await QueueFolder.filled(jobs: 4)
        let segment = try folder.segments()[0]
        let whole = try folder.bytes(of: segment)
        let end = (try folder.end(of: segment) + 7) & ~7
        for length in stride(from: 0, to: end, by: 61) {
            let copy = try folder.copy()
            try copy.write(Array(whole[..<length]), to: try copy.segments()[0])
            let inspection = try await copy.inspect()
            XCTAssertTrue(inspection.problems.contains { $0.loss == .certain }, "cut at \(length)")
            try await copy.repair()
            let (after, states) = (try await copy.inspect(), try await copy.states())
            XCTAssertEqual(after.problems.map(\.meaning), [], "cut at \(length)")
            XCTAssertTrue(Set(states.keys).isSubset(of: jobs))
        }
    }
}
