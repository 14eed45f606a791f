import Foundation
import TestSupport
import XCTest

@testable import MailroomPDF

final class FontTests: XCTestCase {
    func testCodesBelow256AreThoseOfWinAnsi() throws {
        let font = try FontFiles.font("DejaVuSans.ttf")
        for scalar in Array(0x20..<0x7F) + Array(0xA0..<0x100) as [UInt32] {
            XCTAssertEqual(font.code(of: scalar), UInt16(scalar))
        }
        XCTAssertEqual(font.code(of: 0x20AC), 0x80)
        XCTAssertEqual(font.code(of: 0x2019), 0x92)
        XCTAssertEqual(font.code(of: 0x178), 0x9F)
        for code in 0..<32 as Range<UInt16> { XCTAssertEqual(font.scalar(of: code), 0) }
    }

    func testEveryOtherCharacterHasACodeOfItsOwnInUnicodeOrder() throws {
        let font = try FontFiles.font("DejaVuSans.ttf")
        XCTAssertGreaterThan(font.codes.count, 5_000)
        XCTAssertEqual(font.code(of: 0x100), 256)
        var last: UInt32 = 0
        for code in 256..<font.codes.count {
            let scalar = font.scalar(of: UInt16(code))
            XCTAssertGreaterThan(scalar, last)
            XCTAssertEqual(font.code(of: scalar), UInt16(code))
            last = scalar
        }
        XCTAssertGreaterThan(last, 0x10000)
    }

    func testACharacterThatTheFontLacksHasNoCode() throws {
        let font = try FontFiles.font("LiberationSans-Regular.ttf")
        for scalar in [0, 10, 0x7F, 0x4E00, 0x1F600, 0x10FFFF, 0x110000, .max] as [UInt32] {
            XCTAssertNil(font.code(of: scalar))
        }
    }

    func testReadsItsNameAndMeasures() throws {
        let font = try FontFiles.font("LiberationSerif-Italic.ttf")
        XCTAssertEqual(font.name, "LiberationSerif-Italic")
        XCTAssertEqual(font.metrics.ascent, 891)
        XCTAssertEqual(font.metrics.descent, -216)
        XCTAssertLessThan(font.metrics.italicAngle, -10_000)
        XCTAssertTrue((640...670).contains(font.metrics.capHeight), "\(font.metrics.capHeight)")
        XCTAssertTrue(try FontFiles.font("DejaVuSansMono.ttf").metrics.isFixedPitch)
        XCTAssertEqual(try FontFiles.font("DejaVuSans-Bold.ttf").metrics.weight, 700)
    }

    func testAdvancesAreThoseOfTheFile() throws {
        let program = """
            import sys
            from fontTools.ttLib import TTFont
            font = TTFont(sys.argv[1])
            map, advances, units = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
            for scalar in sorted(map):
                print(scalar, (advances[map[scalar]][0] * 2000 + units) // (2 * units))
            """
        for name in ["DejaVuSerif.ttf", "LiberationSans-Regular.ttf", "Lato-Regular.ttf", "NotoSans-Regular.ttf"] {
            let font = try FontFiles.font(name)
            var count = 0
            var wrong: [Int] = []
            for line in try FontFiles.oracle(program, font: name).split(separator: "\n") {
                let numbers = line.split(separator: " ").compactMap { Int($0) }
                guard let code = font.code(of: UInt32(numbers[0])) else { continue }
                if Int(font.advances[Int(code)]) != numbers[1] { wrong.append(numbers[0]) }
                count += 1
            }
            XCTAssertEqual(wrong, [], name)
            XCTAssertGreaterThan(count, 600)
        }
    }

    func testTheSameBytesMakeEqualFonts() throws {
        let bytes = try FontFiles.bytes("LiberationSans-Regular.ttf")
        XCTAssertEqual(try PDFFont(bytes), try PDFFont(bytes))
        XCTAssertEqual(try PDFFont(bytes).hashValue, try PDFFont(bytes).hashValue)
        XCTAssertNotEqual(try PDFFont(bytes), try PDFFont(bytes, subset: .exact))
        XCTAssertNotEqual(try PDFFont(bytes), try FontFiles.font("LiberationSans-Bold.ttf"))
    }
}
