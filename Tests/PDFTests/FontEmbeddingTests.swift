import Foundation
import Synchronization
import TestSupport
import XCTest

@testable import MailroomPDF

final class FontEmbeddingTests: XCTestCase {
    private static let text = "Zażółć gęślą jaźń, élève à Œuvrard — Ελληνικά; Съешь ещё “fi” 10 €"

    /// Prints how many codes of its input, given as code and character, show and measure in the subset, which comes
    /// after a map from code to glyph and its length, as they do in the font.
    private static let program = """
        import io, struct, sys
        from fontTools.ttLib import TTFont
        from fontTools.pens.recordingPen import DecomposingRecordingPen
        font, bytes_ = TTFont(sys.argv[1]), open(sys.argv[2], "rb").read()
        size = struct.unpack(">I", bytes_[:4])[0]
        subset = TTFont(io.BytesIO(bytes_[4 + size:]), checkChecksums=2)
        map = struct.unpack(">%dH" % (size // 2), bytes_[4:4 + size])
        names, cmap = subset.getGlyphOrder(), font.getBestCmap()
        glyphs = {id(one): one.getGlyphSet() for one in (font, subset)}
        def outline(of, name):
            pen = DecomposingRecordingPen(glyphs[id(of)])
            glyphs[id(of)][name].draw(pen)
            return pen.value
        alike = 0
        for line in sys.stdin:
            code, scalar = (int(word) for word in line.split())
            mine, theirs = names[map[code]], cmap[scalar]
            assert outline(subset, mine) == outline(font, theirs), (code, scalar)
            assert subset["hmtx"][mine] == font["hmtx"][theirs], (code, scalar)
            alike += 1
        assert outline(subset, names[0]) == outline(font, font.getGlyphOrder()[0])
        assert subset["maxp"].numGlyphs == len(names) == subset["hhea"].numberOfHMetrics
        for tag in ("cvt ", "fpgm", "prep"):
            if tag in font: assert subset.getTableData(tag) == font.getTableData(tag), tag
        print(alike, len(names))
        """

    private func assertEmbedsAlike(_ name: String, codes: [UInt16], of font: PDFFont, line: UInt = #line) throws {
        let part = font.subset(of: CodeSet(codes), compressor: nil)
        var bytes: [UInt8] = []
        for shift in [24, 16, 8, 0] {
            bytes.append(UInt8(truncatingIfNeeded: part.glyphMap.content.count >> shift))
        }
        bytes += part.glyphMap.content + part.program.content
        let shown = codes.filter { font.scalar(of: $0) != 0 }
        let input = shown.map { "\($0) \(font.scalar(of: $0))\n" }.joined()
        let output = try FontFiles.oracle(Self.program, font: name, bytes: bytes, input: input)
        XCTAssert(output.hasPrefix("\(shown.count) "), output, line: line)
    }

    func testEveryGlyphOfASubsetIsThatOfTheFont() throws {
        for name in ["DejaVuSans.ttf", "LiberationSerif-Regular.ttf", "NotoSans-Regular.ttf"] {
            let font = try FontFiles.font(name, subset: .exact)
            try assertEmbedsAlike(name, codes: try FontFiles.codes(of: Self.text, in: font), of: font)
        }
        let lato = try FontFiles.font("Lato-Regular.ttf")
        try assertEmbedsAlike("Lato-Regular.ttf", codes: Array(0..<512), of: lato)
        let dejavu = try FontFiles.font("DejaVuSans-Oblique.ttf")
        try assertEmbedsAlike(
            "DejaVuSans-Oblique.ttf", codes: Array(stride(from: 32, to: UInt16(dejavu.codes.count), by: 5)), of: dejavu)
    }

    func testAnExactSubsetHasOnlyWhatIsShown() throws {
        let exact = try FontFiles.font("DejaVuSans.ttf", subset: .exact)
        let shared = try FontFiles.font("DejaVuSans.ttf")
        let used = CodeSet(try FontFiles.codes(of: "Bonjour", in: exact))
        let (small, large) = (exact.subset(of: used, compressor: nil), shared.subset(of: used, compressor: nil))
        XCTAssertLessThan(small.program.content.count * 2, large.program.content.count)
        XCTAssertEqual(String(decoding: small.widths, as: UTF8.self), "[66[686]106[278]110[634 612]114[411]117[634]]")
    }

    func testTheListOfCodesHasThoseThatHaveAGlyphAndNoOthers() throws {
        let font = try FontFiles.font("LiberationSans-Regular.ttf")
        let part = font.subset(of: CodeSet([65, 300]), compressor: nil)
        for code in 1..<512 {
            let isListed = part.codeSet.content[code / 8] & (0x80 >> UInt8(code % 8)) != 0
            let isMapped = part.glyphMap.content[(code * 2)..<(code * 2 + 2)] != [0, 0]
            XCTAssertEqual(isListed, font.codes.glyphs[code] != 0, "\(code)")
            XCTAssertEqual(isListed, isMapped, "\(code)")
        }
        XCTAssertEqual(part.codeSet.content.count, 64)
    }

