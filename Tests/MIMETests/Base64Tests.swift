import Foundation
import MailroomMIME
import TestSupport
import XCTest

final class Base64Tests: XCTestCase {
    static func decode(_ text: String) -> [UInt8] { Array(text.utf8).withUnsafeBufferPointer { Base64.decode($0) } }

    func testAgreesWithFoundationForEveryLengthOverLineEnds() {
        var generator = SeededGenerator(1)
        for count in Array(0...240) + [4095, 57 * 64, 57 * 64 + 1, 100_000] {
            let input = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            var output: [UInt8] = [1]
            input.withUnsafeBufferPointer { Base64.encode($0, into: &output) }
            var expected = Data(input).base64EncodedString(options: [
                .lineLength76Characters, .endLineWithLineFeed, .endLineWithCarriageReturn,
            ])
            if !expected.isEmpty { expected += "\r\n" }
            XCTAssertEqual(string(output.dropFirst()), expected, "\(count)")
            XCTAssertEqual(output.count - 1, Base64.encodedSize(count))
            XCTAssertEqual(
                output.withUnsafeBufferPointer { Base64.decode(UnsafeBufferPointer(rebasing: $0[1...])) }, input)
        }
    }

    func testWithoutLineBreaksAgreesWithFoundationForEveryLength() {
        var generator = SeededGenerator(2)
        for count in Array(0...240) + [57 * 64, 10_000] {
            let input = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            XCTAssertEqual(Base64.text(input), Data(input).base64EncodedString(), "\(count)")
        }
    }

    func testSkipsWhatIsNotBase64AndReadsOnAfterPadding() {
        XCTAssertEqual(string(Self.decode("aGVs\r\n b!G8=\r\nIHdv*cmxk")), "hello world")
        XCTAssertEqual(string(Self.decode("aGVsbG8")), "hello")
        XCTAssertEqual(Self.decode("="), [])
        XCTAssertEqual(Self.decode("a"), [])
    }
}
