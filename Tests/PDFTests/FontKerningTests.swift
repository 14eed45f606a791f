import Foundation
import TestSupport
import XCTest

@testable import MailroomPDF

final class FontKerningTests: XCTestCase {
    private static let letters =
        "AFLPTVWYabefkorvwyz0179.,-:«»’“”ÀÉÖßçéœĄĆŁŚŻąęłśżőřΑΓΔΤΥΩαγδλρτυАГДРТУабвгдлту"

    /// Prints what fontTools reads of the pairs of its input, in thousandths.
    private static let program = """
        import sys
        from fontTools.ttLib import TTFont
        font = TTFont(sys.argv[1])
        cmap, units = font.getBestCmap(), font["head"].unitsPerEm
        def lookups(script):
            table = font["GPOS"].table
            scripts = {record.ScriptTag: record.Script for record in table.ScriptList.ScriptRecord}
            found = next((scripts[tag] for tag in (script, "DFLT", "latn") if tag in scripts), None)
            if found is None or found.DefaultLangSys is None: return []
            features = [table.FeatureList.FeatureRecord[index] for index in found.DefaultLangSys.FeatureIndex]
            indices = {i for one in features if one.FeatureTag == "kern" for i in one.Feature.LookupListIndex}
            lists = []
            for index in sorted(indices):
                lookup = table.LookupList.Lookup[index]
                subtables = [s.ExtSubTable if lookup.LookupType == 9 else s for s in lookup.SubTable]
                pairs = []
                for subtable in subtables:
                    if subtable.LookupType != 2: continue
                    places = {glyph: place for place, glyph in enumerate(subtable.Coverage.glyphs)}
                    pairs.append((subtable, places))
                lists.append(pairs)
            return lists
        scripts = {s: lookups(s) for s in ("latn", "grek", "cyrl")} if "GPOS" in font else {}
        def script(character):
            if 0x370 <= ord(character) < 0x400: return "grek"
            if 0x400 <= ord(character) < 0x530: return "cyrl"
        def one(subtable, place, left, right):
            if subtable.Format == 1:
                for record in subtable.PairSet[place].PairValueRecord:
                    if record.SecondGlyph == right: return record.Value1, True
                return None, False
            row = subtable.Class1Record[subtable.ClassDef1.classDefs.get(left, 0)]
            return row.Class2Record[subtable.ClassDef2.classDefs.get(right, 0)].Value1, True
        def value(first, second):
            left, right = cmap[ord(first)], cmap[ord(second)]
            if not any(scripts.values()):
                tables = font["kern"].kernTables if "kern" in font else []
                return sum(table.kernTable.get((left, right), 0) for table in tables)
            sum_ = 0
            for lookup in scripts[script(first) or script(second) or "latn"]:
                for subtable, places in lookup:
                    if left not in places: continue
                    found, known = one(subtable, places[left], left, right)
                    if known:
                        sum_ += getattr(found, "XAdvance", 0) if found else 0
                        break
            return sum_
        text = [c for c in sys.stdin.read().strip() if ord(c) in cmap]
        for first in text:
            for second in text:
                units_ = value(first, second)
                size = (abs(units_) * 2000 + units) // (2 * units)
                if size: print(ord(first), ord(second), size if units_ > 0 else -size)
        """

    func testKernsAsTheFontsTablesSay() throws {
        for name in [
            "DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Lato-Regular.ttf", "NotoSerif-Italic.ttf",
        ] {
            let font = try FontFiles.font(name)
            var expected: [[UInt32]: Int] = [:]
            for line in try FontFiles.oracle(Self.program, font: name, input: Self.letters).split(separator: "\n") {
                let numbers = line.split(separator: " ").compactMap { Int($0) }
                expected[[UInt32(numbers[0]), UInt32(numbers[1])]] = numbers[2]
            }
            XCTAssertGreaterThan(expected.count, 40, name)
            let scalars = Self.letters.unicodeScalars.map(\.value)
            var wrong: [String] = []
            for first in scalars {
                for second in scalars {
                    guard let left = font.code(of: first), let right = font.code(of: second) else { continue }
                    let value = expected[[first, second]] ?? 0
                    // Asked twice, since the second answer is a kept one.
                    var found = [font.kern(left, right), font.kern(left, right)]
                    if let low = UInt8(exactly: left), let lower = UInt8(exactly: right) {
                        found.append(font.kerning?.value(low, lower) ?? 0)
                    }
                    if found.contains(where: { $0 != value }) { wrong.append("\(first) \(second) \(value) \(found)") }
                }
            }
            XCTAssertEqual(wrong, [], name)
        }
    }

    func testTheOlderListIsReadWhereThereIsNoOther() throws {
        let bytes = try FontFiles.bytes("LiberationSans-Regular.ttf")
        let font = try PDFFont(FontBytes(bytes).renaming("GPOS", to: "gone"))
        XCTAssertTrue(font.hasKerning)
        let (left, right) = (try XCTUnwrap(font.code(of: 0x41)), try XCTUnwrap(font.code(of: 0x56)))
        XCTAssertEqual(font.kern(left, right), try PDFFont(bytes).kern(left, right))
        XCTAssertLessThan(font.kern(left, right), -50)
        XCTAssertEqual(font.kerning?.value(0x41, 0x56), font.kern(left, right))
    }

    func testAFontWithoutKerningHasNone() throws {
        let bytes = FontBytes(try FontFiles.bytes("LiberationSans-Regular.ttf"))
        let font = try PDFFont(FontBytes(bytes.renaming("GPOS", to: "gone")).renaming("kern", to: "none"))
        XCTAssertFalse(font.hasKerning)
        XCTAssertNil(font.kerning)
        XCTAssertEqual(font.kern(0x41, 0x56), 0)
    }

    func testOneTableOfKerningIsSmallAndTheSameAsItsPairs() throws {
        var pairs = [Int16](repeating: 0, count: 65_536)
        XCTAssertNil(KerningTable(pairs))
        for left in 65..<70 { pairs[left * 256 + 86] = -70 }
        pairs[84 * 256 + 97] = -100
        let table = try XCTUnwrap(KerningTable(pairs))
        XCTAssertEqual(table.columns, 3)
        XCTAssertEqual(table.values.count, 9)
        for left in 0..<256 {
            for right in 0..<256 {
                XCTAssertEqual(table.value(UInt8(left), UInt8(right)), Int(pairs[left * 256 + right]))
            }
        }
    }

    func testManyThreadsKernAlike() async throws {
        let font = try FontFiles.font("DejaVuSans.ttf")
        let codes = try FontFiles.codes(of: Self.letters, in: font)
        let expected = codes.flatMap { left in codes.map { font.pairs.value(left, $0) } }
        let other = try FontFiles.font("DejaVuSans.ttf")
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask { codes.flatMap { left in codes.map { other.kern(left, $0) } } == expected }
            }
            for await isAlike in group { XCTAssertTrue(isAlike) }
        }
    }
}
