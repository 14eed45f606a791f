import Foundation
import Mailroom
import MailroomMIME
import TestSupport
import XCTest

@testable import MailroomLetters

final class HostileValueTests: XCTestCase {
    func testAnEmptyValueLeavesOneBlank() async throws {
        let body = """
            Dear {{t?}} {{n}}, a {{t?}} {{t?}} b {{t?}}

            {{t?}} Start *{{n}}* {{t?}}\u{20}

            - {{t?}} item {{t?}} {{n}} {{t?}}\u{20}\u{20}
              next

            |a|b|
            |-|-|
            |x {{t?}} y {{t?}} |{{t?}} {{t?}} |

            # {{t?}} H {{t?}} x {{t?}} #
            """
        let shown = try await html(body, ["n": "Ann"])
        for words in [
            ">Dear Ann, a b</p>", ">Start <em>Ann</em></p>", ">item Ann<br>\nnext</li>", ">x y</td>", "\"></td>",
            ">H x</h1>",
        ] { XCTAssert(shown.contains(words), "\(words) is not in \(shown)") }
        let full = try await html("Dear {{t?}} {{n}}.", ["t": " Dr  ", "n": "Ann"])
        XCTAssert(full.contains(">Dear  Dr   Ann.</p>"), full)
        let letter = try await LetterRenderer(
            templates: [
                Template(
                    source: Array(
                        "---\nname: letter\nsubject: {{t?}} Hello {{t?}} {{n}} {{t?}}\n---\nx".utf8))
            ]
        ).rendering(["n": "Ann"])
        XCTAssertEqual(letter.subject, "Hello Ann")
    }

