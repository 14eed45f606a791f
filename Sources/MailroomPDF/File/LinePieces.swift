/// The pieces of a block's lines, each of one span, from a line on.
struct LinePieces {
    /// Codes of one face and one link within a line.
    struct Piece {
        var span: Int
        var start: Int
        var end: Int
        /// The events within it, by their places among the block's.
        var events: Range<Int>
        /// Whether a hyphen is shown behind its codes.
        var isHyphenated: Bool
    }

    private var span = 0
    private var event = 0
    private var position = 0
    private var isHyphenDue = false

    /// Begins where a line does. What is before is not walked through: a paragraph may go on over many pages.
    init(of block: Block, from line: Int) {
        guard line > 0, line < block.lines.count else { return }
        position = block.lines[line].start
        span = block.text.span(at: position)
        event = block.events[..<block.eventCount].place(of: position - 1) { $0.position }
    }

    mutating func begin(_ line: Block.Line) {
        position = line.start
        isHyphenDue = line.isHyphenated
    }

    /// The next piece of a line; nil at its end.
    mutating func next(in block: Block, line: Block.Line) -> Piece? {
        guard position < line.end else { return isHyphenDue ? hyphen(in: block) : nil }
        while block.text.spans[span].end <= position { span += 1 }
        let start = position
        position = min(block.text.spans[span].end, line.end)
        while event < block.eventCount && block.events[event].position < start { event += 1 }
        let first = event
        while event < block.eventCount && block.events[event].position < position { event += 1 }
        var piece = Piece(span: span, start: start, end: position, events: first..<event, isHyphenated: false)
        if isHyphenDue && position == line.end { addHyphen(to: &piece, in: block) }
        return piece
    }

    /// Shows the hyphen of a line that ends in a soft one with the last piece, where both are of one face.
    @inline(never)
    private mutating func addHyphen(to piece: inout Piece, in block: Block) {
        let spans = block.text.spans
        piece.isHyphenated = spans[piece.span].face === spans[block.text.span(at: position)].face
        if piece.isHyphenated { isHyphenDue = false }
    }

    /// The hyphen of a line whose last letter is of another face.
    @inline(never)
    private mutating func hyphen(in block: Block) -> Piece {
        isHyphenDue = false
        return Piece(
            span: block.text.span(at: position), start: position, end: position, events: event..<event,
            isHyphenated: true)
    }
}

extension Block {
    /// How many blanks a line has.
    func blanks(in line: Line) -> Int { blanks(from: line.start, to: line.end) }

    func blanks(from start: Int, to end: Int) -> Int {
        text.codes.withUnsafeBufferPointer { codes in
            var blanks = 0
            for code in UnsafeBufferPointer(rebasing: codes[start..<end]) { blanks &+= code == WinAnsi.space ? 1 : 0 }
            return blanks
        }
    }

    /// The width of a piece without what justification adds, in thousandths of the type size.
    func width(of piece: LinePieces.Piece, line: Line) -> Int {
        let cells = text.spans[piece.span].face.cells
        var width = text.codes[piece.start..<piece.end].reduce(0) { $0 + Int(cells[Int($1)] & 0xFFFF) }
        for event in events[piece.events] where event.position > line.start { width += event.kern }
        if piece.isHyphenated { width += Int(cells[Int(WinAnsi.hyphen)] & 0xFFFF) }
        return width
    }
}
