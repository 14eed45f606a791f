import Foundation
import Mailroom
import XCTest

@testable import MailroomLetters

final class FilterTests: XCTestCase {
    private func shown(_ tag: String, _ value: Document.Value, _ locale: String, zone: String = "Europe/Paris") throws
        -> String
    {
        let made = try expand("{{v | \(tag)}}", ["v": value]) {
            $0.locale = locale
            $0.timeZone = zone
        }
        XCTAssertEqual(made.problems, [])
        // Which no-break space a locale uses is its own affair.
        return made.text.replacingOccurrences(of: "\u{202F}", with: " ").replacingOccurrences(of: "\u{A0}", with: " ")
    }

    func testDatesAreWrittenInTheLettersLanguage() throws {
        for (tag, locale, expected) in [
            ("date short", "fr", "14/03/2026"), ("date", "fr", "14 mars 2026"),
            ("date medium", "en-US", "Mar 14, 2026"),
            ("date long", "fr", "14 mars 2026"), ("date long", "en-US", "March 14, 2026"),
            ("date long", "en-GB", "14 March 2026"), ("date long", "de", "14. März 2026"),
            ("date long", "pl", "14 marca 2026"), ("date full", "fr", "samedi 14 mars 2026"),
            ("date full | capitalized", "fr", "Samedi 14 mars 2026"),
            ("date full | uppercase", "fr", "SAMEDI 14 MARS 2026"),
        ] {
            XCTAssertEqual(try shown(tag, "2026-03-14", locale), expected, "\(tag) \(locale)")
        }
    }

    func testTheFirstOfAMonthIsAnOrdinalInFrench() throws {
        for (tag, date, locale, expected) in [
            ("date long", "2025-07-01", "fr", "1er juillet 2025"),
            ("date full", "2025-07-01", "fr-FR", "mardi 1er juillet 2025"),
            ("date long time", "2025-07-01T08:01:00Z", "fr-CA", "1er juillet 2025 à 10:01"),
            ("date long", "2025-06-30T22:30:00Z", "fr", "1er juillet 2025"),
            ("date medium", "2025-07-01", "fr", "1er juil. 2025"), ("date short", "2025-07-01", "fr", "01/07/2025"),
            ("date long", "2025-01-11", "fr", "11 janvier 2025"), ("date long", "2025-01-31", "fr", "31 janvier 2025"),
            ("date long", "2025-07-01", "en-GB", "1 July 2025"),
        ] { XCTAssertEqual(try shown(tag, .text(date), locale), expected, "\(tag) \(date) \(locale)") }
    }

    func testAnUnknownLanguageIsWrittenAsEnglishOnEveryMachine() throws {
        for locale in ["xx", "", "C", "zz-ZZ", "../x"] {
            XCTAssertEqual(NamedLocale.of(locale).identifier, "en")
            XCTAssertEqual(try shown("date long", "2025-07-01", locale), "July 1, 2025")
        }
        XCTAssertEqual(NamedLocale.of("fr-ZZ").identifier, "fr-ZZ")
    }

    func testWhatIsRoundedToNothingHasNoSign() throws {
        for (tag, value, expected) in [
            ("number 2", -0.004, "0,00"), ("number 0", -0.4, "0"), ("money EUR", -0.004, "0,00 €"),
            ("number", -0.004, "-0,004"), ("money EUR", -0.005, "-0,01 €"),
        ] as [(String, Document.Value, String)] { XCTAssertEqual(try shown(tag, value, "fr"), expected, tag) }
    }

    func testWhatIsNoNumberIsNotShown() throws {
        for tag in ["{{v}}", "{{v | uppercase}}"] {
            let made = try expand(tag, ["v": .number(.nan)])
            XCTAssertEqual(made.text, "")
            XCTAssertEqual(made.problems.map(\.kind), [.unfit("must be a number, such as 1234.5")])
        }
    }

    func testHoursHaveTwoDigitsWhereTheLanguageWritesThem() throws {
        for (locale, expected) in [
            ("fr", "08:05"), ("de", "08:05"), ("en-GB", "08:05"), ("pl", "08:05"), ("es", "8:05"), ("en-US", "8:05 AM"),
            ("el", "8:05 πμ"),
        ] { XCTAssertEqual(try shown("time", "2025-07-02T08:05:00Z", locale, zone: "UTC"), expected, locale) }
        XCTAssertEqual(
            try shown("date full time", "2025-07-01T08:05:00Z", "fr", zone: "UTC"), "mardi 1er juillet 2025 à 08:05")
        XCTAssertEqual(
            try shown("date long time", "2025-07-02T00:05:00Z", "de", zone: "UTC"), "2. Juli 2025 um 00:05")
        XCTAssertEqual(try shown("date short time", "2025-07-02T08:05:00Z", "en-GB", zone: "UTC"), "02/07/2025, 08:05")
    }

    func testWhatWasWrittenLatelyIsNotTakenForAnother() throws {
        for _ in 0..<2 {
            for number in 0..<1_100 {
                XCTAssertEqual(try shown("number", .text("\(number % 600)"), "en"), "\(number % 600)")
            }
            XCTAssertEqual(try shown("number 1", "7", "en"), "7.0")
            XCTAssertEqual(try shown("number 1", "7", "fr"), "7,0")
            XCTAssertEqual(try shown("date short", "2026-03-14T23:30:00Z", "fr", zone: "UTC"), "14/03/2026")
            XCTAssertEqual(try shown("date short", "2026-03-14T23:30:00Z", "fr", zone: "Europe/Paris"), "15/03/2026")
        }
        XCTAssertEqual((0..<999).map { "\($0)" }, try (0..<999).map { try shown("number 0", .text("\($0)"), "de") })
    }

