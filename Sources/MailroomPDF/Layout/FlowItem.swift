/// What a page flow puts below what is there already.
enum FlowItem {
    case block(Block)
    case rule(Rule)
    case space(Int)
    case row(TableRow)
    case picture(Picture)

    /// A horizontal line.
    struct Rule {
        var x: Int
        var width: Int
        var thickness: Int
        var color: PDFColor
        var spaceBefore: Int
        var spaceAfter: Int
    }

    /// An image in the column that begins at `left` and is `measure` wide.
    struct Picture {
        var image: PDFImage
        var width: Int
        var height: Int
        var alignment: PDFParagraphStyle.Alignment
        var left: Int
        var measure: Int
        var link: String?
        var spaceBefore: Int
        var spaceAfter: Int

        /// Makes it smaller, in proportion, where it is larger than a room.
        mutating func fit(width: Int, height: Int) {
            if self.width > width { (self.width, self.height) = (width, max(1, self.height * width / self.width)) }
            if self.height > height { (self.width, self.height) = (max(1, self.width * height / self.height), height) }
        }
    }

    /// The same, its text in no more memory than it needs.
    var settled: FlowItem {
        switch self {
        case .block(let block): return .block(block.settled)
        case .row(var row):
            for index in row.cells.indices { row.cells[index] = row.cells[index].settled }
            return .row(row)
        case .rule, .space, .picture: return self
        }
    }

    /// Whether it has nothing to read.
    var isEmpty: Bool {
        switch self {
        case .rule, .space: true
        case .block, .row, .picture: false
        }
    }

    var spaceBefore: Int {
        switch self {
        case .block(let block): block.style.spaceBefore
        case .rule(let rule): rule.spaceBefore
        case .space: 0
        case .row(let row): row.spaceBefore
        case .picture(let picture): picture.spaceBefore
        }
    }

    var spaceAfter: Int {
        switch self {
        case .block(let block): block.style.spaceAfter
        case .rule(let rule): rule.spaceAfter
        case .space: 0
        case .row(let row): row.spaceAfter
        case .picture(let picture): picture.spaceAfter
        }
    }

    var height: Int {
        switch self {
        case .block(let block): block.height(lines: block.lines.count)
        case .rule(let rule): rule.thickness
        case .space(let height): height
        case .row(let row): row.height
        case .picture(let picture): picture.height
        }
    }

    /// The height of the part that may not be divided and with which it begins.
    func firstHeight(on textHeight: Int) -> Int {
        switch self {
        case .block(let block): block.height(lines: block.firstLines(on: textHeight))
        case .row(let row): row.isTall(on: textHeight) ? row.firstLineHeight : row.height
        case .rule, .space, .picture: height
        }
    }
}

extension Block {
    /// How many lines must stand on the page on which it begins. Of three lines no two may, since the third would be
    /// alone on the next.
    func firstLines(on textHeight: Int) -> Int {
        let isTogether = style.keepsTogether && height(lines: lines.count) <= textHeight
        return isTogether || lines.count <= 3 ? lines.count : 2
    }
}
