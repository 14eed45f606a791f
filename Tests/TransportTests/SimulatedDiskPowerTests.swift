import Foundation
import MailroomFiles
import TestSupport
import XCTest

/// What a loss of power leaves of a simulated disk, and what a sync that failed does.
final class SimulatedDiskPowerTests: XCTestCase {
    private let disk = SimulatedDisk(seed: 7)
    private let flags = O_RDWR | O_CREAT

    private func bytes(_ value: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: value, count: count) }

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
}
