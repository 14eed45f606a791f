import MailroomPDF
import TestSupport
import XCTest

final class TableTests: XCTestCase {
    /// A table whose rows of one line are 10 points high.
    private func table(_ columns: [PDFTableColumn], rows: Int = 0, header: Bool = false) -> PDFTable {
        var table = PDFTable(columns: columns)
        table.style = SmallPages.line
        table.padding = PDFMargins(top: 0, right: 2, bottom: 0, left: 2)
        if header { table.addHeader("HA", "HB") }
        for number in 0..<rows { table.addRow("a\(number + 1)", "b\(number + 1)") }
        return table
    }

    private let two = [PDFTableColumn(.share(1)), PDFTableColumn(.share(1), alignment: .right)]

    private func rows(_ numbers: ClosedRange<Int>) -> String { numbers.map { "a\($0) b\($0)" }.joined(separator: " ") }

    private func texts(_ letter: consuming PDFDocument) throws -> [String] {
        // In the order in which the table was written.
        try Programs.output(of: "pdftotext", ["-raw", "-enc", "UTF-8"], over: letter.finish(), after: ["-"])
            .split(separator: "\u{C}", omittingEmptySubsequences: false).dropLast()
            .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }

    func testTheHeaderStandsOnEveryPage() throws {
        var letter = SmallPages.document()
        letter.addTable(table(two, rows: 20, header: true))
        letter.addParagraph("after", style: SmallPages.line)
        XCTAssertEqual(
            try texts(letter),
            ["HA HB " + rows(1...9), "HA HB " + rows(10...18), "HA HB \(rows(19...20)) after"])
    }

    func testATableFillsAPageToItsLastPoint() throws {
        for (count, pages) in [(9, 1), (10, 2)] {
            var letter = SmallPages.document()
            letter.addTable(table(two, rows: count, header: true))
            XCTAssertEqual(try texts(letter).count, pages)
        }
    }

    func testARowIsNotDivided() throws {
        var letter = SmallPages.document()
        letter.addLines(7)
        var table = table(two, rows: 1, header: true)
        table.addRow("x1\nx2", "y")
        table.addRow("z", "")
        letter.addTable(table)
        XCTAssertEqual(
            try texts(letter), ["p1 p2 p3 p4 p5 p6 p7 HA HB a1 b1", "HA HB x1 x2 y z"])
    }

    func testTheHeaderIsNeverAloneAtThePagesFoot() throws {
        for count in [8, 9] {
            var letter = SmallPages.document()
            letter.addLines(count)
            letter.addParagraph("heading", style: SmallPages.heading)
            letter.addTable(table(two, rows: 2, header: true))
            XCTAssertEqual(try texts(letter)[1], "heading HA HB " + rows(1...2))
        }
        var letter = SmallPages.document()
        letter.addLines(9)
        letter.addTable(table(two, rows: 2, header: true))
        XCTAssertEqual(try texts(letter)[1], "HA HB " + rows(1...2))
    }

    func testARowHigherThanAPageGoesOnBetweenLines() throws {
        var letter = SmallPages.document()
        var table = table(two, rows: 1, header: true)
        table.addRow((1...25).map { "x\($0)" }.joined(separator: "\n"), "y1\ny2")
        table.addRow("z", "")
        letter.addTable(table)
        let lines = { (range: ClosedRange<Int>) in range.map { "x\($0)" }.joined(separator: " ") }
        XCTAssertEqual(
            try texts(letter),
            ["HA HB a1 b1 \(lines(1...8)) y1 y2", "HA HB \(lines(9...17))", "HA HB \(lines(18...25)) z"])
    }

    func testBelowAHeaderThatLeavesTooLittleRoomARowIsDivided() throws {
        var letter = SmallPages.document()
        letter.addLines(2)
        var table = table(two)
        table.addHeader((1...9).map { "h\($0)" }.joined(separator: "\n"), "HB")
        table.addRow("x1\nx2\nx3", "y1")
        table.addRow("z", "")
        letter.addTable(table)
        XCTAssertEqual(
            try texts(letter), ["p1 p2", "h1 h2 h3 h4 h5 h6 h7 h8 h9 HB x1 y1", "x2 x3 z"],
            "a header of more than half a page stands once")
    }

