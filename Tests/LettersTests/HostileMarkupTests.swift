import TestSupport
import XCTest

@testable import MailroomLetters

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

final class HostileMarkupTests: XCTestCase {
    private static let pieces = [
        "*", "**", "_", "[", "]", "](", "(", ")", "<", ">", "!", "\\", "|", ":", ":::", "::: right", "-", "- ", "1. ",
        "#",
        "# ", " ", "    ", "\n", "\n\n", "\t", "\r", "\u{2}", "\u{3}", "\u{2}\u{3}", " \u{2}\u{3} ", "a", "é", "«",
        "https://a.b", "=", "|-|",
        "\n|-|-|\n",
        "\"", "{width=", "}", "@", "\\newpage",
    ]

    /// The parts of a letter fit together, whatever it was made of.
    private func check(_ bytes: [UInt8], file: StaticString = #filePath, line: UInt = #line) {
        let (letter, faults) = MarkupParser.parse(bytes)
        var runs = 0
        var text = 0
        for passage in letter.passages {
            if case .item(let item) = passage.kind, !(1...MarkupParser.deepestList).contains(item.depth) {
                XCTFail("\(item) of \(bytes)", file: file, line: line)
            }
            if passage.runs.isEmpty { continue }
            if passage.runs.lowerBound < runs { XCTFail("\(passage) of \(bytes)", file: file, line: line) }
            runs = passage.runs.upperBound
        }
        XCTAssertLessThanOrEqual(runs, letter.runs.count, "\(bytes)", file: file, line: line)
        for run in letter.runs {
            if run.text.isEmpty || run.text.lowerBound < text || run.link >= letter.links.count {
                XCTFail("\(run) of \(bytes)", file: file, line: line)
            }
            text = run.text.upperBound
        }
        XCTAssertLessThanOrEqual(text, letter.text.count, "\(bytes)", file: file, line: line)
        XCTAssert(!letter.text.contains { $0 == 2 || $0 == 3 }, "\(bytes)", file: file, line: line)
        for link in letter.links.prefix(1_000) {
            XCTAssert(AddressScheme.isAllowed(Array(link.utf8)), link, file: file, line: line)
        }
        XCTAssertLessThanOrEqual(faults.count, MarkupParser.mostFaults)
    }

    func testMakesALetterOfAnyBytes() {
        var random = SeededGenerator(1)
        for _ in 0..<3_000 {
            check((0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    func testMakesALetterOfAnyMarkupAndWritesIt() {
        var random = SeededGenerator(2)
        let look = HTMLLook(language: nil, color: [0, 0, 0], fonts: "serif")
        for _ in 0..<400 {
            let count = Int.random(in: 0...40, using: &random)
            let markup = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
            check(Array(markup.utf8))
            let letter = MarkupParser.parse(Array(markup.utf8)).letter
            let html = HTMLLetterWriter.write(letter, title: "", look: look)
            var open: [Substring] = []
            for tag in html.split(separator: "<").dropFirst() {
                let name = tag.prefix { $0.isLetter || $0 == "/" }
                if name.hasPrefix("/") {
                    XCTAssertEqual(open.popLast(), name.dropFirst(), markup)
                } else if !["", "meta", "br", "hr", "img"].contains(name) {
                    open.append(name)
                }
            }
            XCTAssertEqual(open, [], markup)
            XCTAssert(TextLetterWriter.write(letter).utf8.allSatisfy { $0 != 2 && $0 != 3 }, markup)
        }
    }

    func testEndsWithEveryPrefixOfALetter() {
        let whole = Array(
            """
            ::: address
            **\u{2}Émile\u{3}**
            :::
            # A
            - b [c](https://d.e/\u{2}f\u{3} "g") <h@i.j>
              1. k\\

            |l|m|
            |-|:-:|
            |\u{2}n\u{3}|o|

            ![p](q.png){width=3cm}
            """.utf8)
        for length in 0...whole.count { check(Array(whole.prefix(length))) }
    }

    func testTakesTimeInProportionToTheLength() {
        // Were any of these quadratic, it would take a hundred times as long.
        let units = [
            "*", "_", "[", "]", "<", "\\", "|", "*a", "a*", "*a_ ", "a**b", "**a *", "[a](", "[a](b ", "[](<", "](",
            "![", "![a](\n",
            "<a:", "- ", "-\n", "* * a", "- a\n\n", "a|b\n-|-\n", "a\n-|\n", "\u{2}", "\u{2}\u{3}\n", "a\n\u{2}\u{3}\n",
            ":::\n", "::: x\n",
            "a\n=\n", "- - - - - - - - - a\n", "_«*",
        ]
        for unit in units {
            var markup: [UInt8] = []
            while markup.count < 50_000 { markup += unit.utf8 }
            let start = Self.processorSeconds
            _ = MarkupParser.parse(markup)
            XCTAssertLessThan(Self.processorSeconds - start, 3, unit.debugDescription)
            check(Array(markup.prefix(2_000)))
        }
        XCTAssertEqual(
            MarkupParser.parse([UInt8](repeating: 0x2A, count: 1_000_000)).letter.passages.map(\.kind), [.rule])
    }

    /// The time this thread has had of a processor.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
