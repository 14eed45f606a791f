import Foundation
import Mailroom
import MailroomLetters
import MailroomMIME
import TestSupport
import XCTest

final class TemplateImageTests: XCTestCase {
    /// A red picture of four pixels, in PNG.
    private let png = [UInt8](
        Data(
            base64Encoded:
                "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
        )!)

    private func renderer(_ body: String, lines: String = "") -> LetterRenderer {
        LetterRenderer(
            files: templateFiles(
                ["letter.md": "---\nsubject: s\nattachment: a.pdf\n\(lines)---\n\(body)"],
                fonts: ["images/logo.png": png]))
    }

    func testAnImageIsInThePDFAndWithinTheMail() async throws {
        let renderer = renderer("text\n\n![The *logo*](images/logo.png){width=20mm}\n\n![again](images/logo.png)")
        XCTAssertEqual(renderer.problems, [])
        let letter = try await renderer.rendering()
        XCTAssertEqual(letter.attachments.count, 2)
        let part = try XCTUnwrap(letter.attachments.last)
        let id = try XCTUnwrap(part.contentID)
        XCTAssertEqual(part.fileName, "logo.png")
        XCTAssertEqual(part.mediaType, .png)
        XCTAssertEqual(part.bytes, png)
        let html = try XCTUnwrap(letter.html)
        XCTAssertEqual(html.ranges(of: "src=\"cid:\(id)\"").count, 2, html)
        let pdf = letter.attachments[0].bytes
        let images = try Programs.output(of: "pdfimages", ["-list"], over: pdf)
        XCTAssertEqual(images.split(separator: "\n").count, 4, images)
        XCTAssert(try Programs.output(of: "qpdf", ["--check"], over: pdf).contains("No syntax or stream encoding"))
    }

    func testAnImageOfASectionThatIsNotShownIsReadBeforehand() async throws {
        let renderer = renderer(
            "{{^hidden}}\n{{#x}}\n![a](images/logo.png)\n{{/x}}\n{{/hidden}}\n{{#hidden}}\nh\n{{/hidden}}")
        XCTAssertEqual(renderer.problems, [])
        let letter = try await renderer.rendering(["x": true])
        XCTAssertEqual(letter.attachments.count, 2)
        let without = try await renderer.rendering()
        XCTAssertEqual(without.attachments.count, 1)
    }

    func testAnImageIsNeverNamedByAValue() throws {
        XCTAssertEqual(renderer("![a](images/{{name}}.png)").problems.count, 1)
        let raw = renderer("{{{raw}}}")
        XCTAssertEqual(raw.problems, [])
        let document = Document(template: "letter", values: ["raw": "![a](images/logo.png)"])
        XCTAssertThrowsError(try raw.check(document)) { error in
            XCTAssert("\(error)".contains("images/logo.png"), "\(error)")
        }
    }

    func testABrokenImageIsNamedWithItsLine() {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: s\n---\nx\n\n![a](b.png)", "b.png": "no picture",
            ]))
        XCTAssertEqual(renderer.problems.count, 1)
        XCTAssert(renderer.problems[0].contains("line 6: “b.png” cannot be used"), renderer.problems[0])
    }

    func testCharactersOfTheMarginsAreKnownBeforehand() {
        let renderer = renderer("x", lines: "footer: {{club}} ☎\n")
        XCTAssertEqual(renderer.problems.count, 1)
        XCTAssert(renderer.problems[0].contains("line 4: the PDF's fonts lack “☎”"), renderer.problems[0])
    }

    func testManyCharactersThatCannotBeShownAreRefusedInTime() {
        let renderer = renderer("{{x}}")
        let text = String(String.UnicodeScalarView((0..<15_000).compactMap { Unicode.Scalar(0x4E00 + $0) }))
        XCTAssertThrowsError(try renderer.check(Document(template: "letter", values: ["x": .text(text)]))) { error in
            XCTAssertEqual((error as? RenderError)?.keys, ["x"])
            XCTAssertLessThan("\(error)".count, 2_000)
        }
    }

    func testLinesInTheMarginsHaveValuesAndPageNumbers() async throws {
        let renderer = renderer(
            "one\n\n\\newpage\n\ntwo",
            lines: "header: {{club | uppercase}}\nfooter: {{club}} | a {{! | }} | {page}/{pages}\n")
        XCTAssertEqual(renderer.problems, [])
        let letter = try await renderer.rendering(["club": "Érables"])
        let words = try Programs.words(of: letter.attachments[0].bytes, asLaidOut: true)
        XCTAssertEqual(words, "one Érables a 1/2 ÉRABLES two Érables a 2/2")
        XCTAssertThrowsError(try renderer.check(Document(template: "letter", values: ["club": "a\nb"]))) { error in
            XCTAssertEqual((error as? RenderError)?.keys, ["club"])
        }
        XCTAssertThrowsError(try renderer.check(Document(template: "letter", values: ["club": "Ł"]))) { error in
            XCTAssertEqual((error as? RenderError)?.keys, ["club"])
        }
    }
}
