/// What a page flow puts below what is there already.
enum FlowItem {
    case block(Block)
    case rule(Rule)
    case space(Int)
    case row(TableRow)

    /// A horizontal line.
    struct Rule {
        var x: Int
        var width: Int
        var thickness: Int
        var color: PDFColor
        var spaceBefore: Int
        var spaceAfter: Int
    }

    var spaceBefore: Int {
        switch self {
        case .block(let block): block.style.spaceBefore
        case .rule(let rule): rule.spaceBefore
        case .space: 0
        case .row(let row): row.spaceBefore
        }
    }

    var spaceAfter: Int {
        switch self {
        case .block(let block): block.style.spaceAfter
        case .rule(let rule): rule.spaceAfter
        case .space: 0
        case .row(let row): row.spaceAfter
        }
    }

    var height: Int {
        switch self {
        case .block(let block): block.height(lines: block.lines.count)
        case .rule(let rule): rule.thickness
        case .space(let height): height
        case .row(let row): row.height
        }
    }

    /// The height of the part that may not be divided and with which it begins.
    func firstHeight(on textHeight: Int) -> Int {
        switch self {
        case .block(let block): block.height(lines: block.firstLines(on: textHeight))
        case .row(let row): row.isTall(on: textHeight) ? row.firstLineHeight : row.height
        case .rule, .space: height
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
