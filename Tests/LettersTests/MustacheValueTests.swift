import Foundation
import Mailroom
import XCTest

@testable import MailroomLetters

final class MustacheValueTests: XCTestCase {
    func testReportsAMissingValueOnceWithItsLine() throws {
        let made = try expand(
            "a\n{{#people}}{{name}}\n{{/people}}\n{{city.zip}}", ["people": [[:], [:], [:]], "city": [:]])
        XCTAssertEqual(made.text, "a\n\n\n\n")
        XCTAssertEqual(made.problems.map(\.kind), [.missing, .missing])
        XCTAssertEqual(made.problems.map(\.key.name), ["name", "city.zip"])
        XCTAssertEqual(made.problems.map(\.key.line), [2, 4])
    }

    func testNamesThePartialOfAMissingValue() throws {
        let made = try expand("{{>foot}}", partials: ["foot": "\n{{club}}"])
        XCTAssertEqual(made.problems.map(\.partial), ["foot"])
        let error = ValueProblem.error(made.problems, in: "letter")
        XCTAssertEqual(
            error?.reason, "Template “letter”: it needs values for club (line 2 of the partial “foot”).")
    }

    func testAnOptionalValueMayBeAbsent() throws {
        let made = try expand("[{{name?}}] [{{ when? | date long }}]", ["when": ""])
        XCTAssertEqual(made.text, "[] []")
        XCTAssertEqual(made.problems, [])
    }

    func testAnythingButTextAndNumbersIsRefusedWhereTextIsNeeded() throws {
        let values: [String: Document.Value] = ["a": true, "b": [], "c": [:], "d": 4]
        let made = try expand("{{a}}{{b}}{{c}}{{d}}", values)
        XCTAssertEqual(made.text, "4")
        XCTAssertEqual(made.problems.map(\.kind), [.notText, .notText, .notText])
    }

    func testGuardsStandAroundEveryEscapedValueEvenAnEmptyOne() throws {
        let made = try expand("{{a}}{{b?}}{{{a}}}{{&a}}", ["a": "*x*"], .guarded)
        XCTAssertEqual(made.text, "\u{2}*x*\u{3}\u{2}\u{3}*x**x*")
    }

    func testControlCharactersAreLeftOutAndReportedSoThatGuardsCannotBeForged() throws {
        let values: [String: Document.Value] = ["a": "x\u{3}\u{2}\u{1B}\u{7F}\u{2}\ty\r\nz"]
        for escaping in [Escaping.none, .html, .guarded] {
            for tag in ["{{a}}", "{{{a}}}"] {
                let made = try expand(tag, values, escaping)
                XCTAssertEqual(made.text.filter { $0 != "\u{2}" && $0 != "\u{3}" }, "x\ty\r\nz")
                XCTAssertEqual(made.problems.map(\.kind), [.unprintable(["U+0002", "U+0003", "U+001B", "U+007F"])])
            }
        }
        XCTAssertEqual(try expand("{{a}}", values, .guarded).text, "\u{2}x\ty\r\nz\u{3}")
    }

    func testAHeaderHasNoLineBreaksFromValues() throws {
        for value in ["a\nBcc: b", "a\r\nb", "a\tb", "a\u{0}b", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "a\u{7F}b"] {
            for tag in ["{{v}}", "{{{v}}}"] {
                let made = try expand(tag, ["v": .text(value)], .header(place: "the subject"))
                XCTAssertEqual(made.problems.map(\.kind), [.breaksLine("the subject")], value.debugDescription)
                XCTAssertFalse(
                    made.text.unicodeScalars.contains {
                        $0.properties.generalCategory == .control || $0 == "\u{2028}" || $0 == "\u{2029}"
                    })
            }
        }
        let made = try expand("{{v}}", ["v": "“Ça” à 5\u{A0}€…"], .header(place: "the subject"))
        XCTAssertEqual(made.text, "“Ça” à 5\u{A0}€…")
        XCTAssertEqual(made.problems, [])
    }

    func testHTMLCannotBePutInByAValue() throws {
        let made = try expand("<a title='{{v}}'>{{v}}</a>", ["v": "<b>\"&'é€"], .html)
        let escaped = "&lt;b&gt;&quot;&amp;&#39;é€"
        XCTAssertEqual(made.text, "<a title='\(escaped)'>\(escaped)</a>")
    }

    func testAnEmptyTextIsNoValueToASectionAndANumberAlwaysIsOne() throws {
        let template = "{{#a}}1{{/a}}{{^a}}2{{/a}}{{#n}}3{{/n}}"
        XCTAssertEqual(try expand(template, ["a": "", "n": 0]).text, "23")
        XCTAssertEqual(try expand(template, ["a": " "]).text, "1")
    }

    func testNumbersAreShownAsTheyAre() throws {
        let values: [String: Document.Value] = [
            "a": 1_000_000, "b": -0.05, "c": 12345678901234.5, "d": .number(Decimal(string: "0.10")!),
        ]
        XCTAssertEqual(try expand("{{a}} {{b}} {{c}} {{d}}", values).text, "1000000 -0.05 12345678901234.5 0.1")
    }

    func testTheLettersDateIsThereUnlessValuesHaveALetter() throws {
        let night = Date(timeIntervalSince1970: 1_773_529_200)
        let made = try expand("{{letter.date}} {{letter.date | date long}}") {
            $0.date = night
            $0.timeZone = "Europe/Paris"
            $0.locale = "fr"
        }
        XCTAssertEqual(made.text, "2026-03-15 15 mars 2026")
        let own = try expand("{{letter.date}}", ["letter": ["date": "today"]]) { $0.date = night }
        XCTAssertEqual(own.text, "today")
        XCTAssertEqual(try expand("{{letter.date}}").problems.map(\.kind), [.missing])
    }

    func testASentenceSaysWhatIsWrong() throws {
        let made = try expand("{{a | money EUR}}\n{{b | date}}{{>p}}{{>*c}}", ["a": "12,50", "b": "soon", "c": "q"])
        XCTAssertEqual(
            ValueProblem.error(made.problems, in: "bill")?.reason,
            "Template “bill”: the value of a (line 1) must be a number, such as 1234.5; the value of b (line 2) must be a "
                + "date, such as 2026-03-14 or 2026-03-14T10:30:00Z; there is no partial “p”, asked for in line 2; "
                + "there is no partial “q”, which c (line 2) asks for.")
    }
}