    func testAHeaderThatFillsAPageStandsOnceAndNothingIsLost() throws {
        for count in [10, 23] {
            var letter = SmallPages.document()
            var table = table(two)
            table.addHeader((1...count).map { "h\($0)" }.joined(separator: "\n"), "HB")
            table.addRow("x1\nx2\nx3", "y1")
            letter.addTable(table)
            letter.addParagraph("after", style: SmallPages.line)
            let words = try texts(letter).joined(separator: " ").split(separator: " ")
            XCTAssertEqual(words.count, count + 1 + 5)
            XCTAssertEqual(Set(words).count, words.count)
        }
    }

    func testALineMayFillThePageButNotMore() throws {
        for (leading, fits) in [(60.0, true), (100, true), (101, false)] {
            var letter = SmallPages.document()
            var table = table(two, rows: 2, header: true)
            table.style.leading = leading
            letter.addTable(table)
            if fits {
                XCTAssertEqual(try texts(letter), ["HA HB", "a1 b1", "a2 b2"])
            } else {
                XCTAssertThrowsError(try texts(letter))
            }
        }
        var letter = SmallPages.document()
        var table = table(two, rows: 2, header: true)
        table.padding.top = 91
        letter.addTable(table)
        XCTAssertThrowsError(try texts(letter))
    }

    func testATableMayBeKeptTogetherOrStandInAGroup() throws {
        for isGrouped in [true, false] {
            var letter = SmallPages.document()
            letter.addLines(5)
            if isGrouped { letter.beginGroup() }
            var table = table(two, rows: 6, header: true)
            table.style.keepsTogether = !isGrouped
            letter.addTable(table)
            if isGrouped { letter.endGroup() }
            XCTAssertEqual(try texts(letter)[1], "HA HB " + rows(1...6))
        }
    }

    func testATableStandsInAFrameOrIsAnError() throws {
        for (count, fits) in [(3, true), (4, false)] {
            for alignment in [PDFFrame.Alignment.top, .bottom] {
                var letter = SmallPages.document()
                letter.beginFrame(
                    PDFFrame(name: "block", x: 100, y: 10, width: 100, height: 40, alignment: alignment))
                letter.addTable(table(two, rows: count, header: true))
                letter.endFrame()
                if fits {
                    XCTAssertEqual(try texts(letter), ["HA HB " + rows(1...3)])
                } else {
                    XCTAssertThrowsError(try letter.finish()) { error in
                        XCTAssertEqual((error as? PDFError)?.code, .frameOverflow)
                    }
                }
            }
        }
    }

    func testColumnsAreAsWideAsTold() throws {
        var letter = SmallPages.document()
        letter.addTable(
            table(
                [
                    PDFTableColumn(.points(50)), PDFTableColumn(), PDFTableColumn(.share(1)),
                    PDFTableColumn(.share(3), alignment: .right),
                ]
            ).with(rows: [["a", "nnnn", "c", "d"], ["e", "n", "g", "h"]]))
        let words = try SmallPages.words(of: letter.finish())
        let word = { (text: String) in words.first { $0.text == text } }
        XCTAssertEqual(word("a")?.left ?? .nan, 22, accuracy: 0.01)
        XCTAssertEqual(word("nnnn")?.left ?? .nan, 72, accuracy: 0.01)
        // “nnnn” is 4 × 0.556 × 8 = 17.792 points wide, with its padding 21.792.
        XCTAssertEqual(word("c")?.left ?? .nan, 70 + 21.792 + 2, accuracy: 0.02)
        XCTAssertEqual(word("d")?.right ?? .nan, 278, accuracy: 0.02)
        XCTAssertEqual(word("h")?.right ?? .nan, 278, accuracy: 0.02)
    }

