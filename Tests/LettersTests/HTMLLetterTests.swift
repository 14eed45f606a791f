import XCTest

@testable import MailroomLetters

final class HTMLLetterTests: XCTestCase {
    private let look = HTMLLook(language: "fr", color: [1, 2, 3], fonts: "serif")

    /// What stands in the frame, without styles and alignments.
    private func inside(_ markup: String, sources: [String] = []) -> String {
        let page = HTMLLetterWriter.write(letter(markup), title: "x", look: look, sources: sources)
        let start = page.ranges(of: "word-break:break-word\">\n").first?.upperBound ?? page.startIndex
        let end = page.range(of: "</td></tr></table>\n<!--[if mso]></td>")?.lowerBound ?? page.endIndex
        return String(page[start..<end]).replacing(
            #/ (style|align|valign|cellpadding|cellspacing|border|width)="[^"]*"/#, with: "")
    }

    func testWritesBlocks() {
        for (markup, expected) in [
            (
                "# a & b\n\nc *d* **e** ***f***\n\n---",
                "<h1>a &amp; b</h1>\n<p>c <em>d</em> <strong>e</strong> <strong><em>f</em></strong></p>\n<hr>\n"
            ),
            ("a\\\nb ‹<i>\n\"›", "<p>a<br>\nb &lt;i&gt;<br>\n&quot;</p>\n"),
            ("[a *b* c](https://d.e?f&g)h", "<p><a href=\"https://d.e?f&amp;g\">a <em>b</em> c</a>h</p>\n"),
            ("::: right\na\n\nb\n:::\n\n\\newpage\nc", "<div>\n<p>a</p>\n<p>&nbsp;</p>\n<p>b</p>\n</div>\n<p>c</p>\n"),
            ("::: date\na\n:::\n::: small\nb\n:::", "<div>\n<p>a</p>\n</div>\n<div>\n<p>b</p>\n</div>\n"),
        ] { XCTAssertEqual(inside(markup), expected, markup) }
    }

    func testNestsLists() {
        for (markup, expected) in [
            (
                "- a\n- b\n\n3. c\n4. d",
                "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start=\"3\">\n<li>c</li>\n<li>d</li>\n</ol>\n"
            ),
            ("- a\n  1. b\n- c", "<ul>\n<li>a\n<ol>\n<li>b</li>\n</ol>\n</li>\n<li>c</li>\n</ul>\n"),
            ("- a\n\n  b\n\n- c", "<ul>\n<li>a\n<p>b</p></li>\n<li>c</li>\n</ul>\n"),
            ("- a\n  - b\n\n  c\n\nd", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n\n<p>c</p></li>\n</ul>\n<p>d</p>\n"),
        ] { XCTAssertEqual(inside(markup), expected, markup) }
    }

    func testWritesTablesWithAndWithoutAHeader() {
        XCTAssertEqual(
            inside("|a|b|\n|-|-|\n|c|*d*|"),
            "<table>\n<tr><th>a</th><th>b</th></tr>\n<tr><td>c</td><td><em>d</em></td></tr>\n</table>\n")
        XCTAssertEqual(inside("| | |\n|-|-|\n|c|d|"), "<table>\n<tr><td>c</td><td>d</td></tr>\n</table>\n")
        let page = HTMLLetterWriter.write(letter("|a|b|c|\n|-|:-:|-:|\n|d|e|f|"), title: "", look: look)
        XCTAssert(
            page.contains(
                "<th align=\"right\" valign=\"bottom\" style=\"padding:6px 8px;border-bottom:2px solid #010203;text-align:right"
            ), page)
        XCTAssert(
            page.contains(
                "<td align=\"center\" valign=\"top\" style=\"padding:6px 8px;border-bottom:1px solid #cccccc;text-align:center"
            ), page)
    }

    func testShowsImagesBySourceOrElseByDescription() {
        XCTAssertEqual(
            inside("![a \"b\"](c.png \"d\")\n\n![e](f.png)\n\n![](g.png)", sources: ["cid:1"]),
            "<p><img src=\"cid:1\" alt=\"a &quot;b&quot;\" title=\"d\"></p>\n<p>e</p>\n")
        let page = HTMLLetterWriter.write(letter("![a](b.png){width=1in}"), title: "", look: look, sources: ["cid:1"])
        XCTAssert(page.contains("alt=\"a\" width=\"96\""), page)
    }

    func testNamesTheLanguageAndTheTitle() {
        let page = HTMLLetterWriter.write(Letter(), title: "a<b>", look: look)
        XCTAssert(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\">"), page)
        XCTAssert(page.contains("<title>a&lt;b&gt;</title>"), page)
        XCTAssert(page.hasSuffix("</body></html>\n"), page)
        XCTAssertFalse(
            HTMLLetterWriter.write(
                Letter(), title: "", look: HTMLLook(language: nil, color: [0, 0, 0], fonts: "serif")
            ).contains("lang="))
    }

    func testPutsAddressAndSignatureWhereTheFormatHasThem() {
        let markup = "::: address\na\n:::\n::: signature\nb\n:::"
        XCTAssertEqual(HTMLLetterWriter.write(letter(markup), title: "", look: look).ranges(of: " 50%\">").count, 2)
        let left = HTMLLook(
            language: nil, color: [0, 0, 0], fonts: "serif",
            placement: LetterPlacement(isAddressRight: false, isSignatureRight: false))
        XCTAssertFalse(HTMLLetterWriter.write(letter(markup), title: "", look: left).contains(" 50%\">"))
    }
}
