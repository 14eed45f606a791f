import Foundation
import MailroomFiles
import Synchronization
import TestSupport
import XCTest

/// Scenarios that are run again and again, with a fault at each of their calls.
final class SimulatedDiskSweepTests: XCTestCase {
    private let flags = O_RDWR | O_CREAT

    func testASweepComesToEveryCallOnce() async throws {
        var faulty: [String] = []
        let count = await sweep(.fail(EINTR).on(.makeFolder, .open, .write, .sync)) { disk in
            let files = Disk(disk.process())
            try files.makeFolder("/folder")
            let file = try files.open("/folder/file", flags)
            try file.write([1, 2, 3], at: 0)
            try file.sync()
            XCTAssertEqual(disk.bytes("/folder/file"), [1, 2, 3])
            if let call = disk.faultyCall { faulty.append("\(call.kind) \(call.path)") }
        }
        XCTAssertEqual(
            faulty,
            [
                "makeFolder /folder", "open /", "sync /", "open /folder/file", "write /folder/file",
                "sync /folder/file",
            ])
        XCTAssertEqual(count, faulty.count)
    }

    func testASweepSaysAtWhichCallItFailed() async throws {
        let sweep = DiskSweep(fault: .fail(EIO))
        let (count, problem) = await sweep.run(at: 0..<100, failureCount: { 0 }) { disk in
            let file = try Disk(disk.process()).open("/file", O_RDWR | O_CREAT)
            try? file.write([1, 2, 3], at: 7)
            try file.sync()
        }
        XCTAssertEqual(count, 0)
        XCTAssertTrue(problem?.contains("call 0 of process 0: open /file → Input/output error") == true, problem ?? "")
        let later = await sweep.run(at: [1, 2], failureCount: { 0 }) { disk in
            let process = disk.process()
            let file = try await disk.withoutFaults { try Disk(process).open("/file", O_RDWR | O_CREAT) }
            try file.write([1, 2, 3], at: 7)
            try? file.sync()
            XCTAssertEqual(disk.bytes("/file")?.count, 10)
            withExtendedLifetime(file) { disk.killAll() }
            if disk.faultyCall?.kind == .sync { throw SeenAsAFailure() }
        }
        XCTAssertEqual(later.count, 0)
        XCTAssertTrue(later.problem?.contains("sync /file → Input/output error") == true, later.problem ?? "")
        let never = await sweep.run(at: [5], failureCount: { 0 }) { _ in }
        XCTAssertEqual(never.problem, "No call met the fault: Input/output error, once")
    }

    private struct SeenAsAFailure: Error {}

    // MARK: Processes that share a file

    /// Counts on in a file five times, under its lock; answers how often that was on the disk.
    private static func count(_ process: SimulatedProcess) -> Int {
        var count = 0
        do throws(FileError) {
            let file = try Disk(process).open("/count", O_RDWR)
            for _ in 0..<5 {
                try file.lock()
                defer { file.unlock() }
                let value = try file.bytes(8, at: 0)
                try file.write([value[0] + 1] + value[1...], at: 0)
                try file.sync()
                count += 1
            }
        } catch {
            XCTAssertEqual(error.code, EIO)
        }
        return count
    }

    private static func countTogether(_ processes: [SimulatedProcess]) -> Int {
        let total = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: processes.count) { index in
            _ = total.add(count(processes[index]), ordering: .relaxed)
        }
        return total.load(ordering: .relaxed)
    }

    func testProcessesThatShareAFileCountOnWhereOneOfThemDies() async {
        for moment in Fault.Moment.allCases {
            let calls = await sweep(.kill(moment).by(process: 0)) { disk in
                let processes = (0..<3).map { _ in disk.process() }
                try await disk.withoutFaults {
                    let files = Disk(processes[2])
                    try files.open("/count", flags).write([UInt8](repeating: 0, count: 8), at: 0)
                    try files.syncFolder("/")
                }
                let count = Self.countTogether(processes)
                XCTAssertGreaterThanOrEqual(count, 10, "the two others come to their ends")
                let value = Int(disk.bytes("/count")?.first ?? 0)
                XCTAssertTrue((count...count + 1).contains(value), "counted \(count), and there is \(value)")
                disk.losePower(keeping: .random)
                let left = Int(disk.bytes("/count")?.first ?? 0)
                XCTAssertTrue((count...count + 1).contains(left), "counted \(count), and \(left) is left")
            }
            XCTAssertEqual(calls, 22, "five times four, and the opening and closing of the file")
        }
    }
}
