import MailroomPDF
import TestSupport
import XCTest

final class DocumentTests: XCTestCase {
    private func document(
        title: String = "Letter", author: String? = nil, footer: String? = nil,
        compressor: PDFCompressor? = nil
    ) -> PDFDocument {
        PDFDocument(
            PDFProperties(
                title: title, author: author, language: "fr",
                created: PDFDate(secondsSince1970: 1_784_628_915, minutesFromUTC: 120),
                footer: footer.map { PDFRunningLine(centre: $0) }),
            compressor: compressor)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    func testAnEmptyDocumentIsOneValidPage() throws {
        let pdf = try document().finish()
        XCTAssert(
            try Programs.output(of: "qpdf", ["--check"], over: pdf).contains("No syntax or stream encoding errors"))
        XCTAssert(try Programs.output(of: "pdfinfo", over: pdf).contains("Pages:           1"))
    }

    func testALetterPassesACheckOfItsSyntax() throws {
        var letter = document(author: "Zoë Œuvrard", footer: "{page}/{pages}")
        letter.addHeading("Attestation (copie)")
        for _ in 0..<60 {
            letter.addParagraph("Un cheval \\ une jument", style: PDFParagraphStyle(alignment: .justified))
        }
        letter.addRule()
        letter.addParagraph([PDFTextRun("voir "), PDFTextRun("le site", link: "https://example.org/é?(a)")])
        let pdf = try letter.finish()
        XCTAssert(
            try Programs.output(of: "qpdf", ["--check"], over: pdf).contains("No syntax or stream encoding errors"))
        XCTAssertFalse(try Programs.output(of: "pdffonts", over: pdf).contains("Error"))
    }

    func testTheTableOfObjectsPointsAtEveryObject() throws {
        var letter = document()
        letter.addParagraph("Bonjour")
        let pdf = try letter.finish()
        let tail = text(Array(pdf.suffix(40)))
        let start = try XCTUnwrap(Int(tail.split(separator: "startxref\n")[1].split(separator: "\n")[0]))
        let rows = text(Array(pdf[start...])).split(separator: "\n").dropFirst(3).prefix { $0.hasSuffix(" n ") }
        XCTAssertGreaterThan(rows.count, 5)
        for (index, row) in rows.enumerated() {
            let offset = try XCTUnwrap(Int(row.prefix(10)))
            XCTAssert(text(Array(pdf[offset...].prefix(12))).hasPrefix("\(index + 1) 0 obj\n"))
        }
    }

    func testTheSameCallsGiveTheSameOctets() throws {
        func make(_ word: String) throws -> [UInt8] {
            var letter = document()
            letter.addHeading("Titre")
            letter.addParagraph(word)
            return try letter.finish()
        }
        XCTAssertEqual(try make("un"), try make("un"))
        func identifier(_ pdf: [UInt8]) -> String { String(text(pdf).split(separator: "/ID[<")[1].prefix(32)) }
        XCTAssertNotEqual(identifier(try make("un")), identifier(try make("deux")))
        XCTAssertNotEqual(identifier(try make("un")), identifier(try make("nu")))
    }

    func testSaysItsTitleAuthorLanguageDateAndSize() throws {
        let pdf = try document(title: "Attestation d’Élodie (2026)", author: "Œuvre", footer: nil).finish()
        let printed = try Programs.output(of: "pdfinfo", ["-rawdates"], over: pdf)
        XCTAssert(printed.contains("Attestation d’Élodie (2026)"), printed)
        XCTAssert(printed.contains("Author:          Œuvre"), printed)
        XCTAssert(printed.contains("D:20260721121515+02'00'"), printed)
        XCTAssert(printed.contains("595.276 x 841.89 pts (A4)"), printed)
        XCTAssert(text(pdf).contains("/Lang(fr)"))
    }

    func testWritesLeapDaysAndDatesBefore1970() throws {
        for (seconds, written) in [
            (951_782_400, "D:20000229000000Z"), (-1, "D:19691231235959Z"), (0, "D:19700101000000Z"),
            (4_107_542_400, "D:21000301000000Z"),
        ] {
            let properties = PDFProperties(title: "", created: PDFDate(secondsSince1970: Int64(seconds)))
            XCTAssert(text(try PDFDocument(properties).finish()).contains(written), written)
        }
    }

    func testBringsDatesIntoTheYearsThatCanBeWritten() throws {
        for (seconds, minutes, written) in [
            (Int64.max, Int.max, "D:99991231140000+14'00'"), (.min, .min, "D:00001231100000-14'00'"),
        ] {
            var date = PDFDate(secondsSince1970: 0)
            date.secondsSince1970 = seconds
            date.minutesFromUTC = minutes
            XCTAssertEqual(date, PDFDate(secondsSince1970: seconds, minutesFromUTC: minutes))
            XCTAssert(text(try PDFDocument(PDFProperties(title: "", created: date)).finish()).contains(written))
        }
    }

    func testHandsEachPageToTheCompressor() throws {
        var letter = document(compressor: .stored)
        letter.addParagraph("Compressé")
        letter.breakPage()
        letter.addParagraph("Page deux")
        let pdf = try letter.finish()
        XCTAssert(
            try Programs.output(of: "qpdf", ["--check"], over: pdf).contains("No syntax or stream encoding errors"))
        XCTAssertEqual(try Programs.words(of: pdf), "Compressé Page deux")
    }

    func testSaysWhyTheCompressorFailed() throws {
        struct Lacking: Error, CustomStringConvertible { let description = "libz.so.1 is not there" }
        var letter = document(compressor: PDFCompressor { _, _ in throw Lacking() })
        letter.addParagraph("Compressé")
        XCTAssertThrowsError(try letter.finish()) { error in
            XCTAssertEqual((error as? PDFError)?.code, .compressionFailed)
            XCTAssert("\(error)".contains("libz.so.1 is not there"), "\(error)")
        }
    }

    func testRefusesMarginsThatLeaveNoRoom() {
        for margin in [300.0, -1, .nan, .infinity] {
            let properties = PDFProperties(
                title: "", created: PDFDate(secondsSince1970: 0),
                margins: PDFMargins(top: 10, right: margin, bottom: 10, left: margin))
            var letter = PDFDocument(properties)
            letter.addParagraph("x")
            letter.addRule()
            XCTAssertThrowsError(try letter.finish()) { error in
                XCTAssertEqual((error as? PDFError)?.code, .invalidMeasure)
            }
        }
    }

    func testRefusesATypeSizeOfNothing() {
        for size in [0, -3, .nan, Double.infinity] {
            var letter = document()
            letter.addParagraph("x", style: PDFParagraphStyle(size: size))
            XCTAssertThrowsError(try letter.finish())
        }
    }
}
