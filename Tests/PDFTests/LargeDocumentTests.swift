import Foundation
import TestSupport
import XCTest

@testable import MailroomPDF

/// What is long takes time and memory in proportion.
final class LargeDocumentTests: XCTestCase {
    private func document(_ conformance: PDFConformance? = nil) -> PDFDocument {
        PDFDocument(PDFProperties(title: "t", created: PDFDate(secondsSince1970: 0), conformance: conformance))
    }

    /// The seconds of the processor's time that something takes, those of other programs not counted.
    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = clock()
        try body()
        return Double(clock() - start) / Double(CLOCKS_PER_SEC)
    }

    private func checkThatOneParagraphCostsWhatItsPartsDo(_ text: String, style: PDFParagraphStyle) throws {
        let parts = 100
        func set(_ text: String, times: Int) throws {
            var document = document()
            for _ in 0..<times { document.addParagraph(text, style: style) }
            XCTAssertGreaterThan(try document.finish().count, 1_000)
        }
        let whole = String(repeating: text, count: parts)
        try set(text, times: 1)
        let apart = try seconds { try set(text, times: parts) }
        let together = try seconds { try set(whole, times: 1) }
        XCTAssertLessThan(together, apart * 4)
    }

    func testAParagraphOfManyPagesTakesTimeInProportionToItsLength() throws {
        try checkThatOneParagraphCostsWhatItsPartsDo(
            String(repeating: "AVAToVeTa. We VA AW To ", count: 350), style: PDFParagraphStyle(alignment: .justified))
    }

    func testSoftHyphensAmongManyFacesTakeTimeInProportion() throws {
        try checkThatOneParagraphCostsWhatItsPartsDo(
            String(repeating: "ab\u{AD}αd\u{AD}", count: 300),
            style: PDFParagraphStyle(family: .times.withFallbacks([.symbol])))
    }

    func testManyDifferentCharactersWithoutAGlyphTakeTimeInProportion() {
        func report(_ range: Range<UInt32>) {
            var document = document()
            let text = String(String.UnicodeScalarView(range.compactMap(Unicode.Scalar.init)))
            document.addParagraph(text)
            XCTAssertThrowsError(try document.finish()) { error in
                XCTAssertEqual((error as? PDFError)?.unsupported.count, range.count)
            }
        }
        let apart = seconds {
            for first in stride(from: UInt32(0x20000), to: 0x24000, by: 256) { report(first..<(first + 256)) }
        }
        XCTAssertLessThan(seconds { report(0x20000..<0x24000) }, apart * 4)
    }

    func testWhatWaitsForItsPageTakesNoMoreRoomThanItsText() {
        var block = Block()
        block.style = BlockStyle(width: 100_000)
        block.text.append("AV kerned", faces: PDFFontFamily.helvetica.chain(for: []))
        LineBreaker.breakLines(of: &block)
        let settled = block.settled
        XCTAssertLessThanOrEqual(settled.text.codes.count, settled.text.count + EncodedText.slack)
        XCTAssertEqual(settled.events.count, block.eventCount)
        XCTAssertEqual(settled.ends, [])
        XCTAssertEqual(settled.text.codes.prefix(9), block.text.codes.prefix(9))
    }

    func testNoNodeOfThePageTreeHasMoreThanAThousandPages() throws {
        var document = document()
        for _ in 0..<2_001 {
            document.addParagraph("x")
            document.breakPage()
        }
        let pdf = try document.finish()
        let nodes = String(decoding: pdf, as: UTF8.self).components(separatedBy: "/Kids[").dropFirst()
            .map { $0.prefix { $0 != "]" }.split(separator: "R").count }
        XCTAssertEqual(nodes, [1_000, 1_000, 1, 3])
        XCTAssert(try Programs.output(of: "pdfinfo", over: pdf).contains("Pages:           2001"))
        XCTAssert(
            try Programs.output(of: "qpdf", ["--check"], over: pdf).contains("No syntax or stream encoding errors"))
    }

    func testSaysTheLengthOfAStreamOfNineDigits() {
        var file = ObjectFile(fixedObjects: 0, compressor: nil)
        _ = file.beginStream()
        file.bytes.append(contentsOf: [UInt8](repeating: 32, count: 123_456_789))
        file.endStream()
        let dictionary = String(decoding: file.bytes.dropFirst(15).prefix(60), as: UTF8.self)
            .split(whereSeparator: \.isWhitespace)
        XCTAssertEqual(dictionary, ["1", "0", "obj", "<</Length", "123456789>>", "stream"])
    }
}
