import Foundation
import MailroomFiles
import Synchronization
import TestSupport
import XCTest

/// Locks, ends of processes, room and faults on a simulated disk.
final class SimulatedDiskTests: XCTestCase {
    private let disk = SimulatedDisk(seed: 7)
    private let flags = O_RDWR | O_CREAT

    private func bytes(_ value: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: value, count: count) }

    // MARK: Locks

    func testALockBelongsToAnOpenFile() throws {
        let (one, two) = (Disk(disk.process()), Disk(disk.process()))
        let first = try one.open("/lock", flags)
        let second = try one.open("/lock", flags)
        var third: File? = try two.open("/lock", flags)
        XCTAssertTrue(first.tryLock())
        XCTAssertTrue(first.tryLock(), "it has it already")
        XCTAssertFalse(second.tryLock(), "another open file, if of the same process")
        XCTAssertFalse(third!.tryLock())
        first.unlock()
        XCTAssertTrue(third!.tryLock())
        XCTAssertFalse(first.tryLock())
        third = nil
        XCTAssertTrue(second.tryLock(), "closing gives it back")
    }

    func testWhoeverWaitsForALockGetsItWhenItsHolderDies() throws {
        let holder = disk.process()
        let held = try Disk(holder).open("/lock", flags)
        try held.lock()
        let got = Mutex(0)
        let waits = DispatchGroup()
        for _ in 0..<3 {
            let process = disk.process()
            waits.enter()
            Thread.detachNewThread {
                defer { waits.leave() }
                guard let file = try? Disk(process).open("/lock", O_RDWR), (try? file.lock()) != nil else { return }
                got.withLock { $0 += 1 }
            }
        }
        waitForCalls(.lock, 4)
        XCTAssertEqual(got.withLock { $0 }, 0)
        holder.kill()
        XCTAssertEqual(waits.wait(timeout: .now() + 20), .success)
        XCTAssertEqual(got.withLock { $0 }, 3)
    }

    func testAProcessThatDiesStopsWaiting() throws {
        let held = try Disk(disk.process()).open("/lock", flags)
        try held.lock()
        let waiting = disk.process()
        let code = Mutex<Int32?>(nil)
        let end = DispatchGroup()
        DispatchQueue.global().async(group: end) {
            do throws(FileError) {
                try Disk(waiting).open("/lock", O_RDWR).lock()
            } catch {
                code.withLock { $0 = error.code }
            }
        }
        waitForCalls(.lock, 2)
        waiting.kill()
        XCTAssertEqual(end.wait(timeout: .now() + 20), .success)
        XCTAssertEqual(code.withLock { $0 }, EIO)
        XCTAssertFalse(try Disk(disk.process()).open("/lock", O_RDWR).tryLock(), "it is still the first's")
    }

    /// Returns once so many calls of a kind were made.
    private func waitForCalls(_ kind: RecordedCall.Kind, _ count: Int) {
        let deadline = ContinuousClock.now + .seconds(20)
        while disk.calls.count(where: { $0.kind == kind }) < count, .now < deadline { sched_yield() }
    }

    func testADeadProcessChangesNothing() throws {
        let process = disk.process()
        let file = try Disk(process).open("/file", flags)
        try file.write([1, 2, 3], at: 0)
        process.kill()
        XCTAssertFalse(process.isAlive)
        XCTAssertThrowsError(try file.write([9], at: 0))
        XCTAssertThrowsError(try Disk(process).open("/other", flags))
        XCTAssertEqual(disk.bytes("/file"), [1, 2, 3])
        XCTAssertEqual(disk.names("/"), ["file"])
    }

    // MARK: Room and faults

    func testAFullDiskTakesWhatFitsAndThenNothing() throws {
        let disk = SimulatedDisk(capacity: 3 * 4096)
        let process = disk.process()
        let file = try Disk(process).open("/file", flags)
        let much = bytes(1, 20_000)
        XCTAssertEqual(much.withUnsafeBytes { process.write(file.descriptor, $0, at: 100) }, 3 * 4096 - 100)
        XCTAssertEqual(much.withUnsafeBytes { process.write(file.descriptor, $0, at: 3 * 4096) }, -Int(ENOSPC))
        XCTAssertNoThrow(try file.write(bytes(2, 3 * 4096), at: 0), "what is there can be overwritten")
        XCTAssertThrowsError(try Disk(process).open("/other", flags).write([1], at: 0))
        try file.truncate(to: 4096)
        XCTAssertNoThrow(try Disk(process).open("/other", flags).write([1], at: 0))
        XCTAssertThrowsError(try file.allocate(from: 0, to: 3 * 4096)) {
            XCTAssertTrue(($0 as? FileError)?.hasNoRoom == true)
        }
        try Disk(process).remove("/other")
        XCTAssertNoThrow(try file.allocate(from: 0, to: 3 * 4096))
    }

    func testAFaultComesAtItsCallAndAtNoOther() throws {
        let process = disk.process()
        let file = try Disk(process).open("/file", flags)
        disk.plan(.fail(EINTR).on(.write), atCall: 0)
        disk.plan(.fail(ENOSPC).on(.write).at(path: "file"), atCall: 2)
        XCTAssertNoThrow(try file.write([1], at: 0), "what is interrupted is tried again")
        XCTAssertNoThrow(try file.write([2], at: 1))
        XCTAssertThrowsError(try file.write([3], at: 2))
        XCTAssertNoThrow(try file.write([4], at: 2))
        XCTAssertEqual(disk.bytes("/file"), [1, 2, 4])
        XCTAssertEqual(disk.faultyCall?.kind, .write)
        XCTAssertEqual(disk.faultyCall?.answer, -Int(EINTR))
        disk.plan(.failForEver(EIO).on(.read))
        for _ in 0..<3 { XCTAssertThrowsError(try file.bytes(1, at: 0)) }
        disk.mend()
        XCTAssertEqual(try file.bytes(9, at: 0), [1, 2, 4])
    }

    func testAProcessDiesBeforeInOrAfterItsCall() throws {
        for (moment, left) in [(Fault.Moment.before, []), (.during, bytes(1, 500)), (.after, bytes(1, 1000))] {
            let disk = SimulatedDisk()
            let process = disk.process()
            let file = try Disk(process).open("/file", flags)
            disk.plan(.kill(moment).on(.write))
            XCTAssertThrowsError(try file.write(bytes(1, 1000), at: 0))
            XCTAssertEqual(disk.bytes("/file"), left)
            XCTAssertFalse(process.isAlive)
            XCTAssertNil(disk.faultyCall?.answer, "it did not see it")
        }
    }

    // MARK: Past the cache

    func testWhatIsWrittenPastTheCacheStandsOnWholeSectors() throws {
        let process = disk.process()
        let file = try Disk(process).open("/file", flags)
        try file.write([1, 2, 3], at: 0)
        try file.extend(from: 3, to: 3 << 20)
        XCTAssertEqual(try file.size(), 3 << 20)
        XCTAssertEqual(disk.bytes("/file")?.prefix(4), [1, 2, 3, 0])
        let directCalls = disk.calls.filter { $0.kind == .open }.count
        XCTAssertEqual(directCalls, 2, "the file was opened a second time for it")
        #if canImport(Glibc)
            let direct = try XCTUnwrap(disk.calls.last { $0.kind == .open }?.answer)
            XCTAssertEqual(disk.calls.last { $0.kind == .write }?.offset, (1 << 20) * 2 + 4096)
            XCTAssertGreaterThan(direct, Int(file.descriptor))
        #endif
    }
}
