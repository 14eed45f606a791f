import Foundation
import Mailroom
import XCTest

@testable import MailroomCommands

/// The JSON of a template's values.
final class ValuesReaderTests: XCTestCase {
    private func values(_ json: String) throws -> [String: Document.Value] {
        try ValuesReader.values(Array(json.utf8))
    }

    func testEveryKindOfValueIsRead() throws {
        let json = """
            \u{FEFF}{"text": "Zo\\u00eb \\ud83d\\ude00 \\"\\\\\\/\\b\\f\\n\\r\\t é", "yes": true, "no": false, "none": null,
            "list": [1, null, "two", [], {}], "object": {"inner": {"": "empty"}}}
            """
        XCTAssertEqual(
            try values(json),
            [
                "text": .text("Zoë 😀 \"\\/\u{8}\u{C}\n\r\t é"), "yes": .flag(true), "no": .flag(false),
                "list": .list([.number(1), .text("two"), .list([]), .object([:])]),
                "object": .object(["inner": .object(["": .text("empty")])]),
            ])
    }

    func testNumbersKeepEveryDigit() throws {
        let numbers = [
            "0": "0", "-0": "0", "-12.50": "-12.5", "1e3": "1000", "1.25E-2": "0.0125", "0.1": "0.1",
            "12345678901234567890123456789012345678": "12345678901234567890123456789012345678",
            "0.10000000000000000000000000000000000001": "0.10000000000000000000000000000000000001",
            "1000000000000000000000000000000000000000000": "1000000000000000000000000000000000000000000",
        ]
        for (literal, text) in numbers {
            let expected = try XCTUnwrap(Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")))
            XCTAssertEqual(try values("{\"n\": \(literal)}"), ["n": .number(expected)], literal)
            XCTAssertEqual(expected.description, text)
        }
        for literal in ["123456789012345678901234567890123456789", "1e400", "1e-200", "1e99999999999999999999"] {
            XCTAssertThrowsError(try values("{\"n\": \(literal)}"), literal) { error in
                XCTAssertTrue("\(error)".contains("line 1, column 7: the number cannot be kept"), "\(error)")
            }
        }
    }

    func testWhatIsNoJSONIsToldWithLineAndColumn() throws {
        let cases: [(json: String, says: String)] = [
            ("", "line 1, column 1: values are an object"), ("[1]", "line 1, column 1: values are an object"),
            ("{\n  \"é\": }", "line 2, column 8: a value is missing here: texts are written in quotation marks"),
            ("{\"a\": 1", "line 1, column 8: the values end where a comma or \"}\" is missing"),
            ("{\"a\" 1}", "line 1, column 6: a colon after the name \"a\""),
            ("{\"a\": 1,}", "line 1, column 8: no comma stands before the end"),
            ("{\"a\": [1,]}", "line 1, column 9: no comma"), ("{a: 1}", "line 1, column 2: a name in quotation marks"),
            ("{\"a\": 1, \"a\": 2}", "line 1, column 10: \"a\" has a value already"),
            ("{\"a\": 01}", "line 1, column 7: a number begins"), ("{\"a\": 1.}", "line 1, column 9: a digit after"),
            ("{\"a\": -}", "a number begins"), ("{\"a\": 1e}", "a digit of the exponent"),
            ("{\"a\": nul}", "line 1, column 7: a value"), ("{\"a\": 'x'}", "line 1, column 7: a value"),
            ("{\"a\": \"x", "line 1, column 7: the text that begins here does not end"),
            ("{\"a\": \"x\ny\"}", "line 1, column 9: a line break or tab"),
            ("{\"a\": \"\\x\"}", "line 1, column 8: after a backslash"),
            ("{\"a\": \"\\ud800x\"}", "line 1, column 8: \\u is followed by half a character"),
            ("{\"a\": \"\\udc00\"}", "half a character"), ("{\"a\": \"\\u12g4\"}", "four hexadecimal digits"),
            ("{\"a\": \"\\u12", "four hexadecimal digits"), ("{\"a\": \"\\", "after a backslash"),
            ("{} x", "line 1, column 4: nothing may follow"),
            (String(repeating: "{\"a\":", count: 65), "nest deeper than 64"),
        ]
        for (json, says) in cases {
            XCTAssertThrowsError(try values(json), json) { error in
                XCTAssertTrue("\(error)".contains(says), "\(json): \(error)")
            }
        }
        let broken = Array("{\"a\": \"".utf8) + [0xFF] + Array("\"}".utf8)
        XCTAssertThrowsError(try ValuesReader.values(broken)) { XCTAssertTrue("\($0)".contains("not UTF-8"), "\($0)") }
    }

    func testNoBeginningOfValuesIsTakenForAllOfThem() throws {
        let json = Array(#"{"a": [true, -1.5e3, {"b": "\u00e9\ud83d\ude00"}], "c": null}"#.utf8)
        XCTAssertNoThrow(try ValuesReader.values(json))
        for length in json.indices { XCTAssertThrowsError(try ValuesReader.values(Array(json[..<length]))) }
    }

    func testValuesAreWrittenAsTheyAreRead() throws {
        let written: [String: Document.Value] = [
            "a": .text("\"é\"\n"), "b": .list([.number(1.5), .flag(true), .list([])]),
            "c": .object(["d": .object([:])]),
        ]
        let text = ValuesText.text(of: written)
        XCTAssertEqual(
            text,
            """
            {
              "a": "\\"é\\"\\n",
              "b": [
                1.5,
                true,
                []
              ],
              "c": {
                "d": {}
              }
            }

            """)
        XCTAssertEqual(try values(text), written)
    }
}
