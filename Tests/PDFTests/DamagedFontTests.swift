import Foundation
import TestSupport
import XCTest

@testable import MailroomPDF

final class DamagedFontTests: XCTestCase {
    private func code(_ bytes: [UInt8]) -> PDFError.Code? {
        do throws(PDFError) {
            _ = try PDFFont(bytes)
            return nil
        } catch {
            XCTAssertFalse(error.description.isEmpty)
            return error.code
        }
    }

    /// Uses everything of a font that was read, damaged or not.
    private func use(_ font: PDFFont, _ generator: inout SeededGenerator) {
        for _ in 0..<200 {
            let pair = (0..<2).map { _ in UInt16.random(in: 0..<UInt16(font.codes.count), using: &generator) }
            _ = font.kern(pair[0], pair[1])
        }
        _ = font.subset(
            of: CodeSet((0..<64).map { _ in UInt16.random(in: 0...700, using: &generator) }), compressor: nil)
    }

    private func description(_ bytes: [UInt8]) -> String {
        do throws(PDFError) {
            _ = try PDFFont(bytes)
            return ""
        } catch { return error.description }
    }

    func testOtherKindsOfFilesAreRefusedWithWhatToUse() throws {
        let kinds: [(String, String)] = [
            ("OTTO", ".ttf"), ("wOFF", ".ttf"), ("wOF2", ".ttf"), ("ttcf", "one font"), ("%PDF", ".ttf"),
            ("<htm", ".ttf"),
        ]
        for (signature, advice) in kinds {
            let bytes = Array(signature.utf8) + [UInt8](repeating: 0, count: 64)
            XCTAssertEqual(code(bytes), .unsupportedFont, signature)
            XCTAssert(description(bytes).contains(advice), description(bytes))
        }
        for count in 0..<4 { XCTAssertEqual(code([UInt8](repeating: 0, count: count)), .damagedFont) }
        let font = FontBytes(try FontFiles.bytes("LiberationSans-Regular.ttf"))
        XCTAssert(description(font.renaming("glyf", to: "CFF ")).contains("PostScript outlines"))
        XCTAssertEqual(code(font.renaming("cmap", to: "none")), .damagedFont)
        XCTAssertEqual(code(font.replacing("cmap", with: [0, 0, 0, 0])), .unsupportedFont)
    }

    func testTheLicenceBitsOfAFontAreHeeded() throws {
        let font = FontBytes(try FontFiles.bytes("LiberationSans-Regular.ttf"))
        for (bits, expected) in [
            (0, nil), (2, PDFError.Code.embeddingForbidden), (4, nil), (6, nil), (8, nil), (0x100, .embeddingForbidden),
            (0x204, .embeddingForbidden),
        ] {
            let bytes = font.writing([UInt8(bits >> 8), UInt8(bits & 255)], in: "OS/2", at: 8)
            XCTAssertEqual(code(bytes), expected, "\(bits)")
        }
    }

    func testAFontCutShortIsRefused() throws {
        for name in ["LiberationSans-Regular.ttf", "Lato-Regular.ttf", "DejaVuSans.ttf"] {
            let bytes = try FontFiles.bytes(name)
            for count in Array(0..<500) + Array(stride(from: 500, to: bytes.count, by: bytes.count / 200)) {
                let refusal = code(Array(bytes[..<count]))
                XCTAssert(refusal == .damagedFont || refusal == .unsupportedFont, "\(name) \(count)")
            }
        }
    }

    func testEveryTableMayBeCutShort() throws {
        var generator = SeededGenerator(7)
        let font = try small()
        for (tag, _, offset, length) in font.tables {
            for kept in [0, 1, 2, 4, 8, 16, length / 2, length - 1] where kept < length {
                let bytes = font.replacing(tag, with: Array(font.bytes[offset..<(offset + kept)]))
                do throws(PDFError) {
                    use(try PDFFont(bytes), &generator)
                } catch { XCTAssertEqual(error.code, .damagedFont, "\(tag) \(error)") }
            }
        }
    }

