import MailroomPDF
import TestSupport
import XCTest

final class LayoutFuzzTests: XCTestCase {
    private static let lengths: [Double] = [
        0, 1, 5, 10, 10, 30, 50, 50, 100, 200, -1, -50, 0.0004, 14_401, 99_999, 100_001, 1e300, .nan, .infinity,
        -.infinity,
    ]

    private var random = SeededGenerator(7)

    private func length() -> Double {
        Bool.random(using: &random)
            ? Double.random(in: 0...150, using: &random) : Self.lengths.randomElement(using: &random) ?? 0
    }

    /// A length that is likely to be of use.
    private func usual(_ length: Double) -> Double {
        Int.random(in: 0..<30, using: &random) == 0 ? self.length() : length
    }

    private func style() -> PDFParagraphStyle {
        var style = SmallPages.line
        style.size = usual(8)
        style.leading = usual(10)
        style.spaceBefore = usual(2)
        style.spaceAfter = usual(2)
        style.leftIndent = usual(3)
        style.rightIndent = usual(3)
        style.keepsWithNext = Bool.random(using: &random)
        style.keepsTogether = Bool.random(using: &random)
        style.alignment = [.left, .right, .centre, .justified].randomElement(using: &random) ?? .left
        return style
    }

    private func text() -> String { String(repeating: "word ", count: Int.random(in: 0...60, using: &random)) }

    private func table() -> PDFTable {
        var table = PDFTable(
            columns: (0..<Int.random(in: 0...4, using: &random)).map { _ in
                let width: PDFTableColumn.Width =
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: .points(usual(40))
                    case 1: .share(usual(1))
                    default: .fitted
                    }
                return PDFTableColumn(width)
            })
        table.style = style()
        table.padding = PDFMargins(top: usual(1), right: usual(1), bottom: usual(1), left: usual(1))
        table.thickness = usual(0.5)
        table.rules = [.none, .rows, .grid].randomElement(using: &random) ?? .none
        let cells = usual(1) == 1 ? table.columns.count : Int.random(in: 0...5, using: &random)
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            table.header.append((0..<cells).map { _ in [PDFTextRun(text())] })
        }
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            table.rows.append((0..<cells).map { _ in [PDFTextRun(text())] })
        }
        return table
    }

    private func add(to letter: inout PDFDocument) {
        switch Int.random(in: 0..<16, using: &random) {
        case 0: letter.addTable(table())
        case 1: letter.addRule(width: length(), thickness: usual(1), spaceBefore: usual(3), spaceAfter: usual(3))
        case 2: letter.addSpace(usual(20))
        case 3: letter.breakPage()
        case 4: letter.moveDown(to: length())
        case 5: letter.addMark(x: usual(10), y: usual(20), length: usual(5), thickness: usual(1))
        case 6: letter.beginGroup()
        case 7, 8: letter.endGroup()
        case 9:
            let alignment: PDFFrame.Alignment = [.top, .middle, .bottom].randomElement(using: &random) ?? .top
            letter.beginFrame(
                PDFFrame(
                    name: "f", x: usual(10), y: usual(10), width: usual(200), height: usual(150), alignment: alignment))
        case 10, 11: letter.endFrame()
        default: letter.addParagraph(text(), style: style(), marker: Bool.random(using: &random) ? "1." : nil)
        }
    }

    func testAnyCallsGiveAValidFileOrAnError() throws {
        var made = 0
        for round in 0..<400 {
            let footer = PDFRunningLine(left: "{page}", centre: "of {pages}", size: usual(8))
            var letter = PDFDocument(
                PDFProperties(
                    title: "t", created: PDFDate(secondsSince1970: 0),
                    page: PDFPageSize(width: usual(300), height: usual(200)),
                    margins: PDFMargins(top: usual(50), right: usual(20), bottom: usual(50), left: usual(20)),
                    firstPageTop: usual(60), firstPageBottom: usual(40),
                    header: Bool.random(using: &random) ? footer : nil,
                    footer: Bool.random(using: &random) ? footer : nil))
            for _ in 0..<Int.random(in: 0...25, using: &random) { add(to: &letter) }
            do throws(PDFError) {
                let pdf = try letter.finish()
                made += 1
                guard round % 10 == 0 else { continue }
                XCTAssertNoThrow(
                    XCTAssert(
                        try Programs.output(of: "qpdf", ["--check"], over: pdf)
                            .contains("No syntax or stream encoding errors")))
            } catch {
                XCTAssert([.invalidMeasure, .frameOverflow].contains(error.code), "\(error)")
            }
        }
        XCTAssertGreaterThan(made, 40)
    }
}
