/// What stands in the margins of every page, made when the number of pages is known.
struct RunningLines {
    /// One text of a line, at its place.
    private struct Part {
        let text: [UInt8]
        let faces: [FontFace]
        let style: BlockStyle
        /// The middle and the height of the margin.
        let middle: Int
        let room: Int
        let isOnFirstPage: Bool
    }

    /// The text that was set last.
    private(set) var block = Block(text: EncodedText(capacity: 256))
    /// Why a line cannot be set; what is too high is found when it is set.
    private(set) var fault: PDFError?
    /// The characters that no face has.
    private(set) var unsupported: [PDFUnsupportedCharacter] = []
    /// Whether every page but the first has the same.
    private(set) var isConstant = true
    private var parts: [Part] = []
    private var filled: [UInt8] = []

    init(header: PDFRunningLine?, footer: PDFRunningLine?, on sheet: Sheet) {
        if let header { add(header, margin: sheet.top..<max(sheet.top, sheet.height), on: sheet) }
        if let footer { add(footer, margin: 0..<max(0, sheet.bottom), on: sheet) }
    }

    /// How many texts there are.
    var count: Int { parts.count }

    /// Whether a page has any.
    func stands(on page: Int) -> Bool { parts.contains { page > 1 || $0.isOnFirstPage } }

    /// Sets a text into `block`, and gives where its upper edge is; nil if the page does not have it.
    mutating func set(_ index: Int, page: Int, of pages: Int) -> Int? {
        let part = parts[index]
        guard page > 1 || part.isOnFirstPage else { return nil }
        fill(part.text, page: page, pages: pages)
        let height = setBlock(faces: part.faces, style: part.style)
        if height > part.room {
            fault =
                fault
                ?? .invalidMeasure(
                    "A header or footer is higher than its margin; shorten it or make the margin larger.")
        }
        return part.middle + height / 2
    }

    private mutating func add(_ line: PDFRunningLine, margin: Range<Int>, on sheet: Sheet) {
        let size = thousandths(line.size)
        guard size > 0 else {
            fault = fault ?? .invalidMeasure("The type size of a header or footer is not above zero.")
            return
        }
        var style = BlockStyle(
            size: size, leading: size * 5 / 4, color: line.color, left: sheet.left, width: sheet.measure)
        let faces = line.family.chain(for: [])
        var side = sheet.measure
        var centre = sheet.measure
        if !line.left.isEmpty && !line.right.isEmpty { side = (sheet.measure - size) / 2 }
        if !line.centre.isEmpty && !(line.left.isEmpty && line.right.isEmpty) {
            // As wide as it is with large numbers, as long as the sides keep a fifth each.
            fill(Array(line.centre.utf8), page: 9_999, pages: 9_999)
            _ = setBlock(faces: faces, style: style)
            centre = min(block.naturalWidth, sheet.measure * 3 / 5)
            side = (sheet.measure - centre) / 2 - size
        }
        for (text, alignment, width) in [
            (line.left, PDFParagraphStyle.Alignment.left, side), (line.centre, .centre, centre),
            (line.right, .right, side),
        ] where !text.isEmpty {
            style.alignment = alignment
            style.width = max(1_000, width)
            let free = sheet.measure - style.width
            style.left = sheet.left + (alignment == .left ? 0 : alignment == .right ? free : free / 2)
            // Any of the digits may come.
            let shown = text.replacing("{pages}", with: "{page}").replacing("{page}", with: "0123456789")
            unsupported += PDFUnsupportedCharacter.all(in: shown, faces: faces)
            let part = Part(
                text: Array(text.utf8), faces: faces, style: style,
                middle: (margin.lowerBound + margin.upperBound) / 2, room: margin.count,
                isOnFirstPage: line.isOnFirstPage)
            if Self.hasNumbers(part.text) { isConstant = false }
            parts.append(part)
        }
    }

    /// Breaks what is filled in into the lines of `block`, and gives their height.
    private mutating func setBlock(faces: [FontFace], style: BlockStyle) -> Int {
        block.clear()
        block.style = style
        filled.withUnsafeBufferPointer { block.text.append($0, faces: faces) }
        LineBreaker.breakLines(of: &block)
        return block.height(lines: block.lines.count)
    }

    private static let opening = UInt8(ascii: "{")

    private static func hasNumbers(_ text: [UInt8]) -> Bool {
        text.indices.contains { number(at: $0, of: text, page: 0, pages: 0) != nil }
    }

    /// The number for which a place stands that begins here, and the place's length.
    private static func number(
        at position: Int, of text: [UInt8], page: Int, pages: Int
    ) -> (value: Int, length: Int)? {
        guard text[position] == opening else { return nil }
        let rest = text[position...]
        if rest.starts(with: "{page}".utf8) { return (page, 6) }
        if rest.starts(with: "{pages}".utf8) { return (pages, 7) }
        return nil
    }

    /// Puts numbers into their places.
    private mutating func fill(_ text: [UInt8], page: Int, pages: Int) {
        filled.removeAll(keepingCapacity: true)
        var position = 0
        while position < text.count {
            if let (value, length) = Self.number(at: position, of: text, page: page, pages: pages) {
                filled.append(decimal: value)
                position += length
            } else {
                filled.append(text[position])
                position += 1
            }
        }
    }
}

extension Block {
    /// How wide its widest line is, in thousandths of a point, rounded up.
    var naturalWidth: Int {
        let widest = lines.reduce(0) { max($0, $1.width) }
        return (widest * style.size + 999) / 1_000 + 1
    }
}