    func testAPartialEndsNoLineOfAHeader() async throws {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: Hi {{> w}}!\nattachment: {{> w}}.pdf\n---\nx",
                "_w.txt": "World\nBcc: x@y\n\n",
            ]))
        let letter = try await renderer.rendering()
        XCTAssertEqual(letter.subject, "Hi World Bcc: x@y!")
        XCTAssertEqual(letter.attachments[0].fileName, "World Bcc- x@y.pdf")
    }

    func testAValueInAMarginThatCannotBePrintedIsNamed() throws {
        let files = [
            "letter.md": "---\nsubject: s\nattachment: a.pdf\nfooter: {{a}} {{b}} | {{> f}}\n---\n",
            "_f.txt": "x\n{{c}}",
        ]
        let renderer = LetterRenderer(files: templateFiles(files))
        XCTAssertEqual(renderer.problems, [])
        for key in ["a", "b", "c"] {
            var values: [String: Document.Value] = ["a": "1", "b": "2", "c": "3"]
            values[key] = "\u{4E2D}"
            XCTAssertThrowsError(try renderer.check(Document(template: "letter", values: values))) { error in
                XCTAssertEqual((error as? RenderError)?.keys, [key])
            }
        }
        let own = LetterRenderer(files: templateFiles(files.merging(["_f.txt": "x\n{{c}}\u{4E2D}"]) { $1 }))
        XCTAssertEqual(own.problems.count, 1)
        XCTAssert(own.problems.first?.contains("line 2 of “_f.txt”") == true, "\(own.problems)")
    }

    func testAValueInAMarginIsNoPageNumber() async throws {
        let front = "attachment: a.pdf\nfooter: {{n}} at {page} | {{o}}page}"
        let letter = try await render("x", ["n": "{pages} {page}", "o": "{"], front: front)
        let words = try Programs.words(of: letter.attachments[0].bytes)
        XCTAssert(words.contains("{pages} {page} at 1"), words)
        XCTAssert(words.contains("{page}"), words)
    }

    func testAMailboxHasNoFurtherAddresses() async throws {
        let shown = try await html("<{{m}}>", ["m": "a?bcc=e&b%40@c.d"])
        XCTAssert(shown.contains("href=\"mailto:a%3Fbcc%3De%26b%2540@c.d\""), shown)
        let plain = try await text("<{{m}}>", ["m": "a+b@c.d"])
        XCTAssertEqual(plain, "a+b@c.d\n")
    }

    func testOnlyTheValueThatAnAddressBeginsWithStandsAsItIs() async throws {
        for (body, address) in [
            ("[x](<{{u}}>)", "https://e.org/?a=b"), ("[x](<{{u}}{{v}}>)", "https://e.org/?a=b%23c"),
            ("[x]({{u}}{{v}})", "https://e.org/?a=b%23c"), ("<{{u}}{{v}}>", "https://e.org/?a=b%23c"),
            ("<https://{{v}}>", "https://%23c"),
        ] {
            let shown = try await html(body, ["u": "https://e.org/?a=b", "v": "#c"])
            XCTAssert(shown.contains("href=\"\(address)\""), "\(body): \(shown)")
        }
        let renderer = LetterRenderer(templates: [try template("[x](<{{u}}>)")])
        let document = Document(template: "letter", values: ["u": "javascript:x"])
        XCTAssertThrowsError(try renderer.check(document)) { error in
            XCTAssertEqual((error as? RenderError)?.keys, ["u"])
        }
    }

    func testADateThatNoCalendarHasIsMissing() async throws {
        let dated = LetterRenderer(templates: [try template("{{letter.date}}")])
        let undated = LetterRenderer(templates: [try template("x")])
        for seconds in [Double.nan, .infinity, -1e300, 1e18] {
            let document = Document(template: "letter", date: Date(timeIntervalSince1970: seconds))
            XCTAssertThrowsError(try dated.check(document)) { error in
                XCTAssertEqual((error as? RenderError)?.keys, ["letter.date"])
            }
            let letter = try await undated.render(document)
            XCTAssertEqual(letter.text, "x\n")
        }
    }

    func testABodyIsBounded() throws {
        let renderer = LetterRenderer(templates: [try template("{{a}}{{a}}")])
        let document = Document(
            template: "letter", values: ["a": .text(String(repeating: "x", count: 1_100_000))])
        XCTAssertThrowsError(try renderer.check(document)) { error in
            XCTAssert("\(error)".contains("the result is longer than 2 MiB"), "\(error)")
        }
    }

    func testASubjectIsBounded() throws {
        let renderer = LetterRenderer(
            templates: [try Template(source: Array("---\nname: letter\nsubject: {{a}}\n---\n".utf8))])
        let document = Document(template: "letter", values: ["a": .text(String(repeating: "x", count: 20_000))])
        XCTAssertThrowsError(try renderer.check(document)) { error in
            XCTAssert("\(error)".contains("the result is longer than 16 KiB, at a"), "\(error)")
        }
    }

    func testAGreatManyDifferentCharactersThatCannotBePrintedEndSoon() throws {
        let renderer = LetterRenderer(templates: [try template("{{#l}}{{.}} {{/l}}", front: "attachment: a.pdf")])
        let characters = (0..<20).compactMap { Unicode.Scalar(0x4E00 + $0).map(Character.init) }
        let items = (1..<1_500).map { bits in
            Document.Value.text(String(characters.indices.filter { bits >> $0 & 1 == 1 }.map { characters[$0] }))
        }
        XCTAssertThrowsError(try renderer.check(Document(template: "letter", values: ["l": .list(items)]))) { error in
            XCTAssertEqual((error as? RenderError)?.keys, ["."])
            XCTAssertEqual("\(error)".ranges(of: "the value of").count, 1_000)
        }
    }

    func testAHeadingOfTwoLinesIsUnderlinedAsTheLongerOne() async throws {
        let written = try await text("## {{a}}", ["a": "one\nthree"])
        XCTAssertEqual(written, "one\nthree\n-----\n")
    }

    func testShortRowsOfAWideTableAreBounded() {
        let wide = String(repeating: "a|", count: MarkupParser.mostColumns)
        let rule = String(repeating: "-|", count: MarkupParser.mostColumns)
        let markup = "|\(wide)\n|\(rule)\n" + String(repeating: "a\n", count: 100_000)
        let (letter, faults) = MarkupParser.parse(Array(markup.utf8))
        XCTAssertEqual(faults.map(\.kind), [.largeTable])
        XCTAssertLessThan(letter.tables[0].cells.count, MarkupParser.mostCells + MarkupParser.mostColumns)
    }

    func testParentsWithAGreatManyBlocksEnd() throws {
        let blocks = (0..<2_000).map { "{{$b\($0)}}{{/b\($0)}}" }.joined()
        let items = Document.Value.list(Array(repeating: true, count: 10_000))
        let made = try expand("{{#l}}{{<p}}\(blocks){{/p}}{{/l}}", ["l": items], partials: ["p": "{{$x}}{{/x}}"]) {
            $0.limits.steps = 100_000
        }
        guard case .exceeds? = made.problems.first?.kind else { return XCTFail("\(made.problems)") }
    }

    func testALongNameOfAPartialIsShortened() throws {
        let name = String(repeating: "x", count: 100_000)
        let made = try expand("{{>*k}}", ["k": .text(name)])
        XCTAssertLessThan(try XCTUnwrap(made.problems.first?.sentence).utf8.count, 200)
    }

    func testATreeMayBeShownByAPartialThatAsksForItself() async throws {
        let renderer = LetterRenderer(
            files: templateFiles([
                "letter.md": "---\nsubject: s\n---\n{{#tree}}{{> node}}{{/tree}}",
                "_node.md": "{{name}}({{#children}}{{> node}}{{/children}})",
            ]))
        XCTAssertEqual(renderer.problems, [])
        let letter = try await renderer.rendering([
            "tree": ["name": "a", "children": [["name": "b", "children": []], ["name": "c", "children": []]]]
        ])
        XCTAssertEqual(letter.text, "a(b()c())\n")
    }
}
