import XCTest

@testable import MailroomPDF

final class LineBreakingTests: XCTestCase {
    /// The lines of a text set in Courier, whose characters are all 0.6 of the size wide, `columns` to a line.
    private func lines(_ text: String, columns: Int) -> [String] {
        var block = Block()
        block.style = BlockStyle(size: 10_000, leading: 10_000, width: columns * 6_000)
        block.text.append(text, faces: PDFFontFamily.courier.chain(for: []))
        LineBreaker.breakLines(of: &block)
        return block.lines.map { line in
            let shown = block.text.codes[line.start..<line.end].filter {
                $0 != WinAnsi.softHyphen && $0 != 3 && $0 != 4
            }
            let text = String(String.UnicodeScalarView(shown.map { UnicodeScalar($0)! }))
            XCTAssertEqual(line.width, (text.count + (line.isHyphenated ? 1 : 0)) * 600, text)
            return text + (line.isHyphenated ? "-" : "")
        }
    }

    func testEndsLinesAtBlanks() {
        XCTAssertEqual(lines("le petit cheval blanc", columns: 8), ["le petit", "cheval", "blanc"])
        XCTAssertEqual(lines("aaaa bbbb", columns: 9), ["aaaa bbbb"])
        XCTAssertEqual(lines("aaaa bbbb", columns: 8), ["aaaa", "bbbb"])
        XCTAssertEqual(lines("", columns: 8), [""])
    }

    func testBlanksAtTheEndOfALineHaveNoWidth() {
        XCTAssertEqual(lines("aaaa     bbbb", columns: 4), ["aaaa", "bbbb"])
        XCTAssertEqual(lines("aaaa   ", columns: 4), ["aaaa"])
        XCTAssertEqual(lines("aaaa  \nbb", columns: 4), ["aaaa", "bb"])
    }

    func testNeverBreaksAtANoBreakSpaceOrHyphen() {
        XCTAssertEqual(lines("aa bb\u{A0}cc", columns: 6), ["aa", "bb\u{A0}cc"])
        XCTAssertEqual(lines("aa bb\u{2011}cc", columns: 6), ["aa", "bb\u{2}cc"])
        XCTAssertEqual(lines("aa bb\u{2060}-\u{2060}cc", columns: 6), ["aa", "bb-cc"])
    }

    func testBreaksAfterAHyphenBetweenLettersOnly() {
        XCTAssertEqual(lines("Anne-Sophie", columns: 8), ["Anne-", "Sophie"])
        XCTAssertEqual(lines("il y a -5", columns: 8), ["il y a", "-5"])
        XCTAssertEqual(lines("en 2025-2026", columns: 8), ["en", "2025-202", "6"])
    }

    func testASoftHyphenShowsOnlyWhereTheLineEnds() {
        XCTAssertEqual(lines("béné\u{AD}vole", columns: 20), ["bénévole"])
        XCTAssertEqual(lines("béné\u{AD}vole", columns: 6), ["béné-", "vole"])
        XCTAssertEqual(lines("béné\u{AD}vole", columns: 4), ["béné", "vole"], "no room for the hyphen itself")
    }

    func testAZeroWidthSpaceBreaksUnseen() {
        XCTAssertEqual(lines("aaaa\u{200B}bbbb", columns: 6), ["aaaa", "bbbb"])
        XCTAssertEqual(lines("aa\u{200B}bb", columns: 6), ["aabb"])
    }

    func testSplitsAWordWiderThanTheLine() {
        XCTAssertEqual(lines("abcdefghij kl", columns: 4), ["abcd", "efgh", "ij", "kl"])
        XCTAssertEqual(lines("x abcdefghij", columns: 4), ["x", "abcd", "efgh", "ij"])
    }

    func testBreaksWhereTold() {
        XCTAssertEqual(lines("a\n\nb", columns: 4), ["a", "", "b"])
        XCTAssertEqual(lines("a\r\nb\u{2028}c", columns: 4), ["a", "b", "c"])
        XCTAssertEqual(lines("a\n", columns: 4), ["a"])
    }

    func testNoLineIsWiderThanTheMeasureAndNothingIsLost() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("abcdefgh  -éœ–\u{A0}\u{AD}\u{200B}\n’").map(String.init)
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...80, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            var block = Block()
            let width = Int.random(in: 20_000...90_000, using: &random)
            block.style = BlockStyle(size: 10_000, leading: 10_000, width: width)
            let cut = Int.random(in: 0...text.count, using: &random)
            block.text.append(text[..<cut].joined(), faces: PDFFontFamily.helvetica.chain(for: []))
            block.text.append(text[cut...].joined(), faces: PDFFontFamily.times.chain(for: .bold))
            LineBreaker.breakLines(of: &block)
            var position = 0
            for line in block.lines {
                XCTAssertLessThanOrEqual(line.width * 10, width, text.joined().debugDescription)
                let skipped = block.text.codes[position..<line.start]
                XCTAssert(skipped.allSatisfy { [0x20, 0x0A, 0xAD, 3].contains($0) }, "dropped \(Array(skipped))")
                position = line.end
            }
            XCTAssert(block.text.codes[position..<block.text.count].allSatisfy { [0x20, 0x0A, 0xAD, 3].contains($0) })
        }
    }
}
