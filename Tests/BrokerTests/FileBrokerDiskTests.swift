import Foundation
import Mailroom
import MailroomFileBroker
import TestSupport
import XCTest

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What only the system itself can show: the order of its calls, and a disk without room.
final class FileBrokerDiskTests: XCTestCase {
    func testAnswersASubmitOnlyAfterItsBytesWereSynced() async throws {
        let folder = QueueFolder()
        let broker = folder.broker()
        // Opens the queue and starts the thread that is to be watched.
        _ = try await broker.enqueue([makeSubmission()])
        let trace = folder.path + "-trace"
        let marker = folder.path + "-marker"
        defer { for path in [trace, marker] { try? FileManager.default.removeItem(atPath: path) } }
        let tracer = try SystemCallTrace(of: "pwrite64,fdatasync", into: trace)
        _ = try await broker.enqueue([makeSubmission(payload: Array("a letter to follow".utf8))])
        let file = open(marker, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        XCTAssertEqual(pwrite(file, "answered", 8, 0), 8)
        close(file)
        let deadline = ContinuousClock.now + .seconds(20)
        var lines: [Substring] = []
        while !lines.contains(where: { $0.contains("answered") }), ContinuousClock.now < deadline {
            await Task.yield()
            lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        }
        tracer.stop()
        let synced = try XCTUnwrap(
            lines.lastIndex { $0.contains("fdatasync") && $0.contains(folder.path) && $0.contains(".log") }, "no sync")
        let write = try XCTUnwrap(
            lines.firstIndex { $0.contains("pwrite64") && $0.contains(folder.path) && $0.contains(".log") }, "no write")
        let answered = try XCTUnwrap(lines.firstIndex { $0.contains("answered") }, "no answer")
        XCTAssertLessThan(write, synced)
        XCTAssertLessThan(synced, answered)
        await broker.shutdown()
    }

    func testRefusesNewJobsOnAFullDiskAndStillSettles() async throws {
        guard geteuid() == 0 else { throw XCTSkip("Only root can mount: other machines cannot be asked for that.") }
        let folder = QueueFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        guard run("/bin/mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", folder.path) == 0 else {
            throw XCTSkip("Nothing can be mounted here: the containers of CI forbid that even to root.")
        }
        let broker = FileBroker(folder: folder.path + "/queue", time: .system, segmentSize: 1 << 20)
        defer { _ = run("/bin/umount", "-l", folder.path) }
        var stored: Set<JobID> = []
        var refusal: BrokerError?
        while refusal == nil, stored.count < 1_000 {
            let submission = makeSubmission(payload: Array(repeating: 1, count: 20_000))
            do {
                _ = try await broker.enqueue([submission])
                stored.insert(submission.id)
            } catch {
                refusal = error
            }
        }
        XCTAssertEqual(refusal?.code, .full)
        XCTAssertEqual(refusal?.mayHaveStored, false)
        XCTAssertTrue(refusal?.reason.contains("free space") ?? false)
        XCTAssertGreaterThan(stored.count, 20)
        let leases = try await broker.lease(LeaseRequest(limit: 1))
        let results = try await broker.settle(
            leases.map {
                Settlement($0.id, report: DeliveryReport(all: $0.submission.recipients, .accepted), next: .finished)
            })
        XCTAssertEqual(results, [.settled(.finished)])
        await broker.shutdown()
        let reopened = FileBroker(folder: folder.path + "/queue", time: .system, segmentSize: 1 << 20)
        let found = try await reopened.jobs()
        XCTAssertEqual(found, stored)
        await reopened.shutdown()
    }

    func testHandsAJobToAnotherBrokerWithinAFewMilliseconds() async throws {
        let folder = QueueFolder()
        let (submitter, worker) = (folder.broker(), folder.broker())
        let clock = ContinuousClock()
        let arrivals = Task { () throws(BrokerError) -> [(JobID, ContinuousClock.Instant)] in
            var arrivals: [(JobID, ContinuousClock.Instant)] = []
            while arrivals.count < 30 {
                for lease in try await worker.lease(LeaseRequest(limit: 1, wait: .seconds(20))) {
                    arrivals.append((lease.submission.id, clock.now))
                }
            }
            return arrivals
        }
        var starts: [JobID: ContinuousClock.Instant] = [:]
        for _ in 0..<30 {
            let submission = makeSubmission()
            starts[submission.id] = clock.now
            _ = try await submitter.enqueue([submission])
            // The next job meets a worker that waits again.
            while try await worker.counts().first?[.leased] != starts.count { await Task.yield() }
        }
        let waits = try await arrivals.value.map { $0.1 - starts[$0.0]! }.sorted()
        // Far below the timer that stands in where the system does not tell of changes, and above a loaded machine.
        XCTAssertLessThan(waits[15], .milliseconds(100))
        print("submit here to lease there: median \(waits[15]), longest \(waits[29])")
        await submitter.shutdown()
        await worker.shutdown()
    }

    private func run(_ program: String, _ arguments: String...) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
