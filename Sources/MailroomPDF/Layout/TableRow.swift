/// A row of a table whose cells are broken into lines. Lengths are thousandths of a point.
struct TableRow {
    /// What all rows of a table share.
    struct Look {
        /// The left edge of each column, and the right edge of the last.
        var edges: [Int] = []
        var above = 0
        var below = 0
        var rules = PDFTable.Rules.none
        var thickness = 0
        var color = PDFColor.black
    }

    /// The rows that stand again at the top of a page.
    final class Header: Sendable {
        let rows: [TableRow]
        let height: Int

        init(_ rows: [TableRow]) {
            self.rows = rows
            height = rows.reduce(0) { $0 + $1.height }
        }
    }

    /// Lines of each cell, from a first one on, and how high they are with the paddings.
    struct Part {
        var first: [Int]
        var end: [Int]
        var height: Int
    }

    var cells: [Block] = []
    var look = Look()
    /// Nil in a row that is itself of the header.
    var header: Header?
    /// Whether it follows the header's first appearance.
    var isFirst = false
    var isLastOfHeader = false
    var spaceBefore = 0
    var spaceAfter = 0

    /// The height of all of it, and of its first lines alone.
    private(set) var height = 0
    private(set) var firstLineHeight = 0

    /// Finds how high it is, once its cells have their lines.
    mutating func measure() {
        height = 0
        firstLineHeight = 0
        for cell in cells {
            height = max(height, cell.height(lines: cell.lines.count))
            firstLineHeight = max(firstLineHeight, cell.height(lines: 1))
        }
        height += look.above + look.below
        firstLineHeight += look.above + look.below
    }

    /// Whether it may be divided, because it is higher than a page has room for below the header.
    func isTall(on textHeight: Int) -> Bool { height + headerHeight(on: textHeight) > textHeight }

    /// The room that the header takes of a page on which the row stands.
    func headerHeight(on textHeight: Int) -> Int {
        guard let header else { return 0 }
        return isFirst || repeatsHeader(on: textHeight) ? header.height : 0
    }

    /// A header that takes more than half of a page, or leaves no room for a line, stands once only.
    func repeatsHeader(on textHeight: Int) -> Bool {
        guard let height = header?.height else { return false }
        return height <= textHeight / 2 && height + firstLineHeight <= textHeight
    }

    /// What comes after a part, as far as it fits; at least one line where it must get on.
    func part(after first: [Int], in room: Int, atLeastOneLine: Bool) -> Part {
        var part = Part(first: first, end: first, height: 0)
        for (index, cell) in cells.enumerated() {
            let left = cell.lines.count - first[index]
            var fitting = min(left, max(0, (room - look.above - look.below) / cell.style.leading))
            if fitting == 0 && left > 0 && atLeastOneLine { fitting = 1 }
            part.end[index] += fitting
            part.height = max(part.height, cell.height(lines: fitting))
        }
        part.height += look.above + look.below
        return part
    }
}
