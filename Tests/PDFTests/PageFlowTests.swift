import MailroomPDF
import TestSupport
import XCTest

final class PageFlowTests: XCTestCase {
    /// Pages with room for exactly ten lines of 10 points.
    private func document(footer: String? = nil) -> PDFDocument {
        PDFDocument(
            PDFProperties(
                title: "t", created: PDFDate(secondsSince1970: 0), page: PDFPageSize(width: 300, height: 200),
                margins: PDFMargins(top: 50, right: 20, bottom: 50, left: 20),
                footer: footer.map { PDFRunningLine(centre: $0) }))
    }

    private let style = PDFParagraphStyle(size: 8, leading: 10, spaceAfter: 0)

    private func pages(_ pdf: [UInt8]) throws -> [String] {
        try Programs.output(of: "pdftotext", ["-enc", "UTF-8"], over: pdf, after: ["-"]).split(separator: "\u{C}")
            .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }

    func testSpaceBelowZeroCountsAsNone() throws {
        var document = SmallPages.document()
        var style = SmallPages.line
        (style.spaceBefore, style.spaceAfter) = (-30, -30)
        for word in ["one", "two", "three"] { document.addParagraph(word, style: style) }
        let tops = try SmallPages.words(of: document.finish()).map(\.top)
        XCTAssertEqual(tops.count, 3)
        XCTAssertEqual(tops, tops.map { _ in tops[0] }.enumerated().map { $1 + Double($0) * 10 })
    }

    func testBreaksThePageWhenItIsFull() throws {
        var letter = document()
        for number in 1...21 { letter.addParagraph("p\(number)", style: style) }
        let pages = try pages(letter.finish())
        XCTAssertEqual(pages.count, 3)
        XCTAssertEqual(pages[2], "p21")
    }

    func testNeverLeavesAHeadingAloneAtTheFoot() throws {
        var letter = document()
        for number in 1...8 { letter.addParagraph("p\(number)", style: style) }
        var heading = style
        heading.keepsWithNext = true
        letter.addParagraph("Heading", style: heading)
        letter.addParagraph("one\ntwo\nthree\nfour", style: style)
        XCTAssertEqual(try pages(letter.finish())[1], "Heading one two three four")
    }

    func testLeavesNeitherTheFirstNorTheLastLineAlone() throws {
        func split(after count: Int, lines: Int) throws -> String {
            var letter = document()
            for number in 1...count { letter.addParagraph("p\(number)", style: style) }
            letter.addParagraph((1...lines).map { "l\($0)" }.joined(separator: "\n"), style: style)
            return try pages(letter.finish())[1]
        }
        XCTAssertEqual(try split(after: 9, lines: 4), "l1 l2 l3 l4")
        XCTAssertEqual(try split(after: 7, lines: 4), "l3 l4")
        XCTAssertEqual(try split(after: 8, lines: 3), "l1 l2 l3")
        XCTAssertEqual(try split(after: 6, lines: 6), "l5 l6")
    }

    func testKeepsAParagraphTogetherWhereAsked() throws {
        var letter = document()
        for number in 1...6 { letter.addParagraph("p\(number)", style: style) }
        var together = style
        together.keepsTogether = true
        letter.addParagraph("a\nb\nc\nd\ne\nf", style: together)
        XCTAssertEqual(try pages(letter.finish())[1], "a b c d e f")
    }

    func testAParagraphLongerThanAPageGoesOn() throws {
        var letter = document()
        var together = style
        together.keepsTogether = true
        letter.addParagraph((1...35).map { "l\($0)" }.joined(separator: "\n"), style: together)
        let pages = try pages(letter.finish())
        XCTAssertEqual(pages.count, 4)
        XCTAssertEqual(pages.joined(separator: " "), (1...35).map { "l\($0)" }.joined(separator: " "))
    }

    func testALineMayFillThePageButNotMore() throws {
        for (leading, fits) in [(100.0, true), (100.001, false), (500, false)] {
            var letter = document()
            letter.addParagraph("x\ny", style: PDFParagraphStyle(size: 8, leading: leading))
            if fits {
                XCTAssertEqual(try pages(letter.finish()), ["x", "y"])
            } else {
                XCTAssertThrowsError(try letter.finish()) { error in
                    XCTAssertEqual((error as? PDFError)?.code, .invalidMeasure)
                }
            }
        }
    }

