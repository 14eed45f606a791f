import Foundation
import MailroomPDF
import TestSupport
import XCTest

final class ImagePlacingTests: XCTestCase {
    /// 40 by 20 pixels; the second one at 144 pixels per inch.
    private static let plain = """
        iVBORw0KGgoAAAANSUhEUgAAACgAAAAUAQMAAADFiO34AAAABlBMVEXIKCgoKMgyVzVyAAAAFklEQVR42mP4//8DAwMTAwMD6SQlAABgngMBaI\
        B+UwAAAABJRU5ErkJggg==
        """
    private static let fine = """
        iVBORw0KGgoAAAANSUhEUgAAACgAAAAUAQMAAADFiO34AAAABlBMVEXIKCgoKMgyVzVyAAAACXBIWXMAABYlAAAWJQFJUiTwAAAAFklEQVR42mP4\
        //8DAwMTAwMD6SQlAABgngMBaIB+UwAAAABJRU5ErkJggg==
        """

    private func image(_ base64: String = plain) throws -> PDFImage {
        try PDFImage([UInt8](try XCTUnwrap(Data(base64Encoded: base64))))
    }

    /// The matrix with which each image is drawn, page by page.
    private func matrices(of letter: consuming PDFDocument) throws -> [[Double]] {
        String(decoding: try letter.finish(), as: UTF8.self).split(separator: "\n").filter { $0.contains(" cm /Im") }
            .map { $0.split(separator: " ").prefix(7).compactMap { Double($0) } }
    }

    func testAnImageIsAsLargeAsItsResolutionSays() throws {
        for (base64, width, height) in [(Self.plain, 30.0, 15.0), (Self.fine, 20, 10)] {
            var letter = SmallPages.document()
            letter.addImage(try image(base64))
            let matrix = try XCTUnwrap(try matrices(of: letter).first)
            XCTAssertEqual(matrix[0], width, accuracy: 0.02)
            XCTAssertEqual(matrix[3], height, accuracy: 0.02)
            XCTAssertEqual(matrix[4], 20)
            XCTAssertEqual(matrix[5], 150 - height, accuracy: 0.02)
        }
    }

    func testAGivenWidthOrHeightKeepsTheProportion() throws {
        for (width, height, expected) in [
            (60.0, nil, [60.0, 30]), (nil, 40, [80, 40]), (50, 50, [50, 50]), (1_000, nil, [260, 130]),
            (nil, 120, [200, 100]), (5_000_000, 2_500_000, [200, 100]),
        ] as [(Double?, Double?, [Double])] {
            var letter = SmallPages.document()
            letter.addImage(try image(), width: width, height: height)
            let matrix = try XCTUnwrap(try matrices(of: letter).first)
            // What is wider than the text or higher than the page is made smaller: 200 by 100 points here.
            XCTAssertEqual(matrix[0], min(expected[0], 200), accuracy: 0.01)
            XCTAssertEqual(matrix[3], min(expected[1], 100), accuracy: 0.01)
        }
    }

    func testStandsLeftRightOrInTheMiddle() throws {
        for (alignment, x) in [(PDFParagraphStyle.Alignment.left, 20.0), (.centre, 120), (.right, 220)] {
            var letter = SmallPages.document()
            letter.addImage(try image(), width: 60, alignment: alignment)
            XCTAssertEqual(try matrices(of: letter).first?[4], x)
        }
    }

    func testGoesToTheNextPageWithItsHeadingAndCaption() throws {
        var letter = SmallPages.document()
        letter.addLines(5)
        letter.addParagraph("heading", style: SmallPages.heading)
        letter.addImage(try image(), height: 35, spaceBefore: 0, spaceAfter: 0, keepsWithNext: true)
        letter.addParagraph("caption", style: SmallPages.line)
        XCTAssertEqual(try SmallPages.texts(of: letter.finish()), ["p1 p2 p3 p4 p5", "heading caption"])
    }

    func testFillsAPageToItsLastPoint() throws {
        for (height, pages) in [(50.0, 1), (50.001, 2)] {
            var letter = SmallPages.document()
            letter.addLines(5)
            letter.addImage(try image(), height: height, spaceBefore: 0)
            XCTAssertEqual(try SmallPages.texts(of: letter.finish()).count, pages)
        }
    }

    func testIsMadeSmallerToStayWithItsHeading() throws {
        var letter = SmallPages.document()
        letter.addLines(5)
        letter.addParagraph("heading", style: SmallPages.heading)
        letter.addImage(try image(), height: 100, spaceBefore: 0)
        let copy = letter
        XCTAssertEqual(try SmallPages.texts(of: copy.finish())[1], "heading")
        XCTAssertEqual(try matrices(of: letter).first, [180, 0, 0, 90, 20, 50])
    }

    func testStandsInAFrameOrIsAnError() throws {
        for (height, before, fits) in [(30.0, 0, true), (500, 0, true), (25, 1, false)] {
            var letter = SmallPages.document()
            letter.beginFrame(PDFFrame(name: "logo", x: 0, y: 0, width: 200, height: 30))
            letter.addLines(before)
            letter.addImage(try image(), height: height, spaceBefore: 0)
            letter.endFrame()
            if fits {
                XCTAssertEqual(try matrices(of: letter), [[60, 0, 0, 30, 0, 170]])
            } else {
                XCTAssertThrowsError(try matrices(of: letter)) { error in
                    XCTAssertEqual((error as? PDFError)?.code, .frameOverflow)
                }
            }
        }
    }

    func testOpensALinkAndStandsInTheFileOnce() throws {
        var letter = SmallPages.document()
        let logo = try image()
        letter.addImage(logo, width: 60, link: "https://example.org")
        letter.addImage(logo, width: 30)
        let pdf = try letter.finish()
        let text = String(decoding: pdf, as: UTF8.self)
        XCTAssert(text.contains("/Rect[20 120 80 150]/A<</S/URI/URI(https://example.org)"), text)
        XCTAssertEqual(text.split(separator: "/Subtype/Image").count, 2)
        XCTAssert(
            try Programs.output(of: "qpdf", ["--check"], over: pdf).contains("No syntax or stream encoding errors"))
        XCTAssert(try Programs.output(of: "pdfimages", ["-list"], over: pdf).contains("40    20"))
    }

    func testRefusesASizeOfNothing() throws {
        for size in [0, -1, .nan, .infinity] as [Double] {
            var letter = SmallPages.document()
            letter.addImage(try image(), width: size)
            XCTAssertThrowsError(try letter.finish()) { error in
                XCTAssertEqual((error as? PDFError)?.code, .invalidMeasure)
            }
        }
    }
}
