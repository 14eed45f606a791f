import MailroomFiles
import TestSupport
import XCTest

@testable import MailroomCapture

/// The octets of mails, in memory and on the disk.
final class ContentTests: XCTestCase {
    private func fill(_ writer: ContentWriter, _ bytes: [UInt8], by generator: inout SeededGenerator) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...20_000, using: &generator))
            rest.prefix(count).withUnsafeBytes { writer.append($0) }
            rest = rest.dropFirst(count)
        }
    }

    func testWhatWasWrittenIsReadHoweverItWasSplitAndWhereverItLies() throws {
        let folder = TestFolder()
        var generator = SeededGenerator(7)
        for round in 0..<60 {
            let spill = SpillFile(in: folder.path)
            let size = Int.random(in: 0...60_000, using: &generator)
            let bytes = (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let writer = ContentWriter(spill: spill, threshold: 8192, expecting: round % 3 * 10_000)
            fill(writer, bytes, by: &generator)
            XCTAssertEqual(writer.count, size)
            let content = try writer.finish()
            XCTAssertEqual(content.count, size)
            XCTAssertEqual(try content.read(), bytes)
            let first = Int.random(in: 0...size + 10, using: &generator)
            XCTAssertEqual(try content.read(first: first), Array(bytes.prefix(first)))
            let range = first / 3..<first
            XCTAssertEqual(try content.read(range), Array(bytes[range.clamped(to: 0..<size)]))
            XCTAssertEqual(content.memoryCount, size > 8192 ? 0 : size)
            XCTAssertEqual(content.diskCount, size > 8192 ? size : 0)
            XCTAssertEqual(spill.used, content.diskCount)
        }
        XCTAssertEqual(folder.contents, [], "The file has no name.")
    }

    func testRoomGoesBackWithTheLastReferenceAlsoOfAMailThatWasNeverFinished() throws {
        let folder = TestFolder()
        let spill = SpillFile(in: folder.path)
        var kept: MailContent?
        for turn in 0..<4 {
            let writer = ContentWriter(spill: spill, threshold: 4096)
            [UInt8](repeating: UInt8(turn), count: 10_000).withUnsafeBytes { writer.append($0) }
            if turn == 1 { kept = try writer.finish() }
        }
        XCTAssertEqual(spill.used, 10_000)
        XCTAssertEqual(try kept?.read(), [UInt8](repeating: 1, count: 10_000))
        kept = nil
        XCTAssertEqual(spill.used, 0)
    }

    func testAFullDiskFailsTheMailThatMetItAndNoOther() async throws {
        let count = await sweep(.fail(ENOSPC).on(.write, .open)) { disk in
            let spill = SpillFile(in: "/", disk: Disk(disk.process()))
            var failures = 0
            for turn in 0..<3 {
                let bytes = [UInt8](repeating: UInt8(turn), count: 20_000)
                let writer = ContentWriter(spill: spill, threshold: 4096)
                bytes.withUnsafeBytes { writer.append($0) }
                do {
                    let content = try writer.finish()
                    XCTAssertEqual(try content.read(), bytes)
                } catch is FileError {
                    XCTAssertNotNil(writer.failure)
                    failures += 1
                }
            }
            XCTAssertLessThanOrEqual(failures, 1)
            XCTAssertEqual(failures == 1, disk.faultyCall != nil)
            XCTAssertEqual(spill.used, 0)
        }
        XCTAssertGreaterThan(count, 9)
    }

    func testTheStoreDropsTheOldestBeyondAnyOfItsLimitsButNeverTheLast() throws {
        let folder = TestFolder()
        var limits = MessageStore.Limits()
        limits.spillThreshold = 4096
        limits.spillFolder = folder.path
        func subjects(_ change: (inout MessageStore.Limits) -> Void, sizes: [Int]) throws -> [Int] {
            var limits = limits
            change(&limits)
            let store = MessageStore(limits: limits)
            for size in sizes {
                let writer = store.writer(expecting: size)
                [UInt8](repeating: 65, count: size).withUnsafeBytes { writer.append($0) }
                try store.add(Samples.captured(try writer.finish()))
            }
            XCTAssertLessThanOrEqual(store.memoryBytes, max(limits.memoryBytes, 12_000))
            return store.entries.map(\.message.size)
        }
        XCTAssertEqual(try subjects({ $0.count = 2 }, sizes: [1, 2, 3, 4]), [3, 4])
        XCTAssertEqual(try subjects({ $0.count = 0 }, sizes: [1, 2]), [2])
        XCTAssertEqual(try subjects({ $0.memoryBytes = 2100 }, sizes: [10, 11, 12]), [11, 12])
        XCTAssertEqual(try subjects({ $0.memoryBytes = 1 }, sizes: [10, 3000]), [3000])
        XCTAssertEqual(try subjects({ $0.diskBytes = 12_000 }, sizes: [5000, 10, 6000, 5001]), [10, 6000, 5001])
        XCTAssertEqual(try subjects({ $0.diskBytes = 1 }, sizes: [5000, 6000]), [6000])
    }
}
