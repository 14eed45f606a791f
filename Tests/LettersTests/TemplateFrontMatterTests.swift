import XCTest

@testable import MailroomLetters

final class TemplateFrontMatterTests: XCTestCase {
    private func read(_ lines: String) throws -> FrontMatter {
        try FrontMatterReader.read(SourceLine.lines(of: "---\nsubject: s\n\(lines)\n---\nbody")).front
    }

    private func assertRefused(_ lines: String, saying words: String..., at place: UInt = #line) {
        XCTAssertThrowsError(try read(lines), lines, line: place) { error in
            guard let fault = error as? TemplateFault else { return XCTFail("\(error)", line: place) }
            XCTAssertEqual(fault.line, 2 + lines.split(separator: "\n").count, lines, line: place)
            for word in words { XCTAssert(fault.reason.contains(word), fault.reason, line: place) }
        }
    }

    func testReadsTheFontsATemplateNames() throws {
        let fonts = try read(
            "font: fonts/Lato-Regular.ttf\nfont-bold: fonts/Lato-Bold.ttf\nfallback-fonts: symbol, dingbats, a/b.ttf"
        ).fonts
        XCTAssertEqual(fonts.regular.choice, .file("fonts/Lato-Regular.ttf"))
        XCTAssertEqual(fonts.bold, FrontMatter.Line(text: "fonts/Lato-Bold.ttf", number: 4))
        XCTAssertNil(fonts.italic)
        XCTAssertEqual(fonts.fallbacks.map(\.choice), [.symbol, .dingbats, .file("a/b.ttf")])
        XCTAssertEqual(try read("font: courier").fonts.regular.choice, .courier)
    }

    func testReadsWhatTheFileIsToBe() throws {
        let front = try read("compress: yes\npdfa: 2b\nkerning: no\nsubset: exact\nheader: a | b\nletterhead: head")
        XCTAssertEqual(front.compressionLine, 3)
        XCTAssertEqual(front.conformance, .pdfA2b)
        XCTAssertFalse(front.hasKerning)
        XCTAssertEqual(front.subset, .exact)
        XCTAssertEqual(front.header, FrontMatter.Line(text: "a | b", number: 7))
        XCTAssertEqual(front.letterhead?.text, "head")
        let plain = try read("")
        XCTAssertNil(plain.compressionLine)
        XCTAssertNil(plain.conformance)
        XCTAssert(plain.hasKerning)
    }

    func testAFormatChoosesItsSheet() throws {
        XCTAssertEqual(try read("format: us-letter").page, .letter)
        XCTAssertEqual(try read("format: us-letter\npage: letter").page, .letter)
        XCTAssertEqual(try read("format: din-5008-b").page, .a4)
        XCTAssertEqual(try read("format: plain\npage: letter").page, .letter)
        assertRefused("format: us-letter\npage: a4", saying: "us-letter", "page: letter")
        assertRefused("format: nf-z-11-001\npage: letter", saying: "page: a4")
        assertRefused("format: din-5008", saying: "plain, din-5008-b, nf-z-11-001, us-letter")
    }

    func testRefusesALanguageThatIsNone() throws {
        for language in ["fr", "en-GB", "sr-Latn-RS", "gsw", "de-u-nu-latn"] {
            XCTAssertEqual(try read("language: \(language)").language, language)
        }
        for language in ["french", "fr_FR", "fr-", "f", "fr\" onload=\"x", "é1"] {
            assertRefused("language: \(language)", saying: "no language", "en-GB")
        }
    }

    func testRefusesAKeyWithoutAValue() {
        for key in FrontMatterReader.keys where key != "subject" {
            assertRefused("\(key):", saying: "“\(key)” has no value")
            assertRefused("\(key): \"\"", saying: "“\(key)” has no value")
        }
    }

    func testRefusesFontsThatCannotBe() {
        assertRefused("font: lato", saying: "no font", "times")
        assertRefused("font: ../Lato.ttf", saying: "“..”")
        assertRefused("font: /usr/share/Lato.ttf", saying: "relative")
        assertRefused("font: a.ttf\nfont-bold: times", saying: "“font-bold” is a file")
        assertRefused("font: times\nfont-bold: a.ttf", saying: "goes with a “font” that is a file")
        assertRefused("fallback-fonts: symbol, webdings", saying: "“webdings”")
        assertRefused("compress: true", saying: "yes, no")
        assertRefused("pdfa: 3b", saying: "1b, 2b")
    }
}
