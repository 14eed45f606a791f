import MailroomFiles
import TestSupport
import XCTest

@testable import MailroomCapture

/// The file of large mails, and its room.
final class StoreSpillTests: XCTestCase {
    func testRoomIsUsedAgainOnADiskThatTakesNoneBack() throws {
        // A simulated disk ignores that a range of a file is given back.
        let spill = SpillFile(in: "/", disk: Disk(SimulatedDisk().process()))
        var generator = SeededGenerator(3)
        var pieces: [(extent: SpillFile.Extent, mark: UInt8)] = []
        func check(_ piece: (extent: SpillFile.Extent, mark: UInt8)) throws {
            for place in [0, piece.extent.count - 1] {
                var byte: UInt8 = 0
                try withUnsafeMutableBytes(of: &byte) { try spill.read(piece.extent, from: place, into: $0) }
                XCTAssertEqual(byte, piece.mark)
            }
        }
        var largest = 0
        for turn in 0..<10_000 {
            var extent = try spill.reserve(Int.random(in: 2...64 << 10, using: &generator))
            if turn % 2 == 0 { extent = spill.shrink(extent, to: Int.random(in: 1...extent.count, using: &generator)) }
            let mark = UInt8(truncatingIfNeeded: turn)
            for place in [0, extent.count - 1] {
                try withUnsafeBytes(of: mark) { try spill.write($0, to: extent, at: place) }
            }
            pieces.append((extent, mark))
            if pieces.count > 30 {
                let gone = pieces.remove(at: Int.random(in: 0..<pieces.count, using: &generator))
                try check(gone)
                spill.release([gone.extent])
            }
            XCTAssertEqual(spill.used, pieces.reduce(0) { $0 + $1.extent.count })
            largest = max(largest, spill.end)
        }
        for piece in pieces { try check(piece) }
        XCTAssertLessThan(largest, 2 * 31 * 64 << 10)
        spill.release(pieces.map(\.extent))
        XCTAssertEqual(spill.used, 0)
        XCTAssertEqual(spill.end, 0)
    }

    func testFreePiecesNeitherOverlapNorTouch() {
        var generator = SeededGenerator(5)
        var free = FreeExtents()
        // Whether each block is free.
        var blocks = [Bool](repeating: false, count: 64)
        for _ in 0..<5000 {
            let count = Int.random(in: 1...8, using: &generator)
            if Bool.random(using: &generator) {
                let fits = (0...64 - count).first { blocks[$0..<$0 + count].allSatisfy { $0 } }
                let place = free.take(count)
                XCTAssertEqual(place, fits)
                if let place { for block in place..<place + count { blocks[block] = false } }
            } else {
                let start = Int.random(in: 0...64 - count, using: &generator)
                guard blocks[start..<start + count].allSatisfy({ !$0 }) else { continue }
                free.insert(SpillFile.Extent(offset: start, count: count))
                for block in start..<start + count { blocks[block] = true }
            }
            var listed = [Bool](repeating: false, count: 64)
            var end = -1
            for extent in free.extents {
                XCTAssertGreaterThan(extent.offset, end)
                end = extent.offset + extent.count
                for block in extent.offset..<end { listed[block] = true }
            }
            XCTAssertEqual(listed, blocks)
        }
    }

    func testMailsThatArriveTogetherAreKeptApart() throws {
        let folder = TestFolder()
        let spill = SpillFile(in: folder.path)
        var generator = SeededGenerator(9)
        var kept: [(content: MailContent, bytes: [UInt8])] = []
        for round in 0..<5 {
            let mails = (0..<8).map { [UInt8](repeating: UInt8(round * 8 + $0), count: 30_000 + $0 * 5000) }
            let writers = mails.map { _ in ContentWriter(spill: spill, threshold: 8192) }
            for start in stride(from: 0, to: 70_000, by: 3000) {
                for (mail, writer) in zip(mails, writers) where start < mail.count {
                    mail[start..<min(mail.count, start + 3000)].withUnsafeBytes { writer.append($0) }
                }
            }
            for (mail, writer) in zip(mails, writers) { kept.append((try writer.finish(), mail)) }
            kept.shuffle(using: &generator)
            kept.removeLast(kept.count / 2)
            for mail in kept { XCTAssertEqual(try mail.content.read(), mail.bytes) }
        }
        kept = []
        XCTAssertEqual(spill.used, 0)
    }

    func testAMailWhoseLastOctetsTheDiskDoesNotTakeIsNotKept() throws {
        let disk = SimulatedDisk(capacity: 12_288)
        let spill = SpillFile(in: "/", disk: Disk(disk.process()))
        let writer = ContentWriter(spill: spill, threshold: 4096)
        [UInt8](repeating: 65, count: 16_384).withUnsafeBytes { writer.append($0) }
        XCTAssertNil(writer.failure)
        XCTAssertThrowsError(try writer.finish()) { XCTAssertEqual(($0 as? FileError)?.code, ENOSPC) }
        XCTAssertEqual(spill.used, 0)
    }
}
