import MailroomPDF
import XCTest

final class GroupTests: XCTestCase {
    private let style = SmallPages.line

    private func names(_ name: String, _ count: Int) -> String {
        (1...count).map { "\(name)\($0)" }.joined(separator: " ")
    }

    func testAGroupStandsOnOnePage() throws {
        var letter = SmallPages.document()
        letter.addLines(7)
        letter.beginGroup()
        letter.addParagraph("a\nb", style: style)
        letter.addSpace(10)
        letter.addParagraph("c", style: style)
        letter.endGroup()
        letter.addParagraph("d", style: style)
        XCTAssertEqual(try SmallPages.texts(of: letter.finish()), [names("p", 7), "a b c d"])
    }

    func testAGroupFillsAPageToItsLastPoint() throws {
        for (before, pages) in [(6, 1), (7, 2)] {
            var letter = SmallPages.document()
            letter.addLines(before)
            letter.beginGroup()
            letter.addParagraph("a\nb", style: style)
            letter.addSpace(10)
            letter.addParagraph("c", style: style)
            letter.endGroup()
            XCTAssertEqual(try SmallPages.texts(of: letter.finish()).count, pages)
        }
    }

    func testAHeadingStaysWithAGroup() throws {
        var letter = SmallPages.document()
        letter.addLines(7)
        letter.addParagraph("heading", style: SmallPages.heading)
        letter.beginGroup()
        for name in ["a", "b", "c"] { letter.addParagraph(name, style: style) }
        letter.endGroup()
        XCTAssertEqual(try SmallPages.texts(of: letter.finish())[1], "heading a b c")
    }

    func testAGroupThatEndsInAHeadingStaysWithTheNext() throws {
        var letter = SmallPages.document()
        letter.addLines(7)
        letter.beginGroup()
        letter.addParagraph("a", style: style)
        letter.addParagraph("heading", style: SmallPages.heading)
        letter.endGroup()
        letter.addParagraph("b\nc", style: style)
        XCTAssertEqual(try SmallPages.texts(of: letter.finish())[1], "a heading b c")
    }

    func testOfNestedGroupsTheOutermostCounts() throws {
        var letter = SmallPages.document()
        letter.addLines(8)
        letter.beginGroup()
        letter.addParagraph("a", style: style)
        letter.beginGroup()
        letter.addParagraph("b", style: style)
        letter.endGroup()
        letter.addParagraph("c", style: style)
        letter.endGroup()
        letter.endGroup()
        letter.addParagraph("d", style: style)
        XCTAssertEqual(try SmallPages.texts(of: letter.finish())[1], "a b c d")
    }

    func testAGroupHigherThanAPageIsDividedAsOtherTextIs() throws {
        var letter = SmallPages.document()
        letter.addLines(2)
        letter.beginGroup()
        for number in 1...7 { letter.addParagraph("a\(number)", style: style) }
        letter.addParagraph("heading", style: SmallPages.heading)
        letter.addParagraph("b1\nb2\nb3", style: style)
        letter.endGroup()
        letter.addParagraph("c", style: style)
        XCTAssertEqual(
            try SmallPages.texts(of: letter.finish()), ["\(names("p", 2)) \(names("a", 7))", "heading b1 b2 b3 c"])
    }

    func testAGroupThatIsNotEndedEndsWithTheDocument() throws {
        var letter = SmallPages.document()
        letter.addLines(9)
        letter.beginGroup()
        letter.addParagraph("a", style: style)
        letter.addParagraph("b", style: style)
        XCTAssertEqual(try SmallPages.texts(of: letter.finish())[1], "a b")
    }

    func testAPageBreakPartsAGroup() throws {
        var letter = SmallPages.document()
        letter.beginGroup()
        letter.addParagraph("a", style: style)
        letter.breakPage()
        letter.addParagraph("b", style: style)
        letter.endGroup()
        XCTAssertEqual(try SmallPages.texts(of: letter.finish()), ["a", "b"])
    }

    func testAHeadingStaysWithThreeLinesThatMayNotBeParted() throws {
        var letter = SmallPages.document()
        letter.addLines(7)
        letter.addParagraph("heading", style: SmallPages.heading)
        letter.addParagraph("a\nb\nc", style: style)
        XCTAssertEqual(try SmallPages.texts(of: letter.finish())[1], "heading a b c")
    }

    func testAHeadingStaysWithAParagraphThatFillsAPageByItself() throws {
        var letter = SmallPages.document()
        letter.addLines(3)
        letter.addParagraph("heading", style: SmallPages.heading)
        var together = style
        together.keepsTogether = true
        letter.addParagraph((1...10).map { "l\($0)" }.joined(separator: "\n"), style: together)
        XCTAssertEqual(
            try SmallPages.texts(of: letter.finish()), [names("p", 3), "heading l1 l2 l3 l4 l5 l6 l7 l8", "l9 l10"])
    }

    func testManyHeadingsInARowFillPagesLikeText() throws {
        var letter = SmallPages.document()
        for number in 1...25 { letter.addParagraph("h\(number)", style: SmallPages.heading) }
        letter.addParagraph("text", style: style)
        let pages = try SmallPages.texts(of: letter.finish())
        XCTAssertEqual(pages.joined(separator: " "), names("h", 25) + " text")
        XCTAssertEqual(pages.count, 3)
        XCTAssertEqual(pages[0], names("h", 10))
    }
}
