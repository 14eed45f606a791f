/// What stands in the margins of every page, made when the number of pages is known.
struct RunningLines {
    /// One text of a line, at its place.
    private struct Part {
        let text: String
        let faces: [FontFace]
        let style: BlockStyle
        let middle: Int
        let isOnFirstPage: Bool
    }

    private var parts: [Part] = []
    private(set) var fault: PDFError?
    /// Whether every page but the first has the same.
    private(set) var isConstant = true

    init(header: PDFRunningLine?, footer: PDFRunningLine?, on sheet: Sheet) {
        if let header { add(header, named: "header", from: sheet.top, to: sheet.height, on: sheet) }
        if let footer { add(footer, named: "footer", from: 0, to: sheet.bottom, on: sheet) }
    }

    /// The characters that no face has.
    var unsupported: [PDFUnsupportedCharacter] {
        parts.flatMap { PDFUnsupportedCharacter.all(in: $0.text, faces: $0.faces) }
    }

    /// The texts of a page, and where the upper edge of each is.
    func blocks(page: Int, of pages: Int) -> [(block: Block, top: Int)] {
        parts.filter { page > 1 || $0.isOnFirstPage }.map { part in
            let block = Self.block(part.text, page: page, of: pages, faces: part.faces, style: part.style)
            return (block, part.middle + block.height(lines: block.lines.count) / 2)
        }
    }

    private mutating func add(_ line: PDFRunningLine, named name: String, from low: Int, to high: Int, on sheet: Sheet)
    {
        let size = thousandths(line.size)
        guard size > 0 else {
            fault = fault ?? .invalidMeasure("The type size of the \(name) is not above zero.")
            return
        }
        var style = BlockStyle(
            size: size, leading: size * 5 / 4, color: line.color, left: sheet.left, width: sheet.measure)
        let faces = line.family.chain(for: [])
        var widths = (side: sheet.measure, centre: sheet.measure)
        if !line.left.isEmpty || !line.right.isEmpty {
            if !line.left.isEmpty && !line.right.isEmpty { widths.side = (sheet.measure - size) / 2 }
            if !line.centre.isEmpty {
                // As wide as it is with the largest numbers, as long as the sides keep a fifth each.
                let longest = Self.block(line.centre, page: 9_999, of: 9_999, faces: faces, style: style)
                widths.centre = min(longest.naturalWidth, sheet.measure * 3 / 5)
                widths.side = (sheet.measure - widths.centre) / 2 - size
            }
        }
        for (text, alignment, width) in [
            (line.left, PDFParagraphStyle.Alignment.left, widths.side), (line.centre, .centre, widths.centre),
            (line.right, .right, widths.side),
        ] where !text.isEmpty {
            style.alignment = alignment
            style.width = max(1_000, width)
            let free = sheet.measure - style.width
            style.left = sheet.left + (alignment == .left ? 0 : alignment == .right ? free : free / 2)
            parts.append(
                Part(
                    text: text, faces: faces, style: style, middle: (low + high) / 2, isOnFirstPage: line.isOnFirstPage)
            )
            let block = Self.block(text, page: 9_999, of: 9_999, faces: faces, style: style)
            if block.height(lines: block.lines.count) > high - low {
                fault =
                    fault
                    ?? .invalidMeasure("The \(name) is higher than its margin; make it shorter or the margin larger.")
            }
            if text.contains("{page") { isConstant = false }
        }
    }

    private static func block(
        _ text: String, page: Int, of pages: Int, faces: [FontFace], style: BlockStyle
    ) -> Block {
        var block = Block()
        block.style = style
        block.text.append(Self.text(text, page: page, pages: pages), faces: faces)
        LineBreaker.breakLines(of: &block)
        return block
    }

    private static func text(_ text: String, page: Int, pages: Int) -> String {
        var result = ""
        var rest = text[...]
        while let brace = rest.firstIndex(of: "{") {
            result += rest[..<brace]
            rest = rest[brace...]
            if rest.hasPrefix("{page}") {
                result += String(page)
                rest = rest.dropFirst(6)
            } else if rest.hasPrefix("{pages}") {
                result += String(pages)
                rest = rest.dropFirst(7)
            } else {
                result += "{"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }
}

extension Block {
    /// How wide its widest line is, in thousandths of a point, rounded up.
    var naturalWidth: Int { ((lines.map(\.width).max() ?? 0) * style.size + 999) / 1_000 + 1 }
}
