import MailroomPDF
import TestSupport
import XCTest

final class HeaderFooterTests: XCTestCase {
    private func pages(_ count: Int, of document: PDFDocument) throws -> [UInt8] {
        var document = document
        for number in 1...count {
            if number > 1 { document.breakPage() }
            document.addParagraph("text", style: SmallPages.line)
        }
        return try document.finish()
    }

    func testSetsThreeTextsIntoTheMargins() throws {
        let header = PDFRunningLine(left: "left", centre: "middle", right: "right")
        let footer = PDFRunningLine(left: "from", right: "{page}/{pages}")
        let pdf = try pages(2, of: SmallPages.document(header: header, footer: footer))
        let words = try SmallPages.words(of: pdf)
        for page in 1...2 {
            let place = { (text: String) in words.first { $0.page == page && $0.text == text } }
            XCTAssertEqual(place("left")?.left ?? .nan, 20, accuracy: 0.01)
            XCTAssertEqual(
                ((place("middle")?.left ?? .nan) + (place("middle")?.right ?? .nan)) / 2, 150, accuracy: 0.02)
            XCTAssertEqual(place("right")?.right ?? .nan, 280, accuracy: 0.02)
            XCTAssertEqual(place("from")?.left ?? .nan, 20, accuracy: 0.01)
            XCTAssertEqual(place("\(page)/2")?.right ?? .nan, 280, accuracy: 0.02)
            XCTAssertEqual(place("left")?.top ?? .nan, 20, accuracy: 2)
            XCTAssertEqual(place("from")?.top ?? .nan, 170, accuracy: 2)
        }
    }

    func testNeedsTheDigitsOfAPlaceAndNotItsLetters() throws {
        let symbols = PDFRunningLine(centre: "{page} α {pages}", family: .symbol)
        let words = try SmallPages.words(of: pages(1, of: SmallPages.document(header: symbols)))
        XCTAssertEqual(words.map(\.text).sorted(), ["1", "1", "text", "α"])
        let ornaments = PDFRunningLine(centre: "{page}", family: .zapfDingbats)
        XCTAssertThrowsError(try pages(1, of: SmallPages.document(header: ornaments))) { error in
            XCTAssertEqual((error as? PDFError)?.unsupported.map(\.character), Array("0123456789"))
        }
    }

    func testLeavesTheFirstPageWithoutAHeaderWhereAsked() throws {
        for text in ["same", "page {page} of {pages}"] {
            let header = PDFRunningLine(centre: text, isOnFirstPage: false)
            let texts = try SmallPages.texts(of: pages(3, of: SmallPages.document(header: header)))
            let expected = (1...3).map { page in
                let line = text.replacing("{pages}", with: "3").replacing("{page}", with: "\(page)")
                return page == 1 ? "text" : "\(line) text"
            }
            XCTAssertEqual(texts, expected)
        }
        let alone = SmallPages.document(footer: PDFRunningLine(centre: "footer", isOnFirstPage: false))
        XCTAssertEqual(try SmallPages.texts(of: pages(1, of: alone)), ["text"])
    }

    func testTextsBesideEachOtherDoNotMeet() throws {
        let long = String(repeating: "word ", count: 7)
        for line in [
            PDFRunningLine(left: long, right: long), PDFRunningLine(left: long, centre: long, right: long),
            PDFRunningLine(centre: long + long, right: "{page} of {pages}"),
        ] {
            let words = try SmallPages.words(of: pages(2, of: SmallPages.document(footer: line)))
            for word in words where word.page == 1 {
                for other in words where other.page == 1 && other.top == word.top && other.left > word.left {
                    XCTAssertGreaterThan(other.left, word.right)
                }
            }
        }
    }

    func testALineHigherThanItsMarginIsAnError() throws {
        let fits = PDFRunningLine(centre: "a\nb\nc\nd\ne")
        XCTAssertEqual(try SmallPages.texts(of: pages(1, of: SmallPages.document(header: fits))), ["a b c d e text"])
        let tooHigh = PDFRunningLine(centre: "a\nb\nc\nd\ne\nf")
        for document in [SmallPages.document(header: tooHigh), SmallPages.document(footer: tooHigh)] {
            XCTAssertThrowsError(try pages(1, of: document)) { error in
                XCTAssertEqual((error as? PDFError)?.code, .invalidMeasure)
            }
        }
        XCTAssertThrowsError(try pages(1, of: SmallPages.document(footer: PDFRunningLine(centre: "x", size: 0))))
    }

    func testTheFirstPageHasMarginsOfItsOwn() throws {
        var letter = SmallPages.document(firstPageTop: 90, firstPageBottom: 90)
        letter.addLines(13)
        let pages = try SmallPages.texts(of: letter.finish())
        XCTAssertEqual(pages, ["p1 p2", "p3 p4 p5 p6 p7 p8 p9 p10 p11 p12", "p13"])
    }

    func testWhatIsHigherThanTheFirstPagesTextStandsOnTheNext() throws {
        var letter = SmallPages.document(firstPageTop: 110)
        var together = SmallPages.line
        together.keepsTogether = true
        letter.addParagraph("a\nb\nc\nd\ne\nf", style: together)
        XCTAssertEqual(try SmallPages.texts(of: letter.finish()), ["", "a b c d e f"])
    }

    func testNumbersAThousandPages() throws {
        let footer = PDFRunningLine(left: "Club", right: "{page} of {pages}")
        let texts = try SmallPages.texts(of: pages(1_000, of: SmallPages.document(footer: footer)))
        XCTAssertEqual(texts, (1...1_000).map { "text Club \($0) of 1000" })
    }

    func testALineThatIsTheSameOnEveryPageIsWrittenOnce() throws {
        let pdf = try pages(50, of: SmallPages.document(footer: PDFRunningLine(centre: "constant")))
        XCTAssertEqual(try SmallPages.texts(of: pdf), [String](repeating: "text constant", count: 50))
        XCTAssertLessThan(String(decoding: pdf, as: UTF8.self).split(separator: "constant").count, 5)
    }

    func testRunningLinesOfCompressedPagesGoOnFromAnyState() throws {
        var letter = PDFDocument(
            PDFProperties(
                title: "t", created: PDFDate(secondsSince1970: 0), header: PDFRunningLine(centre: "same"),
                footer: PDFRunningLine(centre: "{page} of {pages}", size: 11, color: .black)),
            compressor: .stored)
        let justified = PDFParagraphStyle(alignment: .justified)
        for _ in 0..<3 {
            letter.addParagraph(String(repeating: "several words ", count: 30), style: justified)
            letter.breakPage()
        }
        let words = try SmallPages.words(of: letter.finish())
        for page in 1...3 {
            let numbers = words.filter { $0.page == page && $0.top > 780 }
            XCTAssertEqual(numbers.map(\.text), ["\(page)", "of", "3"])
            // Not spread as the justified lines above are: a blank of Helvetica is 0.278 em wide.
            XCTAssertEqual((numbers.last?.left ?? 0) - (numbers.dropLast().last?.right ?? 0), 3.06, accuracy: 0.05)
        }
    }
}
