import TestSupport
import XCTest

@testable import MailroomLetters

final class TextLetterTests: XCTestCase {
    private func text(_ markup: String) -> String { TextLetterWriter.write(letter(markup)) }

    func testWritesBlocks() {
        XCTAssertEqual(
            text("# Été\n\n## Deux\npara\ngraphe\n\n### x\n---\n\\newpage\nun\\\ndeux co\u{AD}op"),
            """
            ÉTÉ

            Deux
            ----

            para graphe

            x

            \(String(repeating: "-", count: 72))

            un
            deux coop

            """)
    }

    func testIndentsNestedListsAndPartsLooseItems() {
        let words = String(repeating: "mot ", count: 18)
        XCTAssertEqual(
            text("- a\n- \(words)mot\n\n9. b\n10. c\n    - d\n\n    1) e\n\n       f\n\n    2) g"),
            """
            - a
            - \(String(repeating: "mot ", count: 16))mot
              mot mot

            9. b

            10. c

                - d

                1. e

                   f

                2. g

            """)
    }

    func testSaysALinksAddressUnlessTheTextDoes() {
        XCTAssertEqual(
            text("[a *b*](https://c.d) <https://é.e> <f@g.h> [1](tel:1)"),
            "a b <https://c.d> https://é.e f@g.h 1\n")
    }

    func testAlignsTheColumnsOfTables() {
        XCTAssertEqual(
            text("| Mois | Heures | x |\n|---|--:|:-:|\n| é | 12,5 | abc |\n| février | ‹8› | |"),
            """
            Mois     Heures   x
            -------  ------  ---
            é          12,5  abc
            février       8

            """)
        XCTAssertEqual(text("| | |\n|-|-|\n|a|b|"), "a  b\n")
    }

    func testWrapsLongCells() {
        let words = Array(repeating: "mot", count: 30).joined(separator: " ")
        let written = text("|a|b|\n|-|-|\n|\(words)|c|\n|d|\(words)|")
        let lines = written.split(separator: "\n", omittingEmptySubsequences: false)
        XCTAssert(lines.allSatisfy { $0.count <= 72 && !$0.hasSuffix(" ") }, written)
        XCTAssertEqual(written.ranges(of: "mot").count, 60)
        XCTAssertEqual(lines.filter(\.isEmpty).count, 2, written)
        let long = String(repeating: "x", count: 80)
        XCTAssertEqual(text("|a|b|\n|-|-|\n|\(long)|c|").split(separator: "\n").last, "\(long)  c")
    }

    func testDescribesImages() {
        XCTAssertEqual(text("![Le club](a.png)\n\n![](b.png)\n\nx"), "[Le club]\n\nx\n")
    }

    func testSetsPartsWhereTheFormatHasThem() {
        let indent = String(repeating: " ", count: 36)
        let right = String(repeating: " ", count: 71)
        XCTAssertEqual(
            text("::: sender\ns\n:::\n::: address\nA\n\nB\n:::\n::: date\nd\n:::\n::: reference\nr\n:::"),
            "s\n\n\(indent)A\n\n\(indent)B\n\n\(right)d\n\nr\n")
        let left = LetterPlacement(isAddressRight: false, isSignatureRight: false)
        XCTAssertEqual(
            TextLetterWriter.write(letter("::: address\nA\n:::\n::: signature\nB\n:::"), placement: left), "A\n\nB\n")
    }

    func testEveryLineHasAllTheWordsThatFit() {
        var random = SeededGenerator(7)
        let words = [
            "a", "été", "maison", "œuvre", "de\u{301}jà", "日本", "n°\u{A0}5", String(repeating: "w", count: 80),
        ]
        for _ in 0..<400 {
            let (width, indent) = ([72, 40, 12].randomElement(using: &random)!, Int.random(in: 0...3, using: &random))
            var text = ""
            var expected: [[String]] = [[]]
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let word = words.randomElement(using: &random)!
                let isBroken = Int.random(in: 0..<12, using: &random) == 0
                if !text.isEmpty {
                    text +=
                        isBroken ? "\n" : String(repeating: " ", count: Int.random(in: 1...9, using: &random) / 8 + 1)
                }
                let line = (expected[expected.count - 1] + [word]).joined(separator: " ")
                let fits = expected[expected.count - 1].isEmpty || indent + line.count <= width
                if text.isEmpty || (!isBroken && fits) {
                    expected[expected.count - 1].append(word)
                } else {
                    expected.append([word])
                }
                text += word
            }
            var wrapper = LineWrapper(width: width)
            wrapper.wrap(Array(text.utf8)[...], indent: indent)
            let lines = expected.map { String(repeating: " ", count: indent) + $0.joined(separator: " ") + "\n" }
            XCTAssertEqual(String(decoding: wrapper.output, as: UTF8.self), lines.joined(), text.debugDescription)
        }
    }
}
