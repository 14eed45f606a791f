import MailroomPDF
import TestSupport
import XCTest

final class FrameTests: XCTestCase {
    private let style = SmallPages.line

    private func frame(_ alignment: PDFFrame.Alignment = .top, height: Double = 30) -> PDFFrame {
        PDFFrame(name: "address", x: 150, y: 5, width: 100, height: height, alignment: alignment)
    }

    private func lines(_ count: Int) -> String { (1...count).map { "f\($0)" }.joined(separator: "\n") }

    func testAFrameStandsAtItsPlaceAndTheTextGoesOn() throws {
        var letter = SmallPages.document()
        letter.addParagraph("before", style: style)
        letter.beginFrame(frame())
        letter.addParagraph("inside", style: style)
        letter.endFrame()
        letter.addParagraph("after", style: style)
        let words = try SmallPages.words(of: letter.finish())
        XCTAssertEqual(Set(words.map(\.text)), ["before", "inside", "after"])
        for word in words {
            switch word.text {
            case "inside":
                XCTAssertEqual(word.left, 150, accuracy: 0.01)
                XCTAssertEqual(word.top, 5, accuracy: 2)
            case "before": XCTAssertEqual(word.top, 50, accuracy: 2)
            default:
                XCTAssertEqual(word.left, 20, accuracy: 0.01)
                XCTAssertEqual(word.top, 60, accuracy: 2)
            }
        }
    }

    func testTextFillsAFrameToItsLastPointAndNoFurther() throws {
        for alignment in [PDFFrame.Alignment.top, .middle, .bottom] {
            for count in [3, 4] {
                var letter = SmallPages.document()
                letter.beginFrame(frame(alignment))
                letter.addParagraph(lines(count), style: style)
                letter.endFrame()
                letter.addParagraph("after", style: style)
                if count == 3 {
                    XCTAssertEqual(try SmallPages.texts(of: letter.finish()), ["f1 f2 f3 after"])
                } else {
                    XCTAssertThrowsError(try letter.finish()) { error in
                        XCTAssertEqual((error as? PDFError)?.code, .frameOverflow)
                        XCTAssert("\(error)".contains("“address”"), "\(error)")
                    }
                }
            }
        }
    }

    func testContentStandsAtTheFootOfAFrameOrInItsMiddle() throws {
        for (alignment, top) in [(PDFFrame.Alignment.top, 5.0), (.middle, 15), (.bottom, 25)] {
            var letter = SmallPages.document()
            letter.beginFrame(frame(alignment))
            letter.addParagraph("inside", style: style)
            letter.endFrame()
            let word = try XCTUnwrap(try SmallPages.words(of: letter.finish()).first)
            XCTAssertEqual(word.top, top, accuracy: 2)
        }
    }

    func testAFrameMayTouchThePagesEdgesButNotPassThem() throws {
        for (x, y, width, height, fits) in [
            (0.0, 0.0, 300.0, 200.0, true), (200, 170, 100, 30, true), (201, 170, 100, 30, false),
            (-1, 0, 100, 30, false), (0, 171, 100, 30, false), (0, 0, 0, 30, false), (.nan, 0, 100, 30, false),
            (0, 0, .infinity, 30, false),
        ] {
            var letter = SmallPages.document()
            letter.beginFrame(PDFFrame(name: "edge", x: x, y: y, width: width, height: height))
            letter.addParagraph(lines(3), style: style)
            letter.endFrame()
            if fits {
                XCTAssertEqual(try SmallPages.texts(of: letter.finish()), ["f1 f2 f3"])
            } else {
                XCTAssertThrowsError(try letter.finish()) { error in
                    XCTAssertEqual((error as? PDFError)?.code, .invalidMeasure)
                    XCTAssert("\(error)".contains("“edge”"), "\(error)")
                }
            }
        }
    }

    func testAHeadingThatWaitsIsNotDrawnIntoAFrame() throws {
        var letter = SmallPages.document()
        letter.addLines(9)
        letter.addParagraph("heading", style: SmallPages.heading)
        letter.beginFrame(frame())
        letter.addParagraph("inside", style: style)
        letter.endFrame()
        letter.addParagraph("after", style: style)
        let pages = try SmallPages.texts(of: letter.finish())
        XCTAssert(pages[0].contains("inside"))
        XCTAssertEqual(pages[1], "heading after")
    }

    func testAFrameMayStandInAFrame() throws {
        var letter = SmallPages.document()
        letter.beginFrame(frame())
        letter.addParagraph("outer", style: style)
        letter.beginFrame(PDFFrame(name: "inner", x: 10, y: 150, width: 100, height: 10))
        letter.addParagraph("inner", style: style)
        letter.endFrame()
        letter.addParagraph("outer2", style: style)
        letter.endFrame()
        letter.addParagraph("after", style: style)
        let words = try SmallPages.words(of: letter.finish())
        let left = Dictionary(uniqueKeysWithValues: words.map { ($0.text, $0.left) })
        XCTAssertEqual(left, ["outer": 150, "outer2": 150, "inner": 10, "after": 20])
    }

    func testAPageBreakInAFrameIsAnError() {
        var letter = SmallPages.document()
        letter.beginFrame(frame())
        letter.addParagraph("inside", style: style)
        letter.breakPage()
        letter.endFrame()
        XCTAssertThrowsError(try letter.finish()) { error in
            XCTAssertEqual((error as? PDFError)?.code, .frameOverflow)
        }
    }

    func testAFrameThatIsNotEndedEndsWithTheDocument() throws {
        var letter = SmallPages.document()
        letter.endFrame()
        letter.beginFrame(frame(.bottom))
        letter.addParagraph("inside", style: style)
        XCTAssertEqual(try SmallPages.texts(of: letter.finish()), ["inside"])
    }

    func testMovesDownToAPlaceOnThePage() throws {
        var letter = SmallPages.document()
        letter.addParagraph("first", style: PDFParagraphStyle(size: 8, leading: 10, spaceAfter: 5))
        letter.moveDown(to: 100)
        var spaced = style
        spaced.spaceBefore = 30
        letter.addParagraph("here", style: spaced)
        letter.moveDown(to: 90)
        letter.addParagraph("next", style: style)
        letter.moveDown(to: 180)
        letter.addParagraph("beyond", style: style)
        let words = try SmallPages.words(of: letter.finish())
        let top = { (text: String) in words.first { $0.text == text }?.top ?? .nan }
        XCTAssertEqual(top("here"), 100, accuracy: 2)
        XCTAssertEqual(top("next"), 110, accuracy: 2, "further down already")
        XCTAssertEqual(words.last?.page, 2, "no room below the margin")
        XCTAssertEqual(top("beyond"), 50, accuracy: 2)
    }

    func testMarksLieOnThePage() throws {
        var letter = SmallPages.document()
        letter.addMark(x: 10, y: 60, length: 12, thickness: 1)
        XCTAssert(String(decoding: try letter.finish(), as: UTF8.self).contains("10 139.5 12 1 re f"))
        for (x, y) in [(295.0, 10.0), (-1, 10), (10, 201), (.nan, 10)] {
            var letter = SmallPages.document()
            letter.addMark(x: x, y: y, length: 12)
            XCTAssertThrowsError(try letter.finish()) { error in
                XCTAssertEqual((error as? PDFError)?.code, .invalidMeasure)
            }
        }
    }
}