    func testFittedColumnsThatAreTooWideAreCutButNotTheirWords() throws {
        var letter = SmallPages.document()
        let long = String(repeating: "several words ", count: 20)
        letter.addTable(
            table([PDFTableColumn(), PDFTableColumn(), PDFTableColumn(.share(1))])
                .with(rows: [[long, "Donaudampfschifffahrt", long], ["x", "y", "z"]]))
        let words = try SmallPages.words(of: letter.finish())
        XCTAssert(words.contains { $0.text == "Donaudampfschifffahrt" })
        XCTAssertEqual(words.filter { $0.text == "several" }.count, 40)
        XCTAssertLessThan(words.map(\.right).max() ?? .nan, 280)
    }

    func testAlignsTheCellsOfAColumn() throws {
        var letter = SmallPages.document()
        letter.addTable(
            table([PDFTableColumn(.points(100), alignment: .centre), PDFTableColumn(.points(100), alignment: .right)])
                .with(rows: [["middle", "right"]]))
        let words = try SmallPages.words(of: letter.finish())
        XCTAssertEqual((words[0].left + words[0].right) / 2, 70, accuracy: 0.02)
        XCTAssertEqual(words[1].right, 218, accuracy: 0.02)
    }

    func testCellsHaveEmphasisAndLinks() throws {
        var table = table(two)
        table.rows = [[[PDFTextRun("bold", emphasis: .bold)], [PDFTextRun("link", link: "https://example.org")]]]
        var letter = SmallPages.document()
        letter.addTable(table)
        let pdf = try letter.finish()
        XCTAssert(try Programs.output(of: "pdffonts", over: pdf).contains("Helvetica-Bold"))
        XCTAssert(String(decoding: pdf, as: UTF8.self).contains("/URI(https://example.org)"))
    }

    func testReportsCharactersOfCells() {
        var letter = SmallPages.document()
        letter.addTable(table([PDFTableColumn()]).with(rows: [["ok"], ["日"]]))
        XCTAssertThrowsError(try letter.finish()) { error in
            XCTAssertEqual((error as? PDFError)?.unsupported.map(\.character), ["日"])
        }
    }

    func testRefusesTablesThatCannotBeSet() {
        for table in [
            table([PDFTableColumn()]).with(rows: [["a", "b"]]), table([]).with(rows: []),
            table([PDFTableColumn(.points(200)), PDFTableColumn(.points(61))]),
            table([PDFTableColumn(.points(259.5)), PDFTableColumn()]), table([PDFTableColumn(.points(4))]),
            table([PDFTableColumn(.share(0))]), table([PDFTableColumn(.share(.nan))]),
            table([PDFTableColumn(.points(.infinity))]),
            table([PDFTableColumn](repeating: PDFTableColumn(), count: 99)),
        ] {
            if table.columns.isEmpty { continue }
            var letter = SmallPages.document()
            letter.addTable(table)
            XCTAssertThrowsError(try letter.finish(), "\(table.columns)") { error in
                XCTAssertEqual((error as? PDFError)?.code, .invalidMeasure)
            }
        }
    }

    func testATableWithoutRowsIsItsHeaderOrNothing() throws {
        var letter = SmallPages.document()
        letter.addTable(table(two))
        letter.addTable(table(two, header: true))
        XCTAssertEqual(try texts(letter), ["HA HB"])
    }

    func testDrawsAGridAroundEveryCell() throws {
        var letter = SmallPages.document()
        var table = table([PDFTableColumn(.points(40)), PDFTableColumn(.points(60))], rows: 1)
        table.rules = .grid
        table.thickness = 1
        letter.addTable(table)
        let pdf = String(decoding: try letter.finish(), as: UTF8.self)
        for rectangle in [
            "19.5 139.5 1 11 re", "59.5 139.5 1 11 re", "119.5 139.5 1 11 re", "19.5 149.5 101 1 re",
            "19.5 139.5 101 1 re",
        ] {
            XCTAssert(pdf.contains(rectangle), rectangle)
        }
    }
}

extension PDFTable {
    fileprivate func with(rows: [[String]]) -> PDFTable {
        var table = self
        table.rows = rows.map { $0.map { [PDFTextRun($0)] } }
        return table
    }
}
