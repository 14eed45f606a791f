import Mailroom
import MailroomLetters
import MailroomMIME
import MailroomTemplates
import TestSupport
import XCTest

final class ShippedLetterTests: XCTestCase {
    private func letter(_ row: [String: String]) async throws -> RenderedDocument {
        let renderer = LetterRenderer(templates: [try Template(source: Shipped.volunteerLetter)])
        let document = Document(template: "volunteer-letter-fr", values: row.mapValues { .text($0) })
        XCTAssertEqual(try renderer.check(document), TemplateVersion(of: Shipped.volunteerLetter))
        return try await renderer.render(document)
    }

    func testTheListTriesWhatNamesCanHave() {
        let rows = teachers()
        XCTAssertGreaterThanOrEqual(rows.count, 12)
        let names = rows.map { "\($0["first_name"] ?? "") \($0["last_name"] ?? "")" }.joined(separator: "\n")
        for character in "éçœÿøŠžŒ’'-ß" { XCTAssert(names.contains(character), "\(character)") }
        XCTAssert(rows.contains { $0["club"]?.contains(",") == true })
        XCTAssert(rows.contains { $0["club"]?.contains("\"") == true })
        XCTAssert(rows.allSatisfy { $0["email"]?.hasSuffix("@example.org") == true })
        XCTAssert(rows.allSatisfy { $0.count == 7 && $0.values.allSatisfy { !$0.isEmpty } })
    }

    func testEveryTeacherGetsOnePageThatNamesThem() async throws {
        for row in teachers() {
            let rendered = try await letter(row)
            let pdf = try XCTUnwrap(rendered.attachments.first)
            XCTAssertEqual(pdf.mediaType, .pdf)
            XCTAssertEqual(pdf.fileName, "attestation-\(row["last_name"] ?? "").pdf")
            XCTAssert(
                try Programs.output(of: "qpdf", ["--check"], over: pdf.bytes).contains("No syntax or stream encoding"))
            XCTAssert(try Programs.output(of: "pdfinfo", over: pdf.bytes).contains("Pages:           1"))
            let words = try Programs.words(of: pdf.bytes, asLaidOut: true).filter { !$0.isWhitespace }
            let name = "\(row["first_name"] ?? "") \(row["last_name"] ?? "")"
            var rest = words[...]
            for expected in [
                row["club"] ?? "", name, "Fait au siège du club, le \(row["date"] ?? "")", "Attestation de bénévolat",
                "« \(row["club"] ?? "") » certifie que \(name) a exercé", "\(row["hours"] ?? "") heures", "niveau ; un",
                "Pour le comité directeur,",
            ] {
                guard let range = rest.firstRange(of: expected.filter { !$0.isWhitespace }) else {
                    XCTFail("“\(expected)” is missing or out of order in: \(words)")
                    continue
                }
                rest = rest[range.upperBound...]
            }
        }
    }

    func testTheTextAndTheHTMLSayTheSameAsThePDF() async throws {
        let row = try XCTUnwrap(teachers().first { $0["last_name"] == "Œuvrard" })
        let rendered = try await letter(row)
        XCTAssertEqual(rendered.subject, "Votre attestation de bénévolat – saison\u{A0}2024-2025")
        let text = try XCTUnwrap(rendered.text)
        XCTAssert(text.contains("Association \"Le Pied à l’étrier\""), text)
        XCTAssert(text.split(separator: "\n").allSatisfy { $0.count <= 72 }, text)
        let html = try XCTUnwrap(rendered.html)
        XCTAssert(html.contains("Association &quot;Le Pied à l’étrier&quot;</h1>"), html)
        XCTAssert(html.contains("<html lang=\"fr\">"))
        XCTAssert(html.contains("<strong>Aimé Œuvrard</strong> a exercé"), html)
    }

    func testUsesTheFamilyItAsksFor() async throws {
        let rendered = try await letter(teachers()[0])
        let fonts = try Programs.output(of: "pdffonts", over: rendered.attachments[0].bytes)
        for name in ["Times-Roman", "Times-Bold", "Times-Italic"] { XCTAssert(fonts.contains("\(name) "), fonts) }
        XCTAssertFalse(fonts.contains("Helvetica"), fonts)
    }

    func testTheLetterStaysWhatItIs() async throws {
        let rendered = try await letter(teachers()[2])
        XCTAssertEqual(SHA256Digest(of: rendered.attachments[0].bytes).description.prefix(16), "d6bc959eda81285b")
        XCTAssertEqual(SHA256Digest(of: Array((rendered.html ?? "").utf8)).description.prefix(16), "83416a808c8f8525")
        XCTAssertEqual(SHA256Digest(of: Array((rendered.text ?? "").utf8)).description.prefix(16), "b149b0d73c51ed4f")
    }

    func testTheTextHTMLAndPDFOfEveryTeacherStayWhatTheyAre() async throws {
        let expected = [
            "868dcfca513484aa 5924c5f935be2419 60e77f019dd8a12c",
            "f4f393078bb3e981 78663cc8343b083a da4fd8887c60c286",
            "b149b0d73c51ed4f 83416a808c8f8525 d6bc959eda81285b",
            "33902fbf40ad5997 ba239c16d955aabd 2f13e0e08a87cddd",
            "77e8aace939d8ec7 3960b2d062055689 fbc011c764ca82d8",
            "1baaaff1a5bd4453 4a6907ddd8f5f37c 5e0a14d2bd0b5539",
            "b3c781c6e40ffe98 f760a6a819b63ab3 63736e9b86daa1c5",
            "99faaa36ab88e676 c508daa63ae41b83 b0a4e27c300f4ed2",
            "7cb62d7ee6cc717c b2803cc816c95e32 861cfc80ef04f810",
            "66ce73d528f2fd62 a8ff614b070ce121 406b795eed8e0c87",
            "6074f45961aa93b3 bdefd9dbb859c153 ed52c0ae5ea4d199",
            "2a607fbfd4ee9c34 bd1c0cd8521866c7 5c38fbd3c6e8c852",
            "12b7562379ecc25c 65512e513465eb57 8c1de10a3d356e36",
            "ac9b15228c5233d2 3585ab981f4609f2 e379ade4978dce02",
        ]
        var digests: [String] = []
        for row in teachers() {
            let rendered = try await letter(row)
            let parts = [Array((rendered.text ?? "").utf8), Array((rendered.html ?? "").utf8)]
            digests.append(
                (parts + [rendered.attachments[0].bytes]).map { SHA256Digest(of: $0).description.prefix(16) }
                    .joined(separator: " "))
        }
        XCTAssertEqual(digests, expected)
    }

    func testRenderingAtOnceGivesTheSameOctets() async throws {
        let renderer = LetterRenderer(templates: [try Template(source: Shipped.volunteerLetter)])
        let document = Document(template: "volunteer-letter-fr", values: teachers()[0].mapValues { .text($0) })
        let digests = try await withThrowingTaskGroup(of: SHA256Digest.self) { group in
            for _ in 0..<16 {
                group.addTask { SHA256Digest(of: try await renderer.render(document).attachments[0].bytes) }
            }
            return try await group.reduce(into: Set<SHA256Digest>()) { $0.insert($1) }
        }
        XCTAssertEqual(digests.count, 1)
    }
}
