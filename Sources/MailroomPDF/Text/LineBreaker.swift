/// Breaks a block into lines, each as full as its measure allows, by the fonts' own widths.
///
/// A line ends at blanks, after hyphens and dashes between letters, at soft hyphens and zero-width spaces;
/// a word wider than the measure is split. Blanks at the end of a line have no width.
struct LineBreaker {
    /// A place where the line may end, and where the next then begins.
    private struct Opportunity {
        var end = -1
        var next = 0
        /// The line's width up to `end`, and the width of everything up to `next`.
        var width = 0
        var consumed = 0
        var isHyphenated = false
    }

    private let measure: Int
    private var start = 0
    private var width = 0
    private var opportunity = Opportunity()

    private init(measure: Int) { self.measure = measure }

    static func breakLines(of block: inout Block) {
        let style = block.style
        var breaker = LineBreaker(measure: style.width * 1_000 / style.size)
        // Taken out of the block, so that adding to them does not copy them.
        var lines: [Block.Line] = []
        swap(&lines, &block.lines)
        // Bounds are checked once here, not at each of some thousand codes: spans end at `count`,
        // a face's measures are 256 and its index comes from FontFace.
        block.codes.withUnsafeBufferPointer { codes in
            FontFace.measures.withUnsafeBufferPointer { measures in
                guard let codes = codes.baseAddress, let measures = measures.baseAddress else { return }
                var position = 0
                for span in block.spans {
                    breaker.scan(
                        codes, from: &position, to: span.end, count: block.count,
                        measures: measures + span.face * 256, lines: &lines)
                }
            }
        }
        breaker.finish(at: block.count, lines: &lines)
        block.lines = lines
    }

    private mutating func scan(
        _ codes: UnsafePointer<UInt8>, from position: inout Int, to end: Int, count: Int,
        measures: UnsafePointer<UInt16>, lines: inout [Block.Line]
    ) {
        var index = position
        var width = self.width
        let measure = self.measure
        while index < end {
            let value = measures[Int(codes[index])]
            if value < FontFace.breakFlag {
                width += Int(value)
                if width > measure {
                    self.width = width
                    overflow(at: index, adding: Int(value), lines: &lines)
                    width = self.width
                }
                index += 1
                continue
            }
            self.width = width
            breakable(codes, at: &index, count: count, width: Int(value & ~FontFace.breakFlag), lines: &lines)
            width = self.width
        }
        self.width = width
        position = index
    }

    /// Takes a code that has a say in where lines end.
    private mutating func breakable(
        _ codes: UnsafePointer<UInt8>, at index: inout Int, count: Int, width added: Int, lines: inout [Block.Line]
    ) {
        switch codes[index] {
        case WinAnsi.space:
            // Of several blanks the line ends before the first.
            let follows = followsBlank(codes, at: index)
            let end = follows ? opportunity.end : index
            let lineWidth = follows ? opportunity.width : width
            width += added
            if end > start || lineWidth > 0 {
                opportunity = Opportunity(end: end, next: index + 1, width: lineWidth, consumed: width)
            }
        case WinAnsi.zeroWidthSpace:
            if followsBlank(codes, at: index) {
                opportunity.next = index + 1
            } else {
                opportunity = Opportunity(end: index, next: index + 1, width: width, consumed: width)
            }
        case WinAnsi.softHyphen:
            if followsBlank(codes, at: index) {
                opportunity.next = index + 1
            } else if width + added <= measure {
                opportunity = Opportunity(
                    end: index, next: index + 1, width: width + added, consumed: width, isHyphenated: true)
            }
        case WinAnsi.lineBreak:
            appendLine(end: index, width: width, isLast: true, codes: codes, lines: &lines)
            begin(at: index + 1, width: 0)
        default:
            width += added
            if width > measure { overflow(at: index, adding: added, lines: &lines) }
            let isInWord = index > start && Self.isLetter(codes[index - 1])
            if isInWord && index + 1 < count && Self.isLetter(codes[index + 1]) {
                opportunity = Opportunity(end: index + 1, next: index + 1, width: width, consumed: width)
            }
        }
        index += 1
    }

    /// Whether the line may already end before the blank that stands just before `index`.
    private func followsBlank(_ codes: UnsafePointer<UInt8>, at index: Int) -> Bool {
        guard opportunity.end >= 0 && opportunity.next == index && !opportunity.isHyphenated else { return false }
        let code = codes[index - 1]
        return code == WinAnsi.space || code == WinAnsi.zeroWidthSpace || code == WinAnsi.softHyphen
    }

    /// Ends the line before the code at `index`, whose width made it too wide.
    private mutating func overflow(at index: Int, adding added: Int, lines: inout [Block.Line]) {
        if opportunity.end >= 0 {
            lines.append(
                Block.Line(
                    start: start, end: opportunity.end, width: opportunity.width,
                    isHyphenated: opportunity.isHyphenated, isLast: false))
            begin(at: opportunity.next, width: width - opportunity.consumed)
            if width > measure { overflow(at: index, adding: added, lines: &lines) }
        } else if index > start {
            lines.append(
                Block.Line(start: start, end: index, width: width - added, isHyphenated: false, isLast: false))
            begin(at: index, width: added)
        }
    }

    private mutating func begin(at next: Int, width: Int) {
        start = next
        self.width = width
        opportunity.end = -1
        opportunity.next = next
    }

    private mutating func appendLine(
        end: Int, width: Int, isLast: Bool, codes: UnsafePointer<UInt8>, lines: inout [Block.Line]
    ) {
        // Blanks before a line break hang over, as those before any other line end do.
        let endsInBlank = followsBlank(codes, at: end)
        lines.append(
            Block.Line(
                start: start, end: endsInBlank ? opportunity.end : end,
                width: endsInBlank ? opportunity.width : width, isHyphenated: false,
                isLast: isLast))
    }

    private mutating func finish(at count: Int, lines: inout [Block.Line]) {
        let endsInBlank = opportunity.end >= 0 && opportunity.next == count && !opportunity.isHyphenated
        if endsInBlank {
            lines.append(
                Block.Line(
                    start: start, end: opportunity.end, width: opportunity.width, isHyphenated: false, isLast: true))
        } else if start < count || lines.isEmpty {
            lines.append(Block.Line(start: start, end: count, width: width, isHyphenated: false, isLast: true))
        } else {
            lines[lines.count - 1].isLast = true
        }
    }

    private static func isLetter(_ code: UInt8) -> Bool {
        switch code {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), 0xC0...0xFF: true
        case 0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F: true
        default: false
        }
    }
}
