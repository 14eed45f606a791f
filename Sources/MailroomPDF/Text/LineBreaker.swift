/// Breaks a block into lines, each as full as its measure allows, by the fonts' own widths and kerning.
///
/// A line ends at blanks, after hyphens and dashes between letters, at soft hyphens and zero-width spaces;
/// a word wider than the measure is split. Blanks at the end of a line have no width.
struct LineBreaker {
    private let text: EncodedText
    private let codes: UnsafePointer<UInt16>
    /// The width of everything up to each code.
    private let ends: UnsafePointer<Int>
    private let measure: Int
    private var lines: [Block.Line]
    private var start = 0
    /// How wide everything is that is not part of the present line.
    private var base = 0
    /// How many codes the line before had: the next has about as many.
    private var guess = 80

    static func breakLines(of block: inout Block) {
        block.measure()
        // Taken out of the block, so that adding to them does not copy them.
        var lines: [Block.Line] = []
        swap(&lines, &block.lines)
        block.lines = block.text.codes.withUnsafeBufferPointer { codes in
            block.ends.withUnsafeBufferPointer { ends in
                guard let codes = codes.baseAddress, let ends = ends.baseAddress else { return lines }
                return block.events.withUnsafeBufferPointer { events in
                    var breaker = LineBreaker(
                        text: block.text, codes: codes, ends: ends,
                        measure: block.style.width * 1_000 / block.style.size, lines: lines)
                    lines = []
                    breaker.breakLines(events: UnsafeBufferPointer(rebasing: events[..<block.eventCount]))
                    return breaker.lines
                }
            }
        }
    }

    private init(
        text: EncodedText, codes: UnsafePointer<UInt16>, ends: UnsafePointer<Int>, measure: Int, lines: [Block.Line]
    ) {
        self.text = text
        self.codes = codes
        self.ends = ends
        self.measure = measure
        self.lines = lines
    }

    private mutating func breakLines(events: UnsafeBufferPointer<Block.Event>) {
        var event = 0
        repeat {
            var limit = text.count
            if text.hasLineBreaks {
                limit = start
                while limit < text.count && codes[limit] != WinAnsi.lineBreak { limit += 1 }
            }
            let end = self.end(before: limit, downTo: start)
            var isDone = false
            repeat {
                // What is first in a line is not kerned with what ended the line before.
                while event < events.count && events[event].position < start { event += 1 }
                let kern = event < events.count && events[event].position == start ? events[event].kern : 0
                base = ends[start] + kern
                if start == end || ends[end] - base <= measure {
                    append(end: end, width: start == end ? 0 : ends[end] - base, isLast: true)
                    isDone = true
                } else {
                    breakLine(before: end)
                }
            } while !isDone && start < end
            lines[lines.count - 1].isLast = true
            start = limit + 1
        } while start < text.count
    }

    private mutating func append(end: Int, width: Int, isHyphenated: Bool = false, isLast: Bool = false) {
        lines.append(
            Block.Line(start: start, end: end, width: width, isHyphenated: isHyphenated, isLast: isLast))
    }

    /// Ends a line somewhere before `end`, up to where the text is too wide.
    private mutating func breakLine(before end: Int) {
        let tooWide = self.tooWide(before: end)
        var index = tooWide
        while index > start {
            switch codes[index] {
            case WinAnsi.space, WinAnsi.zeroWidthSpace:
                return endLine(self.end(before: index, downTo: start), next: index + 1)
            case WinAnsi.softHyphen:
                let cells = face(at: index).cells
                let width = ends[index] - base + Int(cells[Int(WinAnsi.hyphen)] & 0xFFFF)
                let isSoft = cells[Int(WinAnsi.softHyphen)] & FontFace.unseen != 0
                if isSoft && width <= measure && !Self.isBlank(codes[index - 1]) {
                    append(end: index, width: width, isHyphenated: true)
                    return begin(at: index + 1)
                }
            case WinAnsi.hyphen, WinAnsi.enDash, WinAnsi.emDash:
                if index < tooWide && Self.isLetter(codes[index - 1]) && Self.isLetter(codes[index + 1]) {
                    return endLine(index + 1, next: index + 1)
                }
            default: break
            }
            index -= 1
        }
        let split = max(tooWide, start + 1)
        endLine(split, next: split)
    }

    private mutating func endLine(_ end: Int, next: Int) {
        append(end: end, width: end > start ? ends[end] - base : 0)
        begin(at: next)
    }

    /// Begins a line with the next code that is seen.
    private mutating func begin(at next: Int) {
        var next = next
        while next < text.count {
            let code = codes[next]
            let isSkipped =
                Self.isBlank(code)
                || (code == WinAnsi.softHyphen || code == WinAnsi.wordJoiner)
                    && face(at: next).cells[Int(code)] & FontFace.unseen != 0
            if !isSkipped { break }
            next += 1
        }
        guess = next - start
        start = next
    }

    /// The first code that makes the line too wide; there is one before `end`.
    private func tooWide(before end: Int) -> Int {
        let limit = base + measure
        var index = min(start + guess, end - 1)
        while index > start && ends[index] > limit { index -= 1 }
        while index < end - 1 && ends[index + 1] <= limit { index += 1 }
        return index
    }

    /// The place before which nothing is but blanks, back from `end`.
    private func end(before end: Int, downTo start: Int) -> Int {
        var end = end
        while end > start && Self.isBlank(codes[end - 1]) { end -= 1 }
        return end
    }

    private func face(at index: Int) -> FontFace {
        text.spans[text.span(at: index)].face
    }

    private static func isBlank(_ code: UInt16) -> Bool { code == WinAnsi.space || code == WinAnsi.zeroWidthSpace }

    /// Codes beyond WinAnsi's are taken for letters: nearly all are.
    private static func isLetter(_ code: UInt16) -> Bool {
        switch code {
        case 0x41...0x5A, 0x61...0x7A, 0xC0...: true
        case 0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F: true
        default: false
        }
    }
}
