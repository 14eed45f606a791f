/// Reads a letter's markup, a part of CommonMark, in which the values put in stand between two guards (bytes 2 and 3).
///
/// What stands between guards is copied as it is, so no value is ever read as markup; a line break in it is a line
/// break of the letter. A line that has nothing but empty values counts as no line at all.
///
/// The time taken is in proportion to the length, whatever the bytes. The letter's text is UTF-8 if the markup is.
struct MarkupParser {
    static let deepestList = 8
    static let mostColumns = 64
    /// Cells of all tables together: a row of one byte may have as many as there are columns.
    static let mostCells = 100_000
    static let mostFaults = 100
    /// Brackets open at once in a block; those beyond are text.
    static let mostBrackets = 1_000

    static let opening: UInt8 = 2
    static let closing: UInt8 = 3

    let source: UnsafeBufferPointer<UInt8>
    let end: Int
    /// The letter's text, which is never longer than the markup.
    let output: UnsafeMutableBufferPointer<UInt8>
    var count = 0
    /// Where the line read last begins in it.
    var lineCount = 0
    var letter = Letter()
    var faults: [MarkupFault] = []

    var part: LetterPart?
    var partStart = 0
    /// The first passage of the part being read.
    var partFirst = 0
    /// How many empty lines of a part are not written yet: those at its end do not count.
    var gaps = 0
    var lists: [OpenList] = []
    /// Whether the line before was empty.
    var followsBlank = false

    var marks: [InlineMark] = []
    /// The cells of all tables so far.
    var cellsRead = 0
    /// The brackets of the block being read that may still begin a link.
    var brackets: [Int] = []
    var openers: [Int] = []
    /// Whether the line read last ended with a backslash.
    var endsWithBackslash = false

    /// Reads markup.
    ///
    /// - Returns: the letter, and what is wrong with the markup: at most ``mostFaults``.
    static func parse(_ markup: [UInt8]) -> (letter: Letter, faults: [MarkupFault]) {
        var letter = Letter()
        var faults: [MarkupFault] = []
        let text = [UInt8](unsafeUninitializedCapacity: markup.count) { output, count in
            markup.withUnsafeBufferPointer { source in
                var parser = MarkupParser(source, output)
                parser.readBlocks()
                count = parser.count
                letter = parser.letter
                faults = parser.faults
            }
        }
        letter.text = text
        return (letter, faults)
    }

    private init(_ source: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>) {
        self.source = source
        self.output = output
        end = source.count
        // So many that an ordinary letter's need not be moved.
        letter.runs.reserveCapacity(min(source.count / 32 + 16, 1_024))
        letter.passages.reserveCapacity(min(source.count / 48 + 16, 1_024))
    }

    private mutating func readBlocks() {
        var position = 0
        while position < end { position = readBlock(at: position) }
        closeLists(to: 0)
        if part != nil { report(.unclosedPart, at: partStart) }
    }

    /// Reads the block that begins at a line, and gives the line after it.
    private mutating func readBlock(at line: Int) -> Int {
        let (start, indent) = indentation(at: line)
        if isLineEnd(start) {
            readBlank()
            return lineAfter(start)
        }
        if source[start] == Self.opening, let next = lineAfterEmptyValues(at: start) { return next }
        defer { followsBlank = false }
        let enclosing = enclosingLists(at: indent)
        if !isIndented(indent, in: enclosing) {
            if let next = readMarkedBlock(at: start) { return next }
            if let mark = itemMark(at: start) { return readItem(mark, at: start, column: indent, in: enclosing) }
        }
        return readParagraph(at: start, in: enclosing)
    }

    /// Reads a block that its first bytes make something else than text or an item of a list.
    private mutating func readMarkedBlock(at start: Int) -> Int? {
        switch source[start] {
        case UInt8(ascii: "#"):
            guard let level = headingLevel(at: start) else { return nil }
            return readHeading(level, at: start)
        case UInt8(ascii: ":"): return isFence(at: start) ? readFence(at: start) : nil
        case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "_"):
            guard let next = lineAfterRule(at: start) else { return nil }
            append(.rule)
            return next
        case UInt8(ascii: "\\"):
            guard let next = lineAfterNewPage(at: start) else { return nil }
            append(.pageBreak)
            return next
        case UInt8(ascii: "!"):
            guard let found = imageLine(at: start) else { return nil }
            if let fault = found.fault { report(fault, at: start) }
            append(.image(letter.images.count))
            letter.images.append(found.image)
            return found.next
        default: return nil
        }
    }

    /// Adds a block that stands in no list.
    mutating func append(_ kind: LetterPassage.Kind, runs: Range<Int> = 0..<0) {
        closeLists(to: 0)
        appendGaps()
        letter.passages.append(LetterPassage(kind: kind, part: part, runs: runs))
    }

    mutating func appendGaps() {
        for _ in 0..<gaps { letter.passages.append(LetterPassage(kind: .gap, part: part)) }
        gaps = 0
    }

    private mutating func readBlank() {
        followsBlank = true
        // An item that begins with an empty line ends with it.
        if let last = lists.indices.last, lists[last].isEmpty { lists[last].content = Int.max / 2 }
        if let part, letter.passages.last?.part == part, letter.passages.count > partFirst { gaps += 1 }
    }

    mutating func report(_ kind: MarkupFault.Kind, at offset: Int) {
        guard faults.count < Self.mostFaults else { return }
        let fault = MarkupFault(offset: offset, kind: kind)
        if faults.last != fault { faults.append(fault) }
    }
}