    func testNumbersItsPages() throws {
        var letter = document(footer: "Page {page} of {pages} {x}")
        letter.addParagraph("a", style: style)
        letter.breakPage()
        letter.addParagraph("b", style: style)
        XCTAssertEqual(try pages(letter.finish()), ["a Page 1 of 2 {x}", "b Page 2 of 2 {x}"])
    }

    func testTheFooterIsNotStretchedWithTheTextAboveIt() throws {
        var letter = document(footer: "Page {page} of {pages}")
        var justified = style
        justified.alignment = .justified
        letter.addParagraph(String(repeating: "lorem ipsum dolor ", count: 60), style: justified)
        let boxes = try Programs.output(of: "pdftotext", ["-bbox"], over: letter.finish(), after: ["-"])
        let footers = boxes.split(separator: "\n").filter { $0.contains(">Page<") }.compactMap { line in
            line.split(separator: "xMin=\"").last?.prefix { $0 != "\"" }
        }
        XCTAssertGreaterThan(footers.count, 1)
        XCTAssertEqual(Set(footers).count, 1, "the page that ends in a stretched line sets it as the last one does")
    }

    func testAHeadingWithNothingAfterItIsStillShown() throws {
        var letter = document()
        letter.addHeading("Alone")
        XCTAssertEqual(try pages(letter.finish()), ["Alone"])
    }

    func testALinkCoversItsWordsOnly() throws {
        var letter = document()
        letter.addParagraph(
            [
                PDFTextRun("See "), PDFTextRun("here", emphasis: .bold, link: "https://example.org/a b(é)"),
                PDFTextRun("."),
            ],
            style: style)
        let bytes = try letter.finish()
        XCTAssertEqual(try Programs.words(of: bytes), "See here.")
        let pdf = String(decoding: bytes, as: UTF8.self)
        XCTAssert(pdf.contains("/URI(https://example.org/a%20b\\(%C3%A9\\))"), pdf)
        // “See ” is 2.057 em wide in Helvetica and “here” 2.112 em in bold: at 8 points 16.456 and 16.896.
        XCTAssert(pdf.contains("/Rect[36.456 140.956 53.352 148.956]"), pdf)
    }

    func testSetsTextToTheRightAndTheCentre() throws {
        for (alignment, x) in [(PDFParagraphStyle.Alignment.right, 260.0), (.centre, 140)] {
            var letter = document()
            var aligned = style
            aligned.alignment = alignment
            letter.addParagraph("nnnnn", style: aligned)  // 5 × 0.556 em × 8 = 22.24 points
            let pdf = String(decoding: try letter.finish(), as: UTF8.self)
            let left = alignment == .right ? x + 20 - 22.24 : 150 - 11.12
            XCTAssert(pdf.contains("1 0 0 1 \(left) "), pdf)
        }
    }

    func testReadersUnderstandEveryOperator() throws {
        for alignment in [PDFParagraphStyle.Alignment.left, .right, .centre, .justified] {
            var letter = document(footer: "{page}")
            var colored = style
            colored.alignment = alignment
            colored.color = PDFColor(red: 200, green: 10, blue: 10)
            colored.leftIndent = 30
            letter.addParagraph([PDFTextRun("one", link: "https://example.org"), PDFTextRun(" two")], style: colored)
            letter.addParagraph(
                [
                    PDFTextRun("a\u{AD}b "), PDFTextRun("c\u{202F}(d)", emphasis: .bold, link: "tel:1"),
                    PDFTextRun(" e"),
                ],
                style: colored, marker: alignment == .left ? "•" : nil)
            letter.addRule()
            let bullet = alignment == .left ? "• " : ""
            XCTAssertEqual(try Programs.words(of: letter.finish()), "one two \(bullet)ab c (d) e 1")
        }
    }

    func testJustifiedLinesEndAtTheRightMargin() throws {
        var letter = document()
        var justified = style
        justified.alignment = .justified
        letter.addParagraph(String(repeating: "lorem ipsum dolor ", count: 12), style: justified)
        let boxes = try Programs.output(of: "pdftotext", ["-bbox"], over: letter.finish(), after: ["-"])
        let ends = boxes.split(separator: "\n").filter { $0.contains("<word") }.compactMap { line in
            line.split(separator: "xMax=\"").last.flatMap { Double($0.prefix { $0 != "\"" }) }
        }
        XCTAssertGreaterThanOrEqual(ends.filter { abs($0 - 280) < 0.1 }.count, 3)
        XCTAssertLessThan(ends.max() ?? 0, 280.1)
    }
}
