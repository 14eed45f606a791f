import TestSupport
import XCTest

@testable import MailroomPDF

final class ConformanceTests: XCTestCase {
    private static let polish = "Zażółć gęślą jaźń, Ελληνικά, кириллица, « l’été » – “quotes” fi."

    private func document(
        _ conformance: PDFConformance?, font: PDFFontFamily? = nil, compressor: PDFCompressor? = nil,
        title: String = "Zaświadczenie & <kopia>"
    ) throws -> PDFDocument {
        let properties = PDFProperties(
            title: title, author: "Zoë Œuvrard", subject: "A letter (a copy)", keywords: ["letter", "żółw & co"],
            language: "pl", created: PDFDate(secondsSince1970: 1_784_628_915, minutesFromUTC: -150),
            conformance: conformance)
        return PDFDocument(properties, compressor: compressor)
    }

    private func family() throws -> PDFFontFamily {
        PDFFontFamily(
            regular: try PDFFont(FontFiles.bytes("DejaVuSans.ttf")),
            bold: try PDFFont(FontFiles.bytes("DejaVuSans-Bold.ttf")))
    }

    private func image(_ file: PNGFile = PNGFile(filter: 2)) throws -> PDFImage {
        try PDFImage(file.bytes, name: "logo.png")
    }

    /// A letter with what letters have: text in two faces, a link, images.
    private func letter(
        _ conformance: PDFConformance, images: [PDFImage], compressor: PDFCompressor? = nil
    ) throws -> [UInt8] {
        let family = try family()
        var letter = try document(conformance, compressor: compressor)
        letter.addHeading("Zaświadczenie", family: family)
        letter.addParagraph(
            [PDFTextRun(Self.polish), PDFTextRun(" link", emphasis: .bold, link: "https://example.org/é")],
            style: PDFParagraphStyle(family: family))
        letter.addRule()
        for image in images { letter.addImage(image, width: 100) }
        return try letter.finish()
    }

    func testALetterIsValidPDFA1b() throws {
        let files = try ImageSamples.files()
        let images = [
            try image(), try image(PNGFile(depth: 16)), try image(PNGFile(isInterlaced: true)),
            try PDFImage(files["turned6.jpg", default: []]), try PDFImage(files["key.png", default: []]),
        ]
        for compressor in [nil, PDFCompressor.stored] {
            let pdf = try letter(.pdfA1b, images: images, compressor: compressor)
            XCTAssertEqual(try Programs.faultsAsPDFA1b(of: pdf), [])
            let printed = try Programs.output(of: "qpdf", ["--check"], over: pdf)
            XCTAssert(printed.contains("No syntax or stream encoding errors"), printed)
            XCTAssertEqual(
                try Programs.words(of: pdf), "Zaświadczenie \(Self.polish) link")
        }
    }

    func testAPageOfNothingButARuleIsValidPDFA1b() throws {
        var rule = try document(.pdfA1b)
        rule.addRule()
        XCTAssertEqual(try Programs.faultsAsPDFA1b(of: rule.finish()), [])
    }

    /// There is no free program that checks PDF/A-2b beside one that cannot be had everywhere; what part 2 shares with
    /// part 1 is checked as part 1, and the faults found must be those that part 2 allows.
    func testALetterAsPDFA2bBreaksNoRuleThatIsAlsoPart1s() throws {
        let layered = try image(PNGFile(colorType: 6))
        let pdf = try letter(.pdfA2b, images: [layered])
        XCTAssert(String(decoding: pdf.prefix(8), as: UTF8.self) == "%PDF-1.7")
        let faults = try Programs.faultsAsPDFA1b(of: pdf)
        XCTAssertFalse(faults.isEmpty)
        for fault in faults {
            // A soft mask, a subset without a list of its glyphs, and the number of the part.
            let allowed = ["2.2.2 ", "The CIDSet entry is missing", "7.11.2 : Error on MetaData, part must be 1"]
            XCTAssert(allowed.contains { fault.contains($0) }, fault)
        }
        XCTAssert(
            try Programs.output(of: "qpdf", ["--check"], over: pdf).contains("No syntax or stream encoding errors"))
    }

