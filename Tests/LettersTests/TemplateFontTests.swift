import Mailroom
import MailroomLetters
import MailroomMIME
import TestSupport
import XCTest

final class TemplateFontTests: XCTestCase {
    private func renderer(_ lines: String, _ body: String, fonts: [String: String]) throws -> LetterRenderer {
        LetterRenderer(
            files: templateFiles(
                ["letter.md": "---\nsubject: s\nattachment: a.pdf\n\(lines)\n---\n\(body)"],
                fonts: try fonts.mapValues { try font($0) }))
    }

    func testLettersOfOtherScriptsComeOut() async throws {
        let renderer = try renderer(
            "font: fonts/a.ttf\nfont-bold: fonts/b.ttf", "Zażółć **gęślą** {{name}} Ελλάδα",
            fonts: ["fonts/a.ttf": "dejavu/DejaVuSans.ttf", "fonts/b.ttf": "dejavu/DejaVuSans-Bold.ttf"])
        XCTAssertEqual(renderer.problems, [])
        let letter = try await renderer.rendering(["name": "Łukasz Привет"])
        let pdf = letter.attachments[0].bytes
        XCTAssertEqual(try Programs.words(of: pdf), "Zażółć gęślą Łukasz Привет Ελλάδα")
        let fonts = try Programs.output(of: "pdffonts", over: pdf)
        XCTAssert(fonts.contains("+DejaVuSans ") && fonts.contains("+DejaVuSans-Bold "), fonts)
    }

    func testACharacterIsTakenFromAFallback() async throws {
        let lines = "font: times\nfallback-fonts: symbol, a.ttf"
        let renderer = try renderer(lines, "α {{name}}", fonts: ["a.ttf": "dejavu/DejaVuSans.ttf"])
        XCTAssertEqual(renderer.problems, [])
        let letter = try await renderer.rendering(["name": "Łódź"])
        XCTAssertEqual(try Programs.words(of: letter.attachments[0].bytes), "α Łódź")
        XCTAssertThrowsError(try renderer.check(Document(template: "letter", values: ["name": "日"]))) { error in
            XCTAssert("\(error)".contains("name (line 7) has “日” (U+65E5)"), "\(error)")
        }
    }

    func testAFaceThatIsMissingIsNamedBeforeAnyLetter() throws {
        let renderer = try renderer("font: a.ttf", "**bold**", fonts: ["a.ttf": "dejavu/DejaVuSans.ttf"])
        XCTAssertEqual(renderer.problems.count, 1)
        XCTAssert(renderer.problems[0].contains("bold"), renderer.problems[0])
    }

    func testABrokenFontIsNamed() throws {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: s\nattachment: a.pdf\nfont: a.ttf\n---\nx", "a.ttf": "no font",
            ]))
        XCTAssertEqual(renderer.problems.count, 1)
        XCTAssert(renderer.problems[0].contains("line 4: “a.ttf” cannot be used"), renderer.problems[0])
    }

    func testPDFARefusesFontsThatAreNotEmbedded() throws {
        let refused = try renderer("pdfa: 2b", "x", fonts: [:])
        XCTAssertEqual(refused.problems.count, 1)
        XCTAssert(refused.problems[0].contains("Helvetica"), refused.problems[0])
    }

    func testAnArchivableLetterIsOne() async throws {
        for lines in ["compress: yes", "subset: exact\nkerning: no"] {
            let renderer = try renderer(
                "pdfa: 1b\nfont: a.ttf\nfont-bold: b.ttf\nlanguage: pl\nfooter: {page}/{pages}\n\(lines)",
                "# Zażółć\n\n**gęślą** [jaźń](https://example.org/) {{name}}\n\n| a | b |\n| - | - |\n| c | d |",
                fonts: [
                    "a.ttf": "liberation/LiberationSans-Regular.ttf", "b.ttf": "liberation/LiberationSans-Bold.ttf",
                ])
            XCTAssertEqual(renderer.problems, [])
            let letter = try await renderer.rendering(["name": "Łukasz"])
            XCTAssertEqual(try Programs.faultsAsPDFA1b(of: letter.attachments[0].bytes), [], lines)
        }
    }

    func testACompressedLetterSaysTheSame() async throws {
        let body = String(repeating: "Some words of a letter. ", count: 40)
        let plain = try await renderer("compress: no", body, fonts: [:]).rendering().attachments[0].bytes
        let renderer = try renderer("compress: yes", body, fonts: [:])
        XCTAssertEqual(renderer.problems, [])
        let small = try await renderer.rendering().attachments[0].bytes
        XCTAssertLessThan(small.count, plain.count)
        XCTAssertEqual(try Programs.words(of: small), try Programs.words(of: plain))
        XCTAssert(try Programs.output(of: "qpdf", ["--check"], over: small).contains("No syntax or stream encoding"))
    }
}
