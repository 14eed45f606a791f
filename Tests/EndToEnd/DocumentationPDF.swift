import Foundation
import MailroomLibraries
import MailroomPDF
import TestSupport
import XCTest

/// What the article on PDFs shows, run.
final class DocumentationPDFTests: XCTestCase {
    func testWritesTheDocumentOfItsArticle() throws {
        // snippet: WritingPDFs
        var pdf = PDFDocument(
            PDFProperties(
                title: "Attestation", author: "Poney-Club des Érables", language: "fr",
                created: PDFDate(secondsSince1970: 1_784_628_915, minutesFromUTC: 120),
                footer: PDFRunningLine(centre: "{page}/{pages}")))
        pdf.addHeading("Attestation", family: .times)
        let body = PDFParagraphStyle(family: .times, size: 12, alignment: .justified)
        pdf.addParagraph(
            [
                PDFTextRun("Nous certifions qu’"), PDFTextRun("Anna Noël", emphasis: .bold),
                PDFTextRun(" a donné 64 heures."),
            ],
            style: body)
        let octets = try pdf.finish()
        // end of snippet
        let words = try Programs.words(of: octets)
        XCTAssertEqual(words, "Attestation Nous certifions qu’Anna Noël a donné 64 heures. 1/1")
    }

    func testWritesTheTableAndTheImageOfItsArticle() throws {
        let date = PDFDate(secondsSince1970: 1_784_628_915)
        let file = try XCTUnwrap(Data(base64Encoded: Self.dot)).map { $0 }
        // snippet: WritingPDFs
        let zlib = try ZlibCompressor()
        let compressor = PDFCompressor { try zlib.compress($0, into: &$1) }
        var small = PDFDocument(PDFProperties(title: "Small", created: date), compressor: compressor)
        // end of snippet
        small.addParagraph("Confirmation")
        var pdf = small
        // snippet: WritingPDFs
        var table = PDFTable(columns: [
            PDFTableColumn(.share(1)), PDFTableColumn(alignment: .right),
            PDFTableColumn(.points(60), alignment: .right),
        ])
        table.addHeader("Item", "Number", "Amount")
        table.addRow("Riding lesson", "3", "75.00")
        table.addRow("Membership", "1", "40.00")
        pdf.addTable(table)
        // end of snippet
        // snippet: WritingPDFs
        let logo = try PDFImage(file, name: "logo.png")
        pdf.addImage(logo, width: 120, alignment: .right)
        // end of snippet
        let octets = try pdf.finish()
        let words = try Programs.words(of: octets, asLaidOut: true)
        XCTAssertEqual(
            words, "Confirmation Item Number Amount Riding lesson 3 75.00 Membership 1 40.00")
        XCTAssert(try Programs.output(of: "pdfimages", ["-list"], over: octets).contains("image"))
        XCTAssertLessThan(octets.count, try small.finish().count + 1_500)
    }

    func testEmbedsTheFontsOfItsArticle() throws {
        let folder = "/usr/share/fonts/truetype/dejavu/DejaVuSerif"
        guard let regular = FileManager.default.contents(atPath: folder + ".ttf"),
            let bold = FileManager.default.contents(atPath: folder + "-Bold.ttf")
        else { throw lacking("the fonts DejaVu are not installed") }
        let (regularFile, boldFile) = (Array(regular), Array(bold))
        // snippet: WritingPDFs
        let serif = PDFFontFamily(
            regular: try PDFFont(regularFile), bold: try PDFFont(boldFile)
        ).withFallbacks([.symbol])
        // end of snippet
        var pdf = PDFDocument(PDFProperties(title: "Zażółć", created: PDFDate(secondsSince1970: 0)))
        pdf.addParagraph("Zażółć gęślą jaźń ∀", style: PDFParagraphStyle(family: serif, emphasis: .bold))
        XCTAssertEqual(try Programs.words(of: pdf.finish()), "Zażółć gęślą jaźń ∀")
    }

    /// A PNG of one dot.
    private static let dot =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
}
