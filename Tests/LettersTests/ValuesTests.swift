import Mailroom
import MailroomLetters
import MailroomMIME
import TestSupport
import XCTest

final class ValuesTests: XCTestCase {
    func testAValueIsNeverReadAsMarkup() async throws {
        let value = "**x** <b>&\"'</b> {{y}} [a](https://b) # - \\"
        let letter = try await render("{{v}} end", ["v": .text(value), "y": "no"])
        XCTAssertEqual(letter.text, value + " end\n")
        let html = try XCTUnwrap(letter.html)
        XCTAssert(
            html.contains(">**x** &lt;b&gt;&amp;&quot;&#39;&lt;/b&gt; {{y}} [a](https://b) # - \\ end</p>"), html)
        XCTAssertEqual(try Programs.words(of: letter.attachments[0].bytes, asLaidOut: true), value + " end")
    }

    func testSectionsRepeatEnterAndDecide() async throws {
        let values: [String: Document.Value] = [
            "people": [["name": "Ada", "age": "36"], ["name": "Bob"]],
            "club": ["name": "Érables", "city": ["zip": "74000"]],
            "yes": true, "no": false, "empty": "", "none": [], "tags": ["a", "b"], "name": "outer",
        ]
        for (body, expected) in [
            ("{{#people}}{{name}} {{/people}}.", "Ada Bob ."), ("{{#tags}}<{{.}}>{{/tags}}", "<a><b>"),
            ("{{club.name}} {{club.city.zip}}", "Érables 74000"),
            ("{{#club}}{{name}}/{{city.zip}}{{/club}}", "Érables/74000"),
            ("{{#yes}}1{{/yes}}{{#no}}2{{/no}}{{^no}}3{{/no}}{{^yes}}4{{/yes}}", "13"),
            ("{{#empty}}1{{/empty}}{{#none}}2{{/none}}{{#absent}}3{{/absent}}{{^absent}}4{{/absent}}", "4"),
            ("{{#people}}{{#age}}{{name}} {{age}}{{/age}}{{^age}}{{name}} ?{{/age}};{{/people}}", "Ada 36;Bob ?;"),
            ("a{{! never shown }}b", "ab"), ("{{ name }}", "outer"), ("**{{#yes}}x{{/yes}}** y", "x y"),
        ] {
            let written = try await text(body, values)
            XCTAssertEqual(written, expected + "\n", body)
        }
    }

    func testASectionAloneOnItsLinesEnclosesParagraphs() async throws {
        let body = "{{#people}}\n- {{name}}\n{{/people}}\n{{^people}}\nNobody.\n{{/people}}\n{{! note }}\n\nend"
        let full = try await text(body, ["people": [["name": "Ada"], ["name": "Bob"]]])
        XCTAssertEqual(full, "- Ada\n- Bob\n\nend\n")
        let empty = try await text(body)
        XCTAssertEqual(empty, "Nobody.\n\nend\n")
        let numbered = try await text("{{#x}}\n1. {{.}}\n{{/x}}", ["x": ["a", "b", "c"]])
        XCTAssertEqual(numbered, "1. a\n2. b\n3. c\n")
    }

    func testALineBreakInAValueIsALineBreak() async throws {
        let letter = try await render("::: address\n{{address}}\n:::", ["address": "1 rue X\r\n74000 Annecy"])
        XCTAssert(letter.html?.contains("1 rue X<br>\n74000 Annecy") == true, letter.html ?? "")
        XCTAssertEqual(letter.text?.split(separator: "\n").count, 2)
        XCTAssertEqual(try Programs.words(of: letter.attachments[0].bytes, asLaidOut: true), "1 rue X 74000 Annecy")
    }

    func testTheSubjectAndTheFileNameTakeValues() async throws {
        let renderer = LetterRenderer(templates: [
            try Template(
                source: Array(
                    "---\nsubject: Pour {{name}}{{#vip}} *{{/vip}}\nattachment: l-{{name}}.pdf\n---\nx".utf8), name: "t"
            )
        ])
        let values: [String: Document.Value] = ["name": "../É:lo\"die/", "vip": true]
        let letter = try await renderer.render(Document(template: "t", values: values))
        XCTAssertEqual(letter.subject, "Pour ../É:lo\"die/ *")
        XCTAssertEqual(letter.attachments[0].fileName, "l-..-É-lo-die-.pdf")
    }

    func testWithoutAnAttachmentThereIsNoPDF() async throws {
        let letter = try await render("日本 {{x}}", ["x": "☎"], front: "language: ja")
        XCTAssertEqual(letter.attachments, [])
        XCTAssertEqual(letter.text, "日本 ☎\n")
    }
}
