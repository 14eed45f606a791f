import MailroomPDF
import TestSupport
import XCTest

final class EmbeddedTextTests: XCTestCase {
    private func family(_ name: String = "DejaVuSans", subset: PDFFont.Subset = .shared) throws -> PDFFontFamily {
        PDFFontFamily(
            regular: try PDFFont(FontFiles.bytes("\(name).ttf"), subset: subset),
            bold: try PDFFont(FontFiles.bytes("\(name)-Bold.ttf"), subset: subset))
    }

    private func document() -> PDFDocument {
        PDFDocument(PDFProperties(title: "t", created: PDFDate(secondsSince1970: 0)))
    }

    private let languages = [
        "Zażółć gęślą jaźń, Łukasz z Łodzi.", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.", "Съешь же ещё этих мягких булок.",
        "« Ça coûte 5 € — n’est-ce pas ? » Œuvre, naïve, où ?", "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    ]

    func testFamiliesThatLackDifferentFacesAreNotEqual() throws {
        let font = try PDFFont(FontFiles.bytes("DejaVuSans.ttf"))
        XCTAssertEqual(PDFFontFamily(regular: font), PDFFontFamily(regular: font))
        XCTAssertNotEqual(PDFFontFamily(regular: font), PDFFontFamily(regular: font, bold: font))
    }

    /// A soft hyphen is of the first face, whatever the face of the letter before it.
    func testAHyphenAtALinesEndIsMeasuredInTheFaceThatShowsIt() throws {
        for fallbacks in [[try family()], [.symbol], [.zapfDingbats]] {
            let family = PDFFontFamily.helvetica.withFallbacks(fallbacks)
            for letter in ["ж", "α", "✓"] where PDFUnsupportedCharacter.all(in: letter, family: family).isEmpty {
                var document = SmallPages.document()
                for indent in 0..<60 {
                    var style = PDFParagraphStyle(family: family, size: 20)
                    style.leftIndent = Double(indent) / 4
                    document.addParagraph(String(repeating: "\(letter)\u{AD}", count: 20), style: style)
                }
                let words = try SmallPages.words(of: document.finish())
                XCTAssertLessThanOrEqual(words.filter { !$0.text.hasSuffix("-") }.count, 60, letter)
                XCTAssertLessThan(words.map(\.right).max() ?? .nan, 280.03, letter)
            }
        }
    }

    func testGivesBackTheWordsOfManyLanguagesHoweverTheyAreSet() throws {
        for subset in [PDFFont.Subset.shared, .exact] {
            let family = try family(subset: subset)
            for alignment in [PDFParagraphStyle.Alignment.left, .right, .centre, .justified] {
                for kerning in [true, false] {
                    var letter = document()
                    let style = PDFParagraphStyle(family: family, alignment: alignment, kerning: kerning)
                    let text = (languages + languages + languages).joined(separator: " ")
                    letter.addParagraph(text, style: style)
                    let pdf = try letter.finish()
                    XCTAssertEqual(try Programs.words(of: pdf), text)
                }
            }
        }
    }

    func testEmbedsASubsetThatCanBeSearched() throws {
        var letter = document()
        letter.addHeading("Łódź", family: try family())
        letter.addParagraph(languages.joined(separator: "\n"), style: PDFParagraphStyle(family: try family()))
        let pdf = try letter.finish()
        XCTAssert(
            try Programs.output(of: "qpdf", ["--check"], over: pdf).contains("No syntax or stream encoding errors"))
        let rows = try Programs.output(of: "pdffonts", over: pdf).split(separator: "\n").dropFirst(2)
        XCTAssertEqual(rows.count, 2, rows.joined(separator: "\n"))
        for row in rows {
            XCTAssert(row.contains("+DejaVuSans"), String(row))
            XCTAssert(row.contains("CID TrueType      Identity-H       yes yes yes"), String(row))
        }
    }

    func testJustifiedLinesEndAtTheRightMargin() throws {
        var letter = document()
        let style = PDFParagraphStyle(family: try family(), alignment: .justified)
        letter.addParagraph(String(repeating: "Λόρεμ ίψουμ Dolor (sit) \\amet ", count: 30), style: style)
        let boxes = try Programs.output(of: "pdftotext", ["-bbox"], over: letter.finish(), after: ["-"])
        let ends = boxes.split(separator: "\n").filter { $0.contains("<word") }.compactMap { line in
            line.split(separator: "xMax=\"").last.flatMap { Double($0.prefix { $0 != "\"" }) }
        }
        let right = PDFPageSize.a4.width - PDFMargins.letter.right
        XCTAssertGreaterThanOrEqual(ends.filter { abs($0 - right) < 0.1 }.count, 8)
        XCTAssertLessThan(ends.max() ?? 0, right + 0.1)
    }

    func testTakesWhatAFontLacksFromTheFirstFallbackThatHasIt() throws {
        let family = PDFFontFamily.times.withFallbacks([.symbol, .zapfDingbats, try family()])
        var letter = document()
        let text = "Grüße α ≤ β ✓ Łódź жизнь et retour"
        letter.addParagraph(text, style: PDFParagraphStyle(family: family, alignment: .justified), marker: "✓")
        let pdf = try letter.finish()
        XCTAssertEqual(try Programs.words(of: pdf), "✓ " + text)
        let fonts = try Programs.output(of: "pdffonts", over: pdf)
        for name in ["Times-Roman", "Symbol", "ZapfDingbats", "+DejaVuSans"] { XCTAssert(fonts.contains(name), fonts) }
    }

    func testTakesTheBoldFaceOfAFallbackInBoldText() throws {
        let family = PDFFontFamily.helvetica.withFallbacks([try family()])
        var letter = document()
        letter.addParagraph(
            [PDFTextRun("Ł", emphasis: .bold), PDFTextRun("ź", emphasis: .italic)], style: .init(family: family))
        let fonts = try Programs.output(of: "pdffonts", over: letter.finish())
        XCTAssert(fonts.contains("+DejaVuSans-Bold"), fonts)
        XCTAssert(fonts.contains("+DejaVuSans "), "the italic that is absent is replaced by the regular: \(fonts)")
    }

    func testRefusesAnEmphasisThatHasNoFace() throws {
        var letter = document()
        letter.addParagraph(
            [PDFTextRun("a"), PDFTextRun("b", emphasis: .italic)], style: PDFParagraphStyle(family: try family()))
        XCTAssertThrowsError(try letter.finish()) { error in
            XCTAssertEqual((error as? PDFError)?.code, .missingFace)
            XCTAssert("\(error)".contains("italic") && "\(error)".contains("DejaVuSans"), "\(error)")
        }
    }

    func testNamesWhatNoFontOfTheChainHas() throws {
        let family = PDFFontFamily.times.withFallbacks([try family()])
        var letter = document()
        letter.addParagraph("Łódź 日本 e\u{30C}", style: PDFParagraphStyle(family: family))
        XCTAssertThrowsError(try letter.finish()) { error in
            XCTAssertEqual((error as? PDFError)?.unsupported.map(\.description), ["“日” (U+65E5)", "“本” (U+672C)"])
        }
        XCTAssertEqual(PDFUnsupportedCharacter.all(in: "ł日", family: family).map(\.character), ["日"])
        XCTAssertEqual(PDFUnsupportedCharacter.all(in: "ł日").map(\.character), ["ł", "日"])
    }

    func testComposesLettersOfEveryScriptAndShowsMarksThatHaveNoComposedForm() throws {
        let style = PDFParagraphStyle(family: try family())
        func pdf(_ text: String) throws -> [UInt8] {
            var letter = document()
            letter.addParagraph(text, style: style)
            return try letter.finish()
        }
        let composed = "źśčřůőĞĭệṩάϊйё"
        let decomposed = composed.decomposedStringWithCanonicalMapping
        XCTAssertNotEqual(Array(composed.utf8), Array(decomposed.utf8))
        XCTAssertEqual(try pdf(decomposed), try pdf(composed))
        XCTAssertEqual(try Programs.words(of: pdf("ab\u{323}c\u{33}")).unicodeScalars.filter { $0 != " " }.count, 4)
    }

    func testALinkInEmbeddedTextCoversItsWords() throws {
        var letter = document()
        letter.addParagraph(
            [PDFTextRun("Αντίο "), PDFTextRun("εδώ", link: "https://example.org/"), PDFTextRun(" και εκεί")],
            style: PDFParagraphStyle(family: try family(), size: 10))
        let pdf = try letter.finish()
        XCTAssertEqual(try Programs.words(of: pdf), "Αντίο εδώ και εκεί")
        let boxes = try Programs.output(of: "pdftotext", ["-bbox"], over: pdf, after: ["-"])
        let word = try XCTUnwrap(boxes.split(separator: "\n").first { $0.contains("εδώ") })
        let start = try XCTUnwrap(Double(word.split(separator: "xMin=\"")[1].prefix { $0 != "\"" }))
        let end = try XCTUnwrap(Double(word.split(separator: "xMax=\"")[1].prefix { $0 != "\"" }))
        let rectangle = String(decoding: pdf, as: UTF8.self).split(separator: "/Rect[")[1].split(separator: " ")
        XCTAssertEqual(try XCTUnwrap(Double(rectangle[0])), start, accuracy: 0.05)
        XCTAssertEqual(try XCTUnwrap(Double(rectangle[2])), end, accuracy: 0.05)
    }

    func testTheSameCallsGiveTheSameOctets() throws {
        func make() throws -> [UInt8] {
            let family = try family()
            var letter = document()
            for _ in 0..<3 { letter.addParagraph(languages.joined(separator: " "), style: .init(family: family)) }
            return try letter.finish()
        }
        XCTAssertEqual(try make(), try make())
    }

    func testAnyTextEitherComesOutOrIsReported() throws {
        var random = SystemRandomNumberGenerator()
        let family = PDFFontFamily.helvetica.withFallbacks([.symbol, try family(subset: .exact), .zapfDingbats])
        for _ in 0..<100 {
            var text = ""
            for _ in 0..<Int.random(in: 0...80, using: &random) {
                let value = UInt32.random(in: 0..<(Bool.random(using: &random) ? 0x300 : 0x2800), using: &random)
                text.unicodeScalars.append(UnicodeScalar(value) ?? " ")
            }
            let expected = PDFUnsupportedCharacter.all(in: text, family: family)
            var letter = document()
            letter.addParagraph(text, style: PDFParagraphStyle(family: family, alignment: .justified, rightIndent: 300))
            do throws(PDFError) {
                let pdf = try letter.finish()
                XCTAssertEqual(expected, [])
                XCTAssert(pdf.starts(with: Array("%PDF-".utf8)))
            } catch { XCTAssertEqual(error.unsupported, expected) }
        }
    }
}
