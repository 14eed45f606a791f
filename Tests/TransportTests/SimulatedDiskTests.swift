import Foundation
import MailroomFiles
import Synchronization
import TestSupport
import XCTest

/// Locks, ends of processes, losses of power and faults on a simulated disk.
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

    // MARK: Loss of power

    func testALossOfPowerDropsExactlyWhatWasNotSynced() throws {
        let one = Disk(disk.process())
        let two = Disk(disk.process())
        let first = try one.open("/kept", flags)
        try one.syncFolder("/")
        let same = try two.open("/kept", flags)
        let unnamed = try one.open("/unnamed", flags)
        try first.write(bytes(1, 6000), at: 0)
        try same.write(bytes(2, 1000), at: 8000)
        try unnamed.write(bytes(3, 100), at: 0)
        try unnamed.sync()
        try first.sync()
        try first.write(bytes(4, 10), at: 0)
        try same.write(bytes(5, 10), at: 9500)
        disk.losePower(keeping: .synced)
        XCTAssertEqual(disk.names("/"), ["kept"])
        XCTAssertEqual(disk.bytes("/kept"), bytes(1, 6000) + bytes(0, 2000) + bytes(2, 1000), "synced for both of them")
        XCTAssertThrowsError(try first.size(), "its process is dead")
    }

    func testNamesAreChangedOnTheDiskByASyncOfTheirFolderAlone() throws {
        let files = Disk(disk.process())
        try files.makeFolder("/folder/deep")
        for name in ["a", "b", "c"] { try files.open("/folder/\(name)", flags).sync() }
        try files.syncFolder("/folder")
        try files.rename("/folder/a", to: "/folder/b")
        try files.remove("/folder/c")
        XCTAssertTrue(try files.link("/folder/b", as: "/folder/d"))
        XCTAssertEqual(disk.names("/folder"), ["b", "d", "deep"])
        disk.losePower(keeping: .synced)
        XCTAssertEqual(disk.names("/folder"), ["a", "b", "c", "deep"])
        let again = Disk(disk.process())
        try again.rename("/folder/a", to: "/folder/deep/x")
        try again.syncFolder("/folder/deep")
        disk.losePower(keeping: .synced)
        XCTAssertEqual(disk.names("/folder"), ["b", "c", "deep"], "a renaming is one change to both folders")
        XCTAssertEqual(disk.names("/folder/deep"), ["x"])
    }

    func testACutFileKeepsItsBytesOnTheDiskUntilItIsSynced() throws {
        for isSynced in [false, true] {
            let disk = SimulatedDisk()
            let files = Disk(disk.process())
            let file = try files.open("/file", flags)
            try files.syncFolder("/")
            try file.write(bytes(1, 10_000), at: 0)
            try file.sync()
            try file.truncate(to: 100)
            try file.truncate(to: 9000)
            XCTAssertEqual(disk.bytes("/file"), bytes(1, 100) + bytes(0, 8900))
            if isSynced { try file.sync() }
            disk.losePower(keeping: .synced)
            XCTAssertEqual(disk.bytes("/file"), isSynced ? bytes(1, 100) + bytes(0, 8900) : bytes(1, 10_000))
        }
    }

    func testALossOfPowerMayKeepAnySectorsOfWhatWasNotSynced() throws {
        var kinds: [String: Int] = [:]
        for seed in 1...300 as ClosedRange<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let files = Disk(disk.process())
            let file = try files.open("/file", flags)
            try files.syncFolder("/")
            try file.write(bytes(1, 4096), at: 0)
            try file.sync()
            try file.write(bytes(2, 2048), at: 512)
            try file.write(bytes(3, 8192), at: 512)
            let new = try files.open("/new", flags)
            try new.write([1], at: 0)
            disk.losePower(keeping: .random)
            let left = try XCTUnwrap(disk.bytes("/file"))
            XCTAssertEqual(Array(left.prefix(512)), bytes(1, 512), "what was synced stays, seed \(seed)")
            XCTAssertTrue((4096...8704).contains(left.count), "seed \(seed)")
            for start in stride(from: 512, to: left.count, by: 512) {
                let sector = Set(left[start..<min(start + 512, left.count)])
                XCTAssertEqual(sector.count, 1, "a sector is never torn, seed \(seed)")
                let allowed: Set<UInt8> = start < 2560 ? [1, 2, 3] : start < 4096 ? [1, 3] : [0, 3]
                XCTAssertTrue(allowed.isSuperset(of: sector), "seed \(seed), at \(start): \(sector)")
                kinds["sector \(sector.first ?? 0)", default: 0] += 1
            }
            kinds["size \(left.count == 4096 ? "old" : left.count == 8704 ? "new" : "between")", default: 0] += 1
            kinds["name \(disk.names("/").contains("new"))", default: 0] += 1
        }
        let expected = [0, 1, 2, 3].map { "sector \($0)" } + ["old", "new", "between"].map { "size \($0)" }
        XCTAssertEqual(Set(kinds.keys), Set(expected + ["name true", "name false"]), "\(kinds)")
    }

    func testALossOfPowerMayKeepEverything() throws {
        let file = try Disk(disk.process()).open("/file", flags)
        try file.write([1, 2], at: 4096)
        disk.losePower(keeping: .everything)
        XCTAssertEqual(disk.bytes("/file"), bytes(0, 4096) + [1, 2])
    }

    // MARK: A sync that fails

    func testAfterAFailedSyncTheNextSucceedsWithoutTheBytes() throws {
        var seen: Set<[UInt8]> = []
        for seed in 1...20 as ClosedRange<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let process = disk.process()
            let file = try Disk(process).open("/file", flags)
            try Disk(process).syncFolder("/")
            try file.write([1, 1], at: 0)
            try file.sync()
            try file.write([2], at: 0)
            disk.plan(.fail(EIO).on(.sync))
            XCTAssertThrowsError(try file.sync())
            XCTAssertThrowsError(try file.sync(), "a file never asks again")
            XCTAssertEqual(process.sync(file.descriptor), 0, "who does is told that all is well")
            seen.insert(try XCTUnwrap(disk.bytes("/file")))
            disk.losePower(keeping: .synced)
            XCTAssertEqual(disk.bytes("/file"), [1, 1])
        }
        XCTAssertEqual(seen, [[1, 1], [2, 1]], "the bytes may stay to be seen, or not")
    }

    func testEveryOpenFileIsToldOnceOfASyncThatFailed() throws {
        let (one, two) = (disk.process(), disk.process())
        let first = try Disk(one).open("/file", flags)
        let second = try Disk(two).open("/file", flags)
        try second.write([1], at: 0)
        disk.plan(.fail(EIO).on(.sync))
        XCTAssertEqual(one.sync(first.descriptor), -Int(EIO))
        XCTAssertEqual(two.sync(second.descriptor), -Int(EIO), "its bytes were lost, too")
        XCTAssertEqual(two.sync(second.descriptor), 0)
        let third = try Disk(one).open("/file", flags)
        XCTAssertEqual(one.sync(third.descriptor), 0, "it was opened later")
    }

    func testBytesThatAreWrittenAgainAfterAFailedSyncAreSyncedAgain() throws {
        let process = disk.process()
        let file = try Disk(process).open("/file", flags)
        try Disk(process).syncFolder("/")
        try file.write([1, 2, 3], at: 0)
        disk.plan(.fail(EIO).on(.sync))
        XCTAssertEqual(process.sync(file.descriptor), -Int(EIO))
        try file.write([4, 5, 6], at: 0)
        XCTAssertEqual(process.sync(file.descriptor), 0)
        disk.losePower(keeping: .synced)
        XCTAssertEqual(disk.bytes("/file"), [4, 5, 6])
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