    func testFlippedBytesNeverDoMoreThanBeRefused() throws {
        var generator = SeededGenerator(1)
        let font = try small()
        let tables = font.tables
        var refused = 0
        for _ in 0..<150 {
            var bytes = font.bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let table = tables.randomElement(using: &generator) ?? ("", 12, 12, 16)
                // The beginning of a table, where its counts and offsets are, is hit most.
                let reach = Bool.random(using: &generator) ? min(table.length, 64) : table.length
                let place = Int.random(in: 0..<4, using: &generator) == 0 ? table.record : table.offset
                let length = place == table.record ? 16 : max(1, reach)
                bytes[place + Int.random(in: 0..<length, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            do throws(PDFError) {
                use(try PDFFont(bytes), &generator)
            } catch { refused += 1 }
        }
        XCTAssertTrue((20..<140).contains(refused), "\(refused)")
    }

    func testAGlyphMadeOfItselfIsRefused() throws {
        let font = FontBytes(try FontFiles.bytes("LiberationSans-Regular.ttf"))
        let (_, index) = try composite(of: font)
        let start = try outline(index, of: font)
        let bytes = font.writing([UInt8(index >> 8), UInt8(index & 255)], in: "glyf", at: start + 12)
        XCTAssertEqual(code(bytes), .damagedFont)
        XCTAssert(description(bytes).contains("of itself"), description(bytes))
        let absent = font.writing([0xFF, 0xFE], in: "glyf", at: start + 12)
        XCTAssert(description(absent).contains("does not exist"), description(absent))
    }

    func testPartsThatMultiplyAreRefused() throws {
        // Each glyph is twice the one before: the last would be drawn from 2 to the power of 14 outlines.
        XCTAssert(description(try chain(of: 14, twice: true)).contains("1024 parts"))
        XCTAssertNil(code(try chain(of: 8, twice: true)))
        XCTAssertNil(code(try chain(of: 16, twice: false)))
        XCTAssert(description(try chain(of: 17, twice: false)).contains("deeper than 16"))
        XCTAssert(description(try chain(of: 600, twice: false)).contains("deeper than 16"))
    }

    func testAGreatNumberOfGroupsOrTablesEndsSoon() throws {
        let font = FontBytes(try FontFiles.bytes("LiberationSans-Regular.ttf"))
        // One format 12 subtable, whose groups' number is the largest there is.
        let map: [UInt8] = [
            0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF,
            0xFF,
        ]
        XCTAssertEqual(code(font.replacing("cmap", with: map)), .damagedFont)
        // A kern feature of one lookup with 65,535 subtables, all the same.
        var positions: [UInt8] = [0, 1, 0, 0, 0, 10, 0, 30, 0, 44]
        positions += [0, 1] + Array("latn".utf8) + [0, 8, 0, 4, 0, 0, 0, 0, 0xFF, 0xFF, 0, 1, 0, 0]
        positions += [0, 1] + Array("kern".utf8) + [0, 8, 0, 0, 0, 1, 0, 0]
        positions += [0, 1, 0, 4, 0, 2, 0, 0, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 131_072)
        let start = ContinuousClock.now
        XCTAssertEqual(code(font.replacing("GPOS", with: positions)), .damagedFont)
        XCTAssertLessThan(ContinuousClock.now - start, .seconds(5))
    }

    func testFeaturesThatNameEverythingOverAndOverEndSoon() throws {
        let font = FontBytes(try FontFiles.bytes("LiberationSans-Regular.ttf"))
        // 60,000 times the one feature, which names 60,000 lookups: whatever comes after it.
        let many = [UInt8(60_000 >> 8), UInt8(60_000 & 255)]
        var positions: [UInt8] = [0, 1, 0, 0, 0, 22, 0, 10, 0, 22]
        positions += [0, 1] + Array("kern".utf8) + [0, 8, 0, 0] + many
        positions += [0, 1] + Array("latn".utf8) + [0, 8, 0, 4, 0, 0, 0, 0, 0xFF, 0xFF] + many
        positions += [UInt8](repeating: 0, count: 120_000)
        let start = ContinuousClock.now
        XCTAssert(description(font.replacing("GPOS", with: positions)).contains("more than 65536 times"))
        XCTAssertLessThan(ContinuousClock.now - start, .seconds(5))
    }

    func testAMapOfEveryCharacterToOneGlyphEndsSoon() throws {
        let font = FontBytes(try FontFiles.bytes("LiberationSans-Regular.ttf"))
        // 30,000 segments of which each begins where the last one did.
        let count = 30_000
        var map: [UInt8] = [0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12, 0, 4, 0xFF, 0xFF, 0, 0]
        map += [UInt8(count * 2 >> 8), UInt8(count * 2 & 255), 0, 0, 0, 0, 0, 0]
        map += [UInt8](repeating: 0xEE, count: count * 2) + [0, 0] + [UInt8](repeating: 0, count: count * 6)
        XCTAssertEqual(code(font.replacing("cmap", with: map)), .damagedFont)
    }

    /// A font of the letters from A to é alone, which is read quickly.
    private func small() throws -> FontBytes {
        let font = FontBytes(try FontFiles.bytes("LiberationSans-Regular.ttf"))
        let full = try PDFFont(font.bytes)
        var map: [UInt8] = [0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let scalars = (0x41...0xE9 as ClosedRange<UInt32>).filter { full.code(of: $0) != nil }
        map[27] = UInt8(scalars.count)
        for scalar in scalars {
            let glyph = UInt32(full.codes.glyphs[Int(full.codes.code(of: scalar))])
            for number in [scalar, scalar, glyph] { map += [0, 0, UInt8(number >> 8), UInt8(number & 255)] }
        }
        return FontBytes(font.replacing("cmap", with: map))
    }

    /// The first glyph that is put together of others, and a character that shows it.
    private func composite(of bytes: FontBytes) throws -> (scalar: UInt32, glyph: Int) {
        let font = try PDFFont(bytes.bytes)
        let index = try XCTUnwrap(font.codes.glyphs.firstIndex { $0 != 0 && font.program.outline(of: $0).isComposite })
        return (font.codes.scalars[index], Int(font.codes.glyphs[index]))
    }

    /// Where in the outlines a glyph's begins.
    private func outline(_ glyph: Int, of bytes: FontBytes) throws -> Int {
        let font = try PDFFont(bytes.bytes)
        let glyphs = try XCTUnwrap(bytes.table("glyf"))
        return font.program.outline(of: UInt16(glyph)).bytes.startIndex - glyphs.offset
    }

    /// A font whose glyph 1 is a plain one and each of some glyphs after it is put together of the one before.
    private func chain(of count: Int, twice: Bool) throws -> [UInt8] {
        let font = FontBytes(try FontFiles.bytes("LiberationSans-Regular.ttf"))
        let plain = Array(try PDFFont(font.bytes).program.outline(of: 36).bytes)
        var outlines = plain + [UInt8](repeating: 0, count: -plain.count & 3)
        var offsets = [0, 0, outlines.count]
        for glyph in 2..<(count + 2) {
            var outline: [UInt8] = [0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0]
            for part in 0..<(twice ? 2 : 1) {
                outline += [0, twice && part == 0 ? 0x22 : 2, UInt8((glyph - 1) >> 8), UInt8((glyph - 1) & 255), 0, 0]
            }
            outlines += outline + [UInt8](repeating: 0, count: -outline.count & 3)
            offsets.append(outlines.count)
        }
        let glyphCount = font.number16((try XCTUnwrap(font.table("maxp"))).offset + 4)
        while offsets.count <= glyphCount { offsets.append(outlines.count) }
        let locations = offsets.flatMap { offset in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: offset >> $0) } }
        var changed = FontBytes(font.writing([0, 1], in: "head", at: 50))
        changed = FontBytes(changed.replacing("loca", with: locations))
        changed = FontBytes(changed.replacing("glyf", with: outlines))
        // The characters from U+4E00 on show the glyphs from 1 on.
        let map: [UInt8] = [
            0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0x4E, 0, 0, 0,
            UInt8(0x4E + (count + 1) >> 8), UInt8((count + 1) & 255), 0, 0, 0, 1,
        ]
        return changed.replacing("cmap", with: map)
    }
}
