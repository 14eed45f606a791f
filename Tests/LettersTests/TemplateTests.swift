import Mailroom
import MailroomLetters
import MailroomMIME
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

    private let pieces = [
        "*", "**", "[", "](", ")", "{{", "}}", "{{x}}", "{{#x}}", "{{/x}}", "{{^y}}", "{{/y}}", "\n", "\n\n", "\\", "a",
        " ", "# ", "- ", "1. ", ":::", "::: right\n", "---", "<https://a>", "https://b", "é", "\u{301}", "!",
        "| a | {{x}} |\n", "| - | -: |\n", "{{{x}}}", "{{x?}}", "{{x | number}}", "{{$b}}", "{{=<% %>=}}",
        "\\newpage\n", "::: address\n", "::: sender\n", "\n:::\n", "  ", "![a](b.png)", "[a]({{l}})",
    ]

    private func randomBody() -> String {
        (0..<Int.random(in: 0..<30)).map { _ in pieces.randomElement() ?? "" }.joined()
    }

    func testNoSourceMakesTheParserFail() {
        for _ in 0..<1_000 {
            let body = randomBody()
            do {
                _ = try template(body)
            } catch let error as TemplateError {
                XCTAssertGreaterThan(error.line, 4, "\(error) in \(body)")
            } catch {
                XCTFail("\(error)")
            }
        }
    }

    func testWhatIsAcceptedIsRenderedOrRefusedForItsValues() async throws {
        let values: [[String: Document.Value]] = [
            [:], ["x": "v\u{2}\n*_|", "l": "https://a"], ["x": ["1", "\n\n", ["x": true]], "y": 3],
            ["x": ["x": "é", "y": ""], "l": "ftp://"], ["x": .number(1.5), "y": false],
        ]
        for _ in 0..<150 {
            let format = ["plain", "din-5008-b", "nf-z-11-001", "us-letter"].randomElement() ?? ""
            let body = randomBody()
            guard let template = try? template(body, front: "attachment: a.pdf\nformat: \(format)") else { continue }
            let renderer = LetterRenderer(templates: [template])
            for values in values {
                let document = Document(template: "letter", values: values)
                guard (try? renderer.check(document)) != nil else { continue }
                let letter = try await renderer.render(document)
                XCTAssertNotNil(letter.text, body)
                XCTAssert(letter.attachments.first?.bytes.starts(with: Array("%PDF-".utf8)) == true, body)
            }
        }
    }

    func testManyUnclosedMarksAreReadInTime() throws {
        let marks = String(repeating: "*a **b [c ", count: 400)
        XCTAssertNoThrow(try template(marks))
    }
}
