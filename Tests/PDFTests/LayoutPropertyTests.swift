import Foundation
import MailroomPDF
import TestSupport
import XCTest

/// What holds of every document, shown by documents of random content.
final class LayoutPropertyTests: XCTestCase {
    /// A document of random content. Words are numbered; those of headings begin with `h`, those of a group end in `g`
    /// and its number.
    private struct Sample {
        var document = SmallPages.document(firstPageTop: 70)
        var count = 0
        var groups = 0
        var isInGroup = false
        var waiting = 0

        mutating func word(_ mark: String = "w") -> String {
            count += 1
            return isInGroup ? "\(mark)\(count)g\(groups)" : "\(mark)\(count)"
        }

        mutating func lines(_ number: Int, _ mark: String = "w") -> String {
            (0..<number).map { _ in word(mark) }.joined(separator: "\n")
        }

        mutating func addItem(by random: inout SeededGenerator) {
            let kind = Int.random(in: waiting < 3 ? 0..<10 : 2..<8, using: &random)
            // More headings, lines and empty stretches in a row might leave too little room on any page.
            waiting = [0, 1, 8, 9].contains(kind) ? waiting + 1 : 0
            switch kind {
            case 0, 1: document.addParagraph(word("h"), style: SmallPages.heading)
            case 2: addTable(by: &random)
            case 3:
                var together = SmallPages.line
                together.keepsTogether = true
                document.addParagraph(lines(Int.random(in: 1...6, using: &random)), style: together)
            case 4:
                groups += 1
                isInGroup = true
                document.beginGroup()
                for _ in 0..<Int.random(in: 1...2, using: &random) {
                    document.addParagraph(lines(Int.random(in: 1...3, using: &random)), style: SmallPages.line)
                }
                document.endGroup()
                isInGroup = false
            case 8:
                document.addRule(spaceBefore: 3, spaceAfter: 3)
            case 9: document.addSpace(Double.random(in: 0...15, using: &random))
            default:
                document.addParagraph(lines(Int.random(in: 1...14, using: &random)), style: SmallPages.line)
            }
        }

        mutating func addTable(by random: inout SeededGenerator) {
            var table = PDFTable(columns: [PDFTableColumn(), PDFTableColumn(.share(1), alignment: .right)])
            table.style = SmallPages.line
            table.padding = PDFMargins(top: 1, right: 2, bottom: 1, left: 2)
            table.rules = .grid
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                table.addRow(
                    lines(Int.random(in: 1...3, using: &random)), lines(Int.random(in: 0...13, using: &random)))
            }
            document.addTable(table)
        }
    }

    func testEveryWordStandsOnceWithinTheMarginsAndNoHeadingEndsAPage() throws {
        for seed in 0..<40 {
            var random = SeededGenerator(UInt64(seed))
            var sample = Sample()
            for _ in 0..<25 { sample.addItem(by: &random) }
            sample.document.addParagraph(sample.word(), style: SmallPages.line)
            let words = try SmallPages.words(of: sample.document.finish())
            XCTAssertEqual(words.count, sample.count, "seed \(seed)")
            XCTAssertEqual(Set(words.map(\.text)).count, sample.count, "seed \(seed)")
            for word in words {
                XCTAssertGreaterThan(word.top, (word.page == 1 ? 70 : 50) - 1.5, "seed \(seed), \(word.text)")
                XCTAssertLessThan(word.bottom, 151.5, "seed \(seed), \(word.text)")
            }
            check(words, seed: seed)
        }
    }

    private func check(_ words: [SmallPages.Word], seed: Int) {
        let pages = Dictionary(grouping: words, by: \.page)
        for (page, words) in pages where page < pages.count {
            let lowest = words.max { $0.bottom < $1.bottom }
            XCTAssertFalse(lowest?.text.hasPrefix("h") == true, "seed \(seed), page \(page): \(lowest?.text ?? "")")
        }
        let groups = Dictionary(grouping: words.filter { $0.text.contains("g") }) { $0.text.split(separator: "g").last }
        for (group, words) in groups {
            XCTAssertEqual(Set(words.map(\.page)).count, 1, "seed \(seed), group \(group ?? "")")
        }
    }
}
