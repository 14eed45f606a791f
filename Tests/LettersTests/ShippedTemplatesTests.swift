import Foundation
import Mailroom
import MailroomLetters
import MailroomMIME
import MailroomTemplates
import TestSupport
import XCTest

final class ShippedTemplatesTests: XCTestCase {
    private let renderer = LetterRenderer(files: TemplateFiles(Shipped.templates))

    private let values: [String: Document.Value] = [
        "first_name": "Élodie", "last_name": "Bérenger", "club": "Les Érables",
        "club_street": "12, chemin des Érables", "club_postcode": "74000", "club_city": "Annecy",
        "contact": "contact@example.org", "street": "3, rue de la République", "postcode": "69002", "city": "LYON",
        "country": "FRANCE", "salutation": "Madame", "event": "la fête du club", "date": "2026-09-12T14:30:00Z",
        "place": "au manège", "reply_by": "2026-09-01", "reply_link": "https://example.org/reply/ABC?x=1&y=2",
        "guests": "two guests", "signatory": "Claire Martin", "season": "2025-2026", "hours": "64",
        "reference": "2026-0042", "total": .number(415), "paid": false, "pay_by": "2026-08-15",
        "programme": [["time": "14:30", "title": "Visit of the *stables*"], ["time": "18:00", "title": "Drinks"]],
        "items": [
            ["label": "A week | of riding", "count": .number(2), "price": .number(145), "amount": .number(290)],
            ["label": "Meals", "count": .number(10), "price": .number(12.5), "amount": .number(1_125)],
        ],
    ]

    func testAllAreWithoutFault() {
        XCTAssertEqual(renderer.problems, [])
        XCTAssertEqual(
            renderer.templateNames,
            [
                "confirmation-en", "confirmation-fr", "invitation-en", "invitation-fr", "volunteer-letter-en",
                "volunteer-letter-fr",
            ])
    }

    func testEachFillsOnePageOfASoundPDF() async throws {
        for name in renderer.templateNames {
            let letter = try await renderer.rendering(values, of: name)
            let pdf = try XCTUnwrap(letter.attachments.first).bytes
            XCTAssert(try Programs.output(of: "qpdf", ["--check"], over: pdf).contains("No syntax or stream encoding"))
            XCTAssert(try Programs.output(of: "pdfinfo", over: pdf).contains("Pages:           1"), name)
            let words = try Programs.words(of: pdf, asLaidOut: true)
            XCTAssert(words.contains("Bérenger") && words.contains("Érables"), words)
            let text = try XCTUnwrap(letter.text)
            XCTAssert(text.split(separator: "\n").allSatisfy { $0.count <= 72 }, text)
            XCTAssertFalse(text.contains("{{") || text.contains(":::"), text)
        }
    }

