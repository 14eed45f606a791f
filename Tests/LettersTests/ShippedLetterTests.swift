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
        let needed = ["first_name", "last_name", "club", "season", "hours", "date"]
        XCTAssert(rows.allSatisfy { row in needed.allSatisfy { row[$0]?.isEmpty == false } })
        XCTAssert(rows.contains { $0["street"] == "" }, "an address may be unknown")
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
            let place = row["club_city"].map { $0.isEmpty ? "Fait le" : "Fait à \($0), le" } ?? ""
            var rest = words[...]
            for expected in [
                row["club"] ?? "", name, row["city"] ?? "", "Attestation de bénévolat",
                "« \(row["club"] ?? "") » certifie que \(name) a exercé", "\(row["hours"] ?? "") heures", "niveau ; un",
                "\(place) \(shownDate(row["date"] ?? ""))", "Pour le comité directeur,",
            ] {
                guard let range = rest.firstRange(of: expected.filter { !$0.isWhitespace }) else {
                    XCTFail("“\(expected)” is missing or out of order in: \(words)")
                    continue
                }
                rest = rest[range.upperBound...]
            }
        }
    }

    /// A date of the list in the letter's words, such as `1er juillet 2025`.
    private func shownDate(_ date: String) -> String {
        let parts = date.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, let month = [6: "juin", 7: "juillet", 8: "août"][parts[1]] else { return date }
        return "\(parts[2])\(parts[2] == 1 ? "er" : "") \(month) \(parts[0])"
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
        XCTAssertEqual(SHA256Digest(of: rendered.attachments[0].bytes).description.prefix(16), "486cd1d1cf46a11c")
        XCTAssertEqual(SHA256Digest(of: Array((rendered.html ?? "").utf8)).description.prefix(16), "c4af27d87b96a834")
        XCTAssertEqual(SHA256Digest(of: Array((rendered.text ?? "").utf8)).description.prefix(16), "25f9e2573f492bc3")
    }

    func testTheTextHTMLAndPDFOfEveryTeacherStayWhatTheyAre() async throws {
        let expected = [
            "fb589afb969bbd77 03895c38c6db01fe 61d33b84b1687df5",
            "ddc5fdca47966461 c84ea72a9481f759 889a095ec720fc6c",
            "25f9e2573f492bc3 c4af27d87b96a834 486cd1d1cf46a11c",
            "ba9549b1cdf0c1d2 937742a4d4462a47 0fbdac898285987f",
            "6e22ce31e1d289e6 89e047ed25308c1a e1de54d8ec602b11",
            "bb86c272da972b4e 390a50ead5791ef3 6a7fab546ef40a3d",
            "a6fa1e1b7463b340 d7326acff69a4e55 2e36f20eb28ef1bb",
            "d44e60420b990498 7edee35a1c23f729 b218b43734d6ffd3",
            "1478effe81de276f d1f6df7f9e995d15 80bb9826337606c0",
            "ffa82bf19fa74656 1dd2756b581f5c5b d306ddc15459d6ec",
            "9bf459e11eb6b96c 984fc04c877742a0 9fabe1e421ea6bbb",
            "9b84e5cc7bba393f 895bd06ef5915b65 fd119e0a4ef96ae4",
            "a2e9e2e101c08f3b 056ae5b9ad27a396 16a8029e96cfdf27",
            "85efd72c24cbbd0a 436b9dd930c976d8 6c09c82e28f0deb6",
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