    func testRefusesStandardFontsByName() throws {
        var letter = try document(.pdfA2b)
        letter.addParagraph("x", style: PDFParagraphStyle(family: .times))
        XCTAssertThrowsError(try letter.finish()) { error in
            XCTAssertEqual((error as? PDFError)?.code, .notEmbedded)
            XCTAssert("\(error)".contains("Times-Roman") && "\(error)".contains("PDF/A-2b"), "\(error)")
        }
    }

    func testRefusesTransparencyInPart1AndInksInBoth() throws {
        let layered = try image(PNGFile(colorType: 6))
        XCTAssertNil(PDFConformance.pdfA2b.refusal(of: layered))
        XCTAssertThrowsError(try ImagePage.document(of: layered, conformance: .pdfA1b)) { error in
            XCTAssertEqual((error as? PDFError)?.code, .unsupportedImage)
            XCTAssert("\(error)".contains("logo.png"), "\(error)")
        }
        let inks = try PDFImage(ImageSamples.files()["cmyk.jpg", default: []])
        for conformance in [PDFConformance.pdfA1b, .pdfA2b] { XCTAssertNotNil(conformance.refusal(of: inks)) }
    }

    func testThePacketSaysWhatThePropertiesSay() throws {
        var rule = try document(.pdfA1b, compressor: .stored, title: "A\u{1}b & <c> ’")
        rule.addRule()
        let pdf = try rule.finish()
        let printed = try Programs.output(of: "pdfinfo", ["-rawdates"], over: pdf)
        XCTAssert(printed.contains("A b & <c> ’"), printed)
        XCTAssert(printed.contains("Subject:         A letter (a copy)"), printed)
        XCTAssert(printed.contains("Keywords:        letter, żółw & co"), printed)
        XCTAssert(printed.contains("D:20260721074515-02'30'"), printed)
        let packet = try Programs.output(of: "pdfinfo", ["-meta"], over: pdf)
        for text in [
            "<rdf:li xml:lang=\"x-default\">A b &amp; &lt;c&gt; ’</rdf:li>", "<rdf:li>Zoë Œuvrard</rdf:li>",
            "<pdf:Keywords>letter, żółw &amp; co</pdf:Keywords>", "2026-07-21T07:45:15-02:30", "A letter (a copy)",
            "<pdfaid:part>1</pdfaid:part>",
        ] {
            XCTAssert(packet.contains(text), text)
        }
    }

    func testTheSameCallsGiveTheSameOctets() throws {
        func make() throws -> [UInt8] {
            try letter(.pdfA2b, images: [try image(PNGFile(colorType: 6))], compressor: .stored)
        }
        XCTAssertEqual(try make(), try make())
    }

    func testTheProfileIsTheColourSpaceThatScreensHave() throws {
        let folder = TestFolder()
        let file = try folder.file("a.icc", ColorProfile.sRGB)
        let script = """
            import sys
            from PIL import Image, ImageCms
            ours = ImageCms.getOpenProfile(sys.argv[1])
            theirs = ImageCms.createProfile("sRGB")
            steps = [(r, g, b) for r in range(0, 256, 15) for g in range(0, 256, 17) for b in range(0, 256, 51)]
            image = Image.new("RGB", (len(steps), 1))
            image.putdata(steps)
            worst = 0
            for intent in (0, 1, 2):
                for pair in ((ours, theirs), (theirs, ours)):
                    shown = ImageCms.profileToProfile(image, *pair, renderingIntent=intent)
                    worst = max(worst, max(abs(a - b) for p, q in zip(shown.getdata(), steps) for a, b in zip(p, q)))
            print(worst, ImageCms.getProfileDescription(ours).strip())
            """
        let outcome = try Programs.run(Programs.python(with: "PIL.ImageCms"), ["-c", script, file])
        let words = outcome.output.split(whereSeparator: \.isWhitespace)
        XCTAssertEqual(words.last, "sRGB", outcome.errors)
        XCTAssertLessThanOrEqual(Int(words.first ?? "") ?? 255, 2, outcome.output)
    }
}