    func testDatesAndMoneyAreThoseOfTheLanguage() async throws {
        let french = try await renderer.rendering(values, of: "confirmation-fr")
        let english = try await renderer.rendering(values, of: "confirmation-en")
        XCTAssertEqual(english.subject, "Your registration is confirmed: la fête du club")
        let words = try Programs.words(of: french.attachments[0].bytes).replacing(#/[\u{A0}\u{202F}]/#, with: " ")
        for expected in [
            "samedi 12 septembre 2026", "1 125,00 €", "Annecy, le 21 juillet 2026", "avant le 15 août 2026",
        ] {
            XCTAssert(words.contains(expected), "\(expected) is not in: \(words)")
        }
        let text = try XCTUnwrap(english.text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for expected in ["€1,125.00", "12 September 2026", "15 August 2026", "A week | of riding"] {
            XCTAssert(text.contains(expected), "\(expected) is not in: \(text)")
        }
    }

    func testWhatIsOptionalMayBeLeftOut() async throws {
        var values = values
        values["guests"] = nil
        values["paid"] = true
        values["pay_by"] = nil
        for key in ["street", "postcode", "city", "country", "club_street", "club_postcode", "club_city", "contact"] {
            values[key] = nil
        }
        for name in renderer.templateNames {
            let letter = try await renderer.rendering(values, of: name)
            let text = try XCTUnwrap(letter.text)
            XCTAssertFalse(text.contains(" ,") || text.contains("·") || text.contains("\n\n\n\n\n"), text)
        }
        values["event"] = nil
        XCTAssertThrowsError(try renderer.check(Document(template: "invitation-en", values: values))) { error in
            XCTAssertEqual((error as? RenderError)?.keys, ["event"])
        }
    }

    func testLongNamesAndAddressesAreSetInSmallerTypeAndFit() async throws {
        var values = values
        values["first_name"] = "Anne-Sophie Marie-Joséphine"
        values["last_name"] = "de La Rochefoucauld-Montmorency d’Estissac"
        values["street"] = "Résidence des Trois-Fontaines, bâtiment C\n148 bis, avenue du Maréchal-de-Lattre"
        values["club"] = "Société hippique nationale d’encouragement et d’éducation, section de Fontainebleau-Avon"
        values["club_street"] = "Domaine équestre du Grand Parquet, 14, route militaire de la Plaine"
        values["contact"] = "secretariat.general@societe-hippique-nationale.example.org\n+33 4 65 71 00 42"
        values["programme"] = .list((9...18).map { ["time": .text("\($0) h 30"), "title": "Visit of the stables"] })
        let item: Document.Value = [
            "label": "A week", "count": .number(1200), "price": .number(145), "amount": .number(174_000),
        ]
        values["items"] = .list(Array(repeating: item, count: 10))
        for name in renderer.templateNames {
            let letter = try await renderer.rendering(values, of: name)
            let pdf = letter.attachments[0].bytes
            XCTAssertNotNil(
                try Programs.output(of: "pdfinfo", over: pdf).firstMatch(of: #/Pages: +[12]\n/#), name)
            let words = try Programs.words(of: pdf)
            XCTAssert(words.contains("LYON") && words.contains("Estissac") && words.contains("Avon"), words)
        }
        values["street"] = .text(String(repeating: "Résidence des Trois-Fontaines\n", count: 30))
        XCTAssertThrowsError(try renderer.check(Document(template: "invitation-fr", values: values))) { error in
            XCTAssertEqual(
                "\((error as? RenderError)?.reason ?? "")",
                "Template “invitation-fr”: The address does not fit its place of 85 mm by 33 mm, even in small type. "
                    + "Shorten it.")
        }
    }

    func testEachHasASampleWithJustTheValuesItAsksFor() async throws {
        XCTAssertEqual(Shipped.samples.keys.sorted(), renderer.templateNames.map { "\($0).json" })
        for (file, json) in Shipped.samples {
            let name = String(file.dropLast(5))
            let sample = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
            var asked = Set(try XCTUnwrap(renderer.sampleValues(of: name)).keys)
            asked.formUnion(name.hasPrefix("confirmation") ? ["pay_by"] : [])
            XCTAssertEqual(Set(sample.keys).subtracting(asked), [], name)
            XCTAssertEqual(asked.subtracting(sample.keys), ["country"], name)
        }
    }

    func testNoLineOfTheLettersIsTypedCarelessly() throws {
        for (name, source) in Shipped.templates.merging(Shipped.samples, uniquingKeysWith: { $1 }) {
            for line in String(decoding: source, as: UTF8.self).split(separator: "\n") {
                XCTAssertNil(line.firstMatch(of: #/\p{L}'\p{L}/#), "\(name): \(line)")
                guard name.contains("-fr"), !line.contains("\": "), !line.contains("---") else { continue }
                XCTAssertNil(line.firstMatch(of: #/ [;!?»](\s|$)|« /#), "\(name): \(line)")
            }
        }
    }

    func testTheLinkOfAnInvitationIsItsValue() async throws {
        let letter = try await renderer.rendering(values, of: "invitation-fr")
        XCTAssert(letter.html?.contains("href=\"https://example.org/reply/ABC?x=1&amp;y=2\"") == true)
        var values = values
        values["reply_link"] = "javascript:alert(1)"
        XCTAssertThrowsError(try renderer.check(Document(template: "invitation-fr", values: values))) { error in
            XCTAssertEqual((error as? RenderError)?.keys, ["reply_link"])
        }
    }

    func testSampleValuesShowATemplate() async throws {
        for name in renderer.templateNames {
            let sample = try XCTUnwrap(renderer.sampleValues(of: name))
            let letter = try await renderer.render(Document(template: name, values: sample))
            XCTAssert(letter.text?.contains("last_name") == true, letter.text ?? "")
        }
        XCTAssertNil(renderer.sampleValues(of: "none"))
    }
}
