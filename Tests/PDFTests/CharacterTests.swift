import MailroomPDF
import TestSupport
import XCTest

final class CharacterTests: XCTestCase {
    private func pdf(_ text: String, family: PDFFontFamily = .times) throws -> [UInt8] {
        var letter = PDFDocument(PDFProperties(title: "t", created: PDFDate(secondsSince1970: 0)))
        letter.addParagraph(text, style: PDFParagraphStyle(family: family))
        return try letter.finish()
    }

    func testGivesBackEveryCharacterOfTheEncoding() throws {
        let upper = "€ ‚ ƒ „ … † ‡ ˆ ‰ Š ‹ Œ Ž ‘ ’ “ ” • – — ˜ ™ š › œ ž Ÿ"
        let latin = (0xA1...0xFF).filter { $0 != 0xAD }.map { String(UnicodeScalar($0)!) }.joined(separator: " ")
        let ascii = (0x21...0x7E).map { String(UnicodeScalar($0)!) }.joined(separator: " ")
        for family in [PDFFontFamily.helvetica, .times, .courier] {
            let printed = try Programs.words(of: try pdf("\(ascii) \(upper) \(latin)", family: family))
            XCTAssertEqual(
                printed.filter { $0 != " " }, "\(ascii)\(upper)\(latin)".filter { $0 != " " },
                "blanks between single letters are a reader's guess")
        }
    }

    func testComposesLettersWithCombiningAccents() throws {
        let composed = "éàçñöÅŠžŸ"
        let decomposed = composed.decomposedStringWithCanonicalMapping
        XCTAssertNotEqual(Array(composed.utf8), Array(decomposed.utf8))
        XCTAssertEqual(try pdf(decomposed), try pdf(composed))
    }

    func testNamesEachCharacterThatTheFontsLack() {
        for (text, names) in [
            ("Łukasz Łódź", ["“Ł” (U+0141)", "“ź” (U+017A)"]), ("日本", ["“日” (U+65E5)", "“本” (U+672C)"]),
            ("👩‍🚒", ["“👩‍🚒” (U+1F469 U+200D U+1F692)"]), ("e\u{30C}", ["“e\u{30C}” (U+0065 U+030C)"]),
            ("\u{301}e", ["“\u{301}” (U+0301)"]), ("a\u{7}", ["U+0007"]), ("\u{7F}\u{81}", ["U+007F", "U+0081"]),
        ] {
            XCTAssertThrowsError(try pdf(text)) { error in
                let error = error as? PDFError
                XCTAssertEqual(error?.code, .unsupportedCharacters)
                XCTAssertEqual(error?.unsupported.map(\.description), names)
                XCTAssert(names.allSatisfy { error?.description.contains($0) == true })
            }
            XCTAssertEqual(PDFUnsupportedCharacter.all(in: text).map(\.description), names)
        }
        XCTAssertEqual(PDFUnsupportedCharacter.all(in: "Ça coûte 5 € — n’est-ce pas ?"), [])
    }

    func testFindsWhatAFamilyLacksWithoutSettingTheText() {
        for (text, family, lacking) in [
            (String(repeating: "plain ASCII, long enough. ", count: 9), .times, ""), ("d’été — 5 €", .helvetica, ""),
            ("12345678\u{7}", .times, "\u{7}"), ("1234567\u{7F}9", .courier, "\u{7F}"), ("αβ x", .symbol, "x"),
            ("α✓", PDFFontFamily.times.withFallbacks([.symbol]), "✓"), ("e\u{301}t", .times, ""),
        ] as [(String, PDFFontFamily, String)] {
            XCTAssertEqual(PDFUnsupportedCharacter.all(in: text, family: family).map(\.character), Array(lacking), text)
        }
    }

    func testReportsCharactersOfMarkersAndFooters() {
        let properties = PDFProperties(
            title: "t", created: PDFDate(secondsSince1970: 0), footer: PDFRunningLine(centre: "☎ {page}"))
        var letter = PDFDocument(properties)
        letter.addParagraph("x", marker: "✓")
        XCTAssertThrowsError(try letter.finish()) { error in
            XCTAssertEqual((error as? PDFError)?.unsupported.map(\.character), ["✓", "☎"])
        }
    }

    func testANarrowNoBreakSpaceIsNarrowerAndStillASpace() throws {
        let narrow = try pdf("Attention\u{202F}!")
        XCTAssertEqual(try Programs.words(of: narrow), "Attention !")
        XCTAssert(String(decoding: narrow, as: UTF8.self).contains(")100(!)]TJ"))
    }

    func testNamesTheFirstPartsOfACharacterOfVeryMany() {
        XCTAssertThrowsError(try pdf("e" + String(repeating: "\u{301}", count: 10_000))) { error in
            XCTAssertEqual((error as? PDFError)?.unsupported.count, 1)
            XCTAssertLessThan("\(error)".utf8.count, 300)
        }
    }

    func testAnyTextEitherGivesAValidFileOrAnError() throws {
        var random = SeededGenerator(7)
        for _ in 0..<200 {
            var text = ""
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                let value = UInt32.random(in: 0..<0x300, using: &random)
                text.unicodeScalars.append(UnicodeScalar(value) ?? " ")
            }
            let expected = PDFUnsupportedCharacter.all(in: text)
            if expected.isEmpty {
                XCTAssertNoThrow(try pdf(text))
            } else {
                XCTAssertThrowsError(try pdf(text)) { error in
                    XCTAssertEqual((error as? PDFError)?.unsupported, expected)
                }
            }
        }
    }
}
