import Mailroom
import XCTest

@testable import MailroomLetters

final class TextTests: XCTestCase {
    private func wrapped(
        _ text: String, width: Int = 10, marker: String? = nil, indent: Int = 0,
        alignment: LineWrapper.Alignment = .left
    ) -> String {
        var lines = LineWrapper(width: width)
        lines.wrap(Array(text.utf8)[...], marker: marker, indent: indent, alignment: alignment)
        return String(decoding: lines.output, as: UTF8.self)
    }

    func testBreaksLinesAtOrdinaryBlanksOnly() {
        for (text, expected) in [
            ("", "\n"), ("   ", "\n"), ("one two three", "one two\nthree\n"), ("a  b   c ", "a b c\n"), (" a", "a\n"),
            ("one two\u{A0}three", "one\ntwo\u{A0}three\n"), ("verylongword x", "verylongword\nx\n"),
            ("a\n\nb\n", "a\n\nb\n\n"), ("ééééé éééé x", "ééééé éééé\nx\n"),
            ("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301} eeee x", "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301} eeee\nx\n"),
        ] { XCTAssertEqual(wrapped(text), expected, text) }
    }

    func testLaterLinesOfAnItemStandBelowItsFirst() {
        XCTAssertEqual(wrapped("one two three\nfour", marker: "1. ", indent: 3), "1. one two\n   three\n   four\n")
    }

    func testSetsLinesToTheRightAndTheCentre() {
        XCTAssertEqual(wrapped("é one  two three\n", alignment: .right), " é one two\n     three\n          \n")
        XCTAssertEqual(wrapped("abcd\n€", alignment: .center), "   abcd\n    €\n")
    }

    func testCapitalsAreThoseOfStrings() {
        for value in UInt32(0)..<0x3000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a\(Character(scalar))z"
            var bytes = Array(text.utf8)
            Capitals.raise(&bytes)
            XCTAssertEqual(String(decoding: bytes, as: UTF8.self), text.uppercased(), "U+\(String(value, radix: 16))")
        }
    }

    func testASoftHyphenShowsInNoTextAndLettersThatShareItsByteStay() async throws {
        let written = try await text("co\u{AD}opération í {{v}}", ["v": "a\u{AD}b\rc"])
        XCTAssertEqual(written, "coopération í ab\nc\n")
    }

    func testFileNamesLoseControlsAndDotsAtTheirBeginning() {
        for (name, safe) in [
            ("a/b\\c:d*e?f\"g<h>i|j", "a-b-c-d-e-f-g-h-i-j"), ("a\u{0}b\u{7F}c\u{85}dÀ", "a-b-c-dÀ"),
            (" ..x. y", "x. y"),
            ("", "letter.pdf"), (". .", "letter.pdf"), (".\u{301}x", "\u{301}x"), ("Šárka.pdf", "Šárka.pdf"),
            ("a\u{202E}fdp.exe", "afdp.exe"), ("CON.pdf", "_CON.pdf"), ("com1", "_com1"), ("Contrat", "Contrat"),
            ("a. .", "a"), (String(repeating: "é", count: 300) + ".pdf", String(repeating: "é", count: 98) + ".pdf"),
            (String(repeating: "é", count: 300), String(repeating: "é", count: 100)),
        ] { XCTAssertEqual(FileName.safe(name), safe) }
    }
}