    func testADateWithoutATimeIsThatDayInEveryTimeZone() throws {
        for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC", "Europe/Paris"] {
            XCTAssertEqual(try shown("date short", "2026-03-01", "fr", zone: zone), "01/03/2026")
        }
    }

    func testAMomentIsShownInTheLettersTimeZone() throws {
        XCTAssertEqual(try shown("date short", "2026-03-14T23:30:00Z", "fr"), "15/03/2026")
        XCTAssertEqual(try shown("time", "2026-07-14T21:30:00Z", "fr"), "23:30")
        XCTAssertEqual(try shown("date time", "2026-07-14T20:00:00.250+05:30", "fr"), "16:30")
        XCTAssertEqual(try shown("time", "2026-07-14T10:15", "fr", zone: "America/New_York"), "10:15")
        XCTAssertEqual(try shown("time", "2026-03-29 13:30:10", "fr"), "13:30")
        XCTAssertEqual(try shown("date long time", "2026-03-14T09:05:00Z", "de"), "14. März 2026 um 10:05")
        XCTAssertEqual(try shown("time", "2026-03-14T09:05:00Z", "en-US", zone: "UTC"), "9:05 AM")
    }

    func testNumbersAndMoneyFollowTheLocale() throws {
        for (tag, value, locale, expected) in [
            ("number", 1234567.125, "fr", "1 234 567,125"), ("number", 12, "en", "12"), ("number 2", 12, "en", "12.00"),
            ("number 1", 0.25, "en", "0.3"), ("number 0", -2.5, "en", "-3"), ("number", "1234.50", "de", "1.234,5"),
            ("number", 0.123456789012, "en", "0.123456789012"), ("money EUR", 1234.5, "fr", "1 234,50 €"),
            ("money EUR", 1234.5, "en-IE", "€1,234.50"), ("money USD", -3, "en-US", "-$3.00"),
            ("money JPY", 1234, "fr", "1 234 JPY"), ("money PLN", "99.995", "pl", "100,00 zł"),
            ("money EUR", 2.665, "en", "€2.67"),
        ] as [(String, Document.Value, String, String)] {
            XCTAssertEqual(try shown(tag, value, locale), expected, "\(tag) \(locale)")
        }
    }

    func testLettersChangeCaseByLocale() throws {
        XCTAssertEqual(try shown("uppercase", "straße", "de"), "STRASSE")
        XCTAssertEqual(try shown("uppercase", "izmir", "tr"), "İZMİR")
        XCTAssertEqual(try shown("lowercase", "ÉTÉ", "fr"), "été")
        XCTAssertEqual(try shown("capitalized", "élan vital", "fr"), "Élan vital")
        XCTAssertEqual(try shown("capitalized", "", "fr"), "")
    }

    func testAValueOfTheWrongKindIsAProblem() throws {
        for (tag, value) in [
            ("date", "14/03/2026"), ("date", "2026-02-29"), ("date", "2026-13-01"), ("date", "2026-3-1"), ("date", ""),
            ("date", "1582-10-04"), ("date", 20_260_314), ("date", true), ("time", "2026-03-14"),
            ("date", "2026-03-14T24:00"), ("date", "2026-03-14T10:30:00Z!"), ("date", "2026-03-14T10:30:60Z"),
            ("date long time", "2026-03-14"), ("number", "1,5"), ("number", "1e5"), ("number", "5 €"), ("number", "-"),
            ("number", ".5"), ("number", "5."), ("number", ["x"]), ("money EUR", "NaN"), ("number", .number(.nan)),
            ("number", "\u{663}"), ("number", .text(String(repeating: "9", count: 5000))),
        ] as [(String, Document.Value)] {
            let made = try expand("{{v | \(tag)}}", ["v": value])
            XCTAssertEqual(made.text, "")
            XCTAssertEqual(made.problems.count, 1)
            guard case .unfit? = made.problems.first?.kind else {
                XCTFail("\(tag) took \(value)")
                continue
            }
        }
        XCTAssertEqual(try expand("{{v | uppercase}}", ["v": true]).problems.map(\.kind), [.notText])
    }

    func testATimeWithoutAnOffsetIsTheTimeZonesOnBothSidesOfSummerTime() throws {
        let zone = try XCTUnwrap(TimeZone(identifier: "Europe/Paris"))
        for (text, seconds) in [
            ("2026-03-29T01:59", 1_774_745_940), ("2026-03-29T03:00", 1_774_746_000),
            ("2026-10-25T01:59", 1_792_886_340), ("2026-10-25T03:00", 1_792_893_600), ("1970-01-01T01:00", 0),
            ("1969-12-31T23:59:59Z", -1), ("2000-02-29T00:00-01:00", 951_786_000),
        ] {
            XCTAssertEqual(DateText(text, timeZone: zone)?.date, Date(timeIntervalSince1970: Double(seconds)), text)
        }
    }

    func testAnUnknownTimeZoneIsNamed() throws {
        for zone in ["Europe/Paris\u{0}", "", "GMT+25", "../../etc/localtime"] {
            XCTAssertEqual(try expand("{{v | date}}", ["v": "2026-03-14"]) { $0.timeZone = zone }.text, "")
        }
        let made = try expand("{{v | date}}", ["v": "2026-03-14"]) { $0.timeZone = "Europe/Pari" }
        XCTAssert(made.problems.first?.sentence?.contains("“Europe/Pari” is no time zone") == true)
    }
}
