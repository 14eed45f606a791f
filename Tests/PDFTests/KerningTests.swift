import TestSupport
import XCTest

@testable import MailroomPDF

final class KerningTests: XCTestCase {
    private func content(_ text: String, style: PDFParagraphStyle = .body) throws -> String {
        var letter = PDFDocument(PDFProperties(title: "t", created: PDFDate(secondsSince1970: 0)))
        letter.addParagraph(text, style: style)
        return String(decoding: try letter.finish(), as: UTF8.self)
    }

    private func style(_ family: PDFFontFamily, _ emphasis: PDFEmphasis = [], kerning: Bool = true) -> PDFParagraphStyle
    {
        PDFParagraphStyle(family: family, emphasis: emphasis, kerning: kerning)
    }

    func testMovesPairsAsTheMetricsSay() throws {
        for (family, emphasis, text, shown) in [
            (PDFFontFamily.helvetica, [], "AVA", "T*[(A)70(V)80(A)]TJ"),
            (.helvetica, .italic, "AVA", "[(A)70(V)80(A)]TJ"),
            (.helvetica, .bold, "To", "[(T)80(o)]TJ"), (.times, [], "AVA", "[(A)135(V)135(A)]TJ"),
            (.times, .bold, "AVA", "[(A)145(V)135(A)]TJ"), (.times, .italic, "Te", "[(T)92(e)]TJ"),
            (.times, [.bold, .italic], "Te", "[(T)92(e)]TJ"), (.courier, [], "AVA", "(AVA)'"),
            (.helvetica, [], "f\u{2019}", "[(f)-50("), (.helvetica, [], "Ta\u{AD}", "[(T)120(a)]TJ"),
        ] as [(PDFFontFamily, PDFEmphasis, String, String)] {
            let content = try content(text, style: style(family, emphasis))
            XCTAssert(content.contains(shown), "\(text): \(content.prefix(400))")
        }
    }

    func testLeavesPairsAloneWhereSwitchedOff() throws {
        XCTAssert(try content("AVA", style: style(.times, kerning: false)).contains("(AVA)'"))
    }

    func testKeepsFiguresInColumns() throws {
        for emphasis in [PDFEmphasis(), .bold, .italic, [.bold, .italic]] {
            XCTAssert(try content("1171", style: style(.times, emphasis)).contains("(1171)'"))
        }
    }

    func testKernsAcrossWhatIsNotSeen() throws {
        for unseen in ["\u{AD}", "\u{200B}", "\u{2060}"] {
            XCTAssert(try content("A\(unseen)V").contains("[(A)70(V)]TJ"), unseen)
        }
    }

    func testALineDoesNotBeginWithKerning() throws {
        // “period space” and “space T” are pairs too.
        var narrow = style(.times)
        narrow.rightIndent = PDFPageSize.a4.width - PDFMargins.letter.left - PDFMargins.letter.right - 40
        let pdf = try content("AAAA VVVV", style: narrow)
        XCTAssert(pdf.contains("(AAAA)'\nT*[(VVVV)") || pdf.contains("(AAAA)'\n(VVVV)'"), pdf)
    }

    func testLinesAreAsWideAsWhatIsShown() throws {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("AVTWYLPoaeur.,- ’fi\u{AD}\u{200B}").map(String.init)
        let face = PDFFontFamily.times.chain(for: [])[0]
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 1...120, using: &random)).map { _ in alphabet.randomElement(using: &random)!
            }
            var block = Block()
            block.style = BlockStyle(
                size: 10_000, leading: 10_000, width: Int.random(in: 20_000...90_000, using: &random))
            block.text.append(text.joined(), faces: [face])
            LineBreaker.breakLines(of: &block)
            for line in block.lines {
                let codes = block.text.codes[line.start..<line.end].filter { $0 > 31 && $0 != WinAnsi.softHyphen }
                var width = codes.reduce(0) { $0 + Int(face.cells[Int($1)] & 0xFFFF) }
                for (left, right) in zip(codes, codes.dropFirst()) {
                    width += StandardKerning.times.value(UInt8(left), UInt8(right))
                }
                if line.isHyphenated { width += 333 }
                XCTAssertEqual(line.width, width)
                XCTAssertLessThanOrEqual(line.width * 10, block.style.width)
            }
        }
    }

    func testJustifiedKernedLinesEndAtTheRightMargin() throws {
        var letter = PDFDocument(PDFProperties(title: "t", created: PDFDate(secondsSince1970: 0)))
        let text = String(repeating: "AVATAR Toulouse, Yvonne. “Wo” LT Pa. ", count: 30)
        letter.addParagraph(text, style: PDFParagraphStyle(family: .times, alignment: .justified))
        let pdf = try letter.finish()
        XCTAssertEqual(try Programs.words(of: pdf), text.dropLast().description)
        let boxes = try Programs.output(of: "pdftotext", ["-bbox"], over: pdf, after: ["-"])
        let ends = boxes.split(separator: "\n").filter { $0.contains("<word") }.compactMap { line in
            line.split(separator: "xMax=\"").last.flatMap { Double($0.prefix { $0 != "\"" }) }
        }
        let right = PDFPageSize.a4.width - PDFMargins.letter.right
        XCTAssertGreaterThanOrEqual(ends.filter { abs($0 - right) < 0.1 }.count, 8)
        XCTAssertLessThan(ends.max() ?? 0, right + 0.1)
    }

    func testShowsSymbolsAndDingbatsByTheirOwnCodes() throws {
        var letter = PDFDocument(PDFProperties(title: "t", created: PDFDate(secondsSince1970: 0)))
        letter.addParagraph("αβγ ≤ ∑ (ω)", style: style(.symbol))
        letter.addParagraph("✂ ✓ ➔ ①", style: style(.zapfDingbats))
        let words = try Programs.words(of: letter.finish())
        XCTAssertEqual(words.filter { $0 != " " }, "αβγ≤∑(ω)✂✓➔①", "blanks between single signs are a reader's guess")
    }
}
