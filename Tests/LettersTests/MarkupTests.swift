import Mailroom
import MailroomLetters
import MailroomMIME
import TestSupport
import XCTest

final class MarkupTests: XCTestCase {
    func testReadsEmphasisAsCommonMarkDoes() async throws {
        for (markup, expected) in [
            ("a **b** c", "a <strong>b</strong> c"), ("a *b* c", "a <em>b</em> c"),
            ("***b***", "<strong><em>b</em></strong>"),
            ("*a **b** c*", "<em>a </em><strong><em>b</em></strong><em> c</em>"),
            ("**a *b***", "<strong>a </strong><strong><em>b</em></strong>"), ("5 * 3 * 2", "5 * 3 * 2"),
            ("**open", "**open"), ("a\\*b\\*", "a*b*"), ("2 ** 3", "2 ** 3"), ("\\a", "\\a"),
            ("**a\nb**", "<strong>a b</strong>"),
        ] {
            let written = try await html(markup)
            XCTAssertEqual(written, "<p style=\"margin:0 0 16px\">\(expected)</p>\n", markup)
        }
    }

    func testReadsBlocks() async throws {
        let written = try await text(
            "# Un\n\n## Deux\npara\ngraphe\n\n- a\n- b\n  c\n\n---\n3. x\n4. y\n\nun\\\ndeux  \ntrois")
        XCTAssertEqual(
            written,
            """
            UN

            Deux
            ----

            para graphe

            - a
            - b c

            \(String(repeating: "-", count: 72))

            3. x
            4. y

            un
            deux
            trois

            """)
    }

    func testListsBecomeOneListEach() async throws {
        let written = try await html("- a\n- b\n\n2. x\n3. y\n\nend")
        let bare = written.replacing(#/ style="[^"]*"/#, with: "")
        XCTAssertEqual(
            bare, "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start=\"2\">\n<li>x</li>\n<li>y</li>\n</ol>\n<p>end</p>\n")
    }

    func testPartsKeepTheirLines() async throws {
        let letter = try await render("::: address\nA\nB\n\nC\n:::\n\n::: right\nx\n:::\n\ntext", [:])
        let indent = String(repeating: " ", count: 36)
        let right = String(repeating: " ", count: 71)
        XCTAssertEqual(letter.text, "\(indent)A\n\(indent)B\n\n\(indent)C\n\n\(right)x\n\ntext\n")
        XCTAssert(letter.html?.contains("text-align:right\">\n<p style=\"margin:0\">x</p>\n</div>") == true)
        XCTAssertEqual(try Programs.words(of: letter.attachments[0].bytes, asLaidOut: true), "A B C x text")
    }

    func testTextLinesAreAtMostSeventyTwoCharacters() async throws {
        let written = try await text(String(repeating: "mot\u{A0}lié et d’autres, ", count: 40))
        let lines = written.split(separator: "\n")
        XCTAssert(lines.allSatisfy { $0.count <= 72 && !$0.hasSuffix("mot") })
        XCTAssertGreaterThan(lines.map(\.count).max() ?? 0, 60)
    }

    func testLinksAreClickableEverywhere() async throws {
        let letter = try await render(
            "[la page](https://example.org/a_(b)?q={{q}}) <mailto:a@example.org> [b]({{url}})",
            ["q": "é &\"x", "url": "https://example.org/?a=1&b='2'"])
        let html = try XCTUnwrap(letter.html)
        XCTAssert(html.contains("href=\"https://example.org/a_(b)?q=%C3%A9%20%26%22x\">la page</a>"), html)
        XCTAssert(html.contains("href=\"https://example.org/?a=1&amp;b=&#39;2&#39;\">b</a>"), html)
        let text = try XCTUnwrap(letter.text).split(separator: "\n").joined(separator: " ")
        XCTAssert(
            text.hasPrefix("la page <https://example.org/a_(b)?q=%C3%A9%20%26%22x> mailto:a@example.org b <https"), text
        )
        let pdf = String(decoding: letter.attachments[0].bytes, as: UTF8.self)
        XCTAssert(pdf.contains("/URI(https://example.org/a_\\(b\\)?q=%C3%A9%20%26%22x)"))
        XCTAssert(pdf.contains("/URI(mailto:a@example.org)"))
    }

    func testRawHTMLShowsAsItStands() async throws {
        let written = try await html("<b>x</b> & <script>")
        XCTAssertEqual(written, "<p style=\"margin:0 0 16px\">&lt;b&gt;x&lt;/b&gt; &amp; &lt;script&gt;</p>\n")
    }
}