    func testRangesOfCharactersStayWithinOnePageOfCodesAndOfCharacters() throws {
        let font = try FontFiles.font("DejaVuSans.ttf")
        let part = font.subset(of: CodeSet(0..<5_000), compressor: nil)
        let text = String(decoding: part.unicode.content, as: UTF8.self)
        var characters: [UInt16: UInt32] = [:]
        for match in text.matches(of: /<([0-9A-F]{4})><([0-9A-F]{4})><([0-9A-F]{4})>/) {
            let numbers = try [match.1, match.2, match.3].map { try XCTUnwrap(UInt16($0, radix: 16)) }
            XCTAssertEqual(numbers[0] >> 8, numbers[1] >> 8)
            XCTAssertLessThanOrEqual(Int(numbers[2] & 255) + Int(numbers[1] - numbers[0]), 255)
            for code in numbers[0]...numbers[1] { characters[code] = UInt32(numbers[2] + (code - numbers[0])) }
        }
        for code in 32..<5_000 as Range<UInt16> where font.scalar(of: code) < 0x10000 {
            XCTAssertEqual(characters[code], font.scalar(of: code) == 0 ? nil : font.scalar(of: code), "\(code)")
        }
        for match in text.matches(of: /([0-9]+) beginbfrange/) {
            XCTAssertLessThanOrEqual(try XCTUnwrap(Int(match.1)), 100)
        }
    }

    func testASharedSubsetIsTheSameForTextsOfTheSameScript() throws {
        let font = try FontFiles.font("DejaVuSans.ttf")
        let first = font.subset(of: CodeSet(try FontFiles.codes(of: "Bonjour", in: font)), compressor: nil)
        let second = font.subset(of: CodeSet(try FontFiles.codes(of: "Grüße “x”", in: font)), compressor: nil)
        XCTAssertTrue(first === second)
        let polish = font.subset(of: CodeSet(try FontFiles.codes(of: "Grüße, Łódź", in: font)), compressor: nil)
        XCTAssertGreaterThan(polish.program.content.count, first.program.content.count)
        XCTAssertNotEqual(polish.name, first.name)
    }

    func testNoMoreThanSomeSubsetsAreKept() throws {
        let font = try FontFiles.font("DejaVuSans.ttf", subset: .exact)
        let usual = CodeSet([65, 66])
        let kept = font.subset(of: usual, compressor: nil)
        for code in 97..<123 as Range<UInt16> {
            _ = font.subset(of: CodeSet([code]), compressor: nil)
            XCTAssertTrue(font.subset(of: usual, compressor: nil) === kept)
        }
        font.subsets.withLock { XCTAssertEqual($0.extent.count, 16) }
        for first in 0..<14 as Range<UInt16> {
            _ = font.subset(of: CodeSet(first..<5_900), compressor: nil)
        }
        font.subsets.withLock {
            XCTAssertLessThan($0.extent.count, 14)
            XCTAssertLessThanOrEqual($0.extent.bytes, 8 << 20)
        }
    }

    func testWhatOneCompressorMadeIsNotAnothers() throws {
        let font = try FontFiles.font("LiberationSans-Regular.ttf")
        let used = CodeSet([65, 66])
        let plain = font.subset(of: used, compressor: nil)
        let stored = font.subset(of: used, compressor: .stored)
        let failing = PDFCompressor { _, output in output = [1, 2, 3] }
        XCTAssertTrue(font.subset(of: used, compressor: .stored) === stored)
        XCTAssertFalse(plain === stored)
        XCTAssertEqual(font.subset(of: used, compressor: failing).program.content, [1, 2, 3])
    }

    func testACompressorThatFailsIsReportedEachTime() throws {
        struct Lacking: Error {}
        let font = try FontFiles.font("LiberationSans-Regular.ttf")
        let failing = PDFCompressor { _, _ in throw Lacking() }
        for _ in 0..<2 {
            var file = ObjectFile(fixedObjects: 0, compressor: failing)
            _ = font.write(into: &file, used: CodeSet([65]))
            XCTAssertEqual(file.fault?.code, .compressionFailed)
        }
    }

    func testManyThreadsGetTheSameBytes() async throws {
        let font = try FontFiles.font("DejaVuSans.ttf", subset: .exact)
        let expected = try FontFiles.page(Self.text, in: try FontFiles.font("DejaVuSans.ttf", subset: .exact))
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<4).allSatisfy { _ in (try? FontFiles.page(Self.text, in: font)) == expected } }
            }
            for await isAlike in group { XCTAssertTrue(isAlike) }
        }
    }

    func testTextComesBackAsItWasWritten() throws {
        for name in ["DejaVuSans.ttf", "LiberationSerif-Regular.ttf", "NotoSans-Regular.ttf"] {
            for subset in [PDFFont.Subset.exact, .shared] {
                let font = try FontFiles.font(name, subset: subset)
                XCTAssertEqual(try Programs.words(of: try FontFiles.page(Self.text, in: font)), Self.text)
                let compressed = try FontFiles.page(Self.text, in: font, compressor: .stored)
                XCTAssertEqual(try Programs.words(of: compressed), Self.text)
            }
        }
    }

    func testCharactersBeyondTheFirstPlaneComeBack() throws {
        let font = try FontFiles.font("DejaVuSans.ttf")
        XCTAssertEqual(try Programs.words(of: try FontFiles.page("x𝔸🂡😀y", in: font)), "x𝔸🂡😀y")
    }

    func testOtherProgramsFindNoFault() throws {
        for name in ["DejaVuSans.ttf", "LiberationSerif-Regular.ttf", "NotoSans-Regular.ttf"] {
            let font = try FontFiles.font(name)
            let pdf = try FontFiles.page(Self.text, in: font, listsCodes: true)
            XCTAssert(
                try Programs.output(of: "qpdf", ["--check"], over: pdf).contains("No syntax or stream encoding errors"))
            let fonts = try Programs.output(of: "pdffonts", over: pdf)
            XCTAssertNotNil(
                fonts.firstMatch(of: /[A-Z]{6}\+\S+ +CID TrueType +Identity-H +yes yes yes/), fonts)
            XCTAssert(fonts.contains("+" + font.name), fonts)
            let drawn = try Programs.output(of: "mutool", ["draw", "-F", "trace"], over: pdf)
            XCTAssertFalse(drawn.contains("error"), drawn)
            XCTAssert(drawn.contains(font.name), drawn)
        }
    }
}
