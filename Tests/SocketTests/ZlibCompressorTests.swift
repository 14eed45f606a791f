import Foundation
import MailroomLibraries
import TestSupport
import XCTest

final class ZlibCompressorTests: XCTestCase {
    private let folder = TestFolder()

    override func tearDown() { folder.remove() }

    private static func compressed(_ bytes: [UInt8], by zlib: ZlibCompressor) throws -> [UInt8] {
        var output: [UInt8] = []
        try bytes.withUnsafeBufferPointer { try zlib.compress($0, into: &output) }
        return output
    }

    /// What Python's zlib, which checks the checksum, makes of it.
    private func inflated(_ bytes: [UInt8]) throws -> [UInt8] {
        let file = folder.path + "/z"
        try Data(bytes).write(to: URL(filePath: file))
        let script = "import sys,zlib;print(zlib.decompress(open(sys.argv[1],'rb').read()).hex())"
        let outcome = try Programs.run("python3", ["-c", script, file])
        XCTAssertEqual(outcome.status, 0, outcome.errors)
        let digits = outcome.output.utf8.filter { $0 > 32 }
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }

    func testWhatItCompressesComesBack() throws {
        let zlib = try ZlibCompressor()
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<50_000).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        for bytes in [[], [7], Array("Madame, Monsieur, ".utf8), [UInt8](repeating: 65, count: 300_000), noise] {
            let smaller = try Self.compressed(bytes, by: zlib)
            XCTAssertEqual(try inflated(smaller), bytes)
        }
        XCTAssertLessThan(try Self.compressed([UInt8](repeating: 65, count: 300_000), by: zlib).count, 1_000)
    }

    func testTheSameBytesGiveTheSameResultFromEveryThread() async throws {
        let zlib = try ZlibCompressor(level: 9)
        let texts = (0..<40).map { Array(String(repeating: "letter \($0), ", count: 200).utf8) }
        let alone = try texts.map { try Self.compressed($0, by: zlib) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (text, expected) in zip(texts, alone) {
                group.addTask { XCTAssertEqual(try Self.compressed(text, by: zlib), expected) }
            }
            try await group.waitForAll()
        }
    }

    func testAppendsToWhatIsThere() throws {
        let zlib = try ZlibCompressor(level: 1)
        var output: [UInt8] = [1, 2, 3]
        try [UInt8]("abc".utf8).withUnsafeBufferPointer { try zlib.compress($0, into: &output) }
        XCTAssertEqual(output.prefix(3), [1, 2, 3])
        XCTAssertEqual(try inflated(Array(output.dropFirst(3))), Array("abc".utf8))
    }

    func testRefusesALevelThatZlibDoesNotKnow() {
        for level in [0, 10, -1] { XCTAssertThrowsError(try ZlibCompressor(level: level)) }
    }
}
