import Mailroom
import MailroomLetters
import XCTest

final class TemplateTests: XCTestCase {
    private func assertRefused(_ source: String, line: Int, saying words: String..., at place: UInt = #line) {
        XCTAssertThrowsError(try Template(source: Array(source.utf8), name: "x"), line: place) { error in
            guard let error = error as? TemplateError else { return XCTFail("\(error)", line: place) }
            XCTAssertEqual(error.line, line, error.description, line: place)
            for word in words { XCTAssert(error.description.contains(word), error.description, line: place) }
        }
    }

    private func assertRefused(body: String, line: Int, saying words: String..., at place: UInt = #line) {
        let source = "---\nsubject: s\nattachment: a.pdf\n---\n" + body
        XCTAssertThrowsError(try Template(source: Array(source.utf8), name: "x"), line: place) { error in
            guard let error = error as? TemplateError else { return XCTFail("\(error)", line: place) }
            XCTAssertEqual(error.line, line + 4, error.description, line: place)
            for word in words { XCTAssert(error.description.contains(word), error.description, line: place) }
        }
    }

    func testReadsItsFrontMatter() throws {
        let source =
            "\u{FEFF}---\r\nsubject: \"Bonjour\"\r\n# a comment\r\nfrom: A <a@example.org>\r\nlanguage: fr\r\n---\r\nx"
        let template = try Template(source: Array(source.utf8), name: "file")
        XCTAssertEqual(template.name, "file")
        XCTAssertEqual(template.from, "A <a@example.org>")
        XCTAssertEqual(template.language, "fr")
        XCTAssertEqual(template.version, TemplateVersion(of: Array(source.utf8)))
        XCTAssertEqual(try MailroomLetters.Template(source: Array("---\nname: n\nsubject: s\n---".utf8)).name, "n")
    }

    func testRefusesFrontMatterItCannotRead() {
        assertRefused("Hello", line: 1, saying: "front matter")
        assertRefused("---\nsubject: x\n", line: 1, saying: "front matter")
        assertRefused("---\nname: x\n---\n", line: 1, saying: "no subject")
        assertRefused("---\nsubjet: x\n---\n", line: 2, saying: "“subjet”", "did you mean “subject”?")
        assertRefused("---\nsubject x\n---\n", line: 2, saying: "key: value")
        assertRefused("---\nsubject: x\nsubject: y\n---\n", line: 3, saying: "twice")
        assertRefused("---\nsubject: x\npage: a5\n---\n", line: 3, saying: "a4, letter")
        assertRefused("---\nsubject: x\ncolor: red\n---\n", line: 3, saying: "#rrggbb")
        assertRefused("---\nsubject: {{x\n---\n", line: 2, saying: "does not end with }}")
        XCTAssertThrowsError(try Template(source: [0x2D, 0xFF])) { error in
            XCTAssert("\(error)".contains("UTF-8"))
        }
    }

    func testRefusesABodyItCannotReadAndSaysWhere() {
        assertRefused(body: "a\n\n{{#x}}\nb", line: 3, saying: "{{/x}}")
        assertRefused(body: "a {{#x}} b", line: 1, saying: "{{/x}}")
        assertRefused(body: "a\nb {{/x}}", line: 2, saying: "closes nothing open")
        assertRefused(body: "{{#x}}\n{{#y}}\n{{/x}}\n{{/y}}", line: 3, saying: "{{/x}}")
        assertRefused(body: "{{#x}} {{#y}} {{/x}} {{/y}}", line: 1, saying: "“y”")
        assertRefused(body: "{{> other}}", line: 1, saying: "no partial “other”")
        assertRefused(body: "{{a b}}", line: 1, saying: "a name has")
        assertRefused(body: "{{}}", line: 1)
        assertRefused(body: "{{a..b}}", line: 1)
        assertRefused(body: "a\n::: adress\nb\n:::", line: 2, saying: "address")
        assertRefused(body: "a\n::: right\nb", line: 2, saying: "not closed")
        assertRefused(body: ":::", line: 1, saying: "no part open")
        assertRefused(body: "::: right\n::: small\n:::\n:::", line: 2, saying: "within")
        assertRefused(body: "x\n[a](javascript:alert(1))", line: 2, saying: "https:")
        assertRefused(body: "[a]()", line: 1, saying: "no address")
        assertRefused(body: "x\ny **z ☎**", line: 2, saying: "“☎” (U+260E)")
    }

    func testCharactersWithoutAGlyphAreFineWithoutAPDF() throws {
        XCTAssertNoThrow(try template("☎ {{x}}", front: "language: ja"))
    }

    func testNoSourceMakesTheParserFail() {
        var random = SystemRandomNumberGenerator()
        let pieces = [
            "*", "**", "[", "](", ")", "{{", "}}", "{{x}}", "{{#x}}", "{{/x}}", "{{^y}}", "{{/y}}", "\n", "\n\n", "\\",
            "a", " ",
            "# ", "- ", "1. ", ":::", "::: right\n", "---", "<https://a>", "https://b", "é", "\u{301}", "!",
        ]
        for _ in 0..<2_000 {
            let body = (0..<Int.random(in: 0..<30, using: &random)).map { _ in pieces.randomElement(using: &random)! }
            do {
                _ = try template(body.joined())
            } catch let error as TemplateError {
                XCTAssertGreaterThan(error.line, 4, error.description)
            } catch {
                XCTFail("\(error)")
            }
        }
    }

    func testManyUnclosedMarksAreReadInTime() throws {
        let marks = String(repeating: "*a **b [c ", count: 400)
        XCTAssertNoThrow(try template(marks))
    }
}
