/// Breaks a block into lines, each as full as its measure allows, by the fonts' own widths and kerning.
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
    private let codes: UnsafePointer<UInt16>
    private let count: Int
    private let events: UnsafeMutablePointer<Block.Event>
    private var eventCount = 0
    private var start = 0
    private var width = 0
    private var opportunity = Opportunity()

    static func breakLines(of block: inout Block) {
        let count = block.text.count
        // One event a code at the most, and one more that is written but not counted.
        if block.events.count <= count {
            let missing = max(count + 1, block.text.codes.count) - block.events.count
            block.events.append(contentsOf: repeatElement(Block.Event(position: 0, kern: 0), count: missing))
        }
        // Taken out of the block, so that adding to them does not copy them.
        var lines: [Block.Line] = []
        swap(&lines, &block.lines)
        // Bounds are checked once here, not at each of some thousand codes: spans end at `count`.
        block.eventCount = block.text.codes.withUnsafeBufferPointer { codes in
            block.events.withUnsafeMutableBufferPointer { events in
                guard let codes = codes.baseAddress, let events = events.baseAddress else { return 0 }
                var breaker = LineBreaker(
                    measure: block.style.width * 1_000 / block.style.size, codes: codes, count: count, events: events)
                var position = 0
                for span in block.text.spans {
                    breaker.scan(span, from: &position, isKerned: block.style.isKerned, lines: &lines)
                }
                breaker.finish(at: count, lines: &lines)
                return breaker.eventCount
            }
        }
        block.lines = lines
    }

    private init(
        measure: Int, codes: UnsafePointer<UInt16>, count: Int, events: UnsafeMutablePointer<Block.Event>
    ) {
        self.measure = measure
        self.codes = codes
        self.count = count
        self.events = events
    }

    private mutating func scan(
        _ span: EncodedText.Span, from position: inout Int, isKerned: Bool, lines: inout [Block.Line]
    ) {
        let face = span.face
        face.cells.withUnsafeBufferPointer { cells in
            face.kerning.withUnsafeBufferPointer { kerning in
                guard let cells = cells.baseAddress, let kerning = kerning.baseAddress else { return }
                if span.isWide {
                    scanWide(
                        from: &position, to: span.end, face: face, cells: cells, kerning: kerning, isKerned: isKerned,
                        lines: &lines)
                } else {
                    // Without kerning every code's row is that of zeros.
                    scan(
                        from: &position, to: span.end, cells: cells, kerning: kerning, rows: isKerned ? .max : 0,
                        lines: &lines)
                }
            }
        }
    }

    /// Scans codes below 256.
    private mutating func scan(
        from position: inout Int, to end: Int, cells: UnsafePointer<FontFace.Cell>, kerning: UnsafePointer<Int16>,
        rows: Int, lines: inout [Block.Line]
    ) {
        let codes = self.codes
        let events = self.events
        let measure = self.measure
        var index = position
        var width = self.width
        var eventCount = self.eventCount
        var row = 0
        while index < end {
            let cell = cells[Int(codes[index] & 255)]
            let kern = Int(kerning[row &+ Int(cell >> 16 & 255)])
            let added = Int(cell & 0xFFFF)
            width = width &+ kern &+ added
            events[eventCount] = Block.Event(position: index, kern: kern)
            eventCount &+= (kern | Int(cell & FontFace.special)) != 0 ? 1 : 0
            if cell & FontFace.breakable == 0 && width <= measure {
                row = Int(cell >> 32) & rows
                index &+= 1
                continue
            }
            self.width = width
            self.eventCount = eventCount
            if cell & FontFace.breakable != 0 {
                let isShown = breakable(at: index, cells: cells, width: added, kern: kern, lines: &lines)
                if isShown { row = Int(cell >> 32) & rows }
            } else {
                overflow(at: index, adding: added, kern: kern, lines: &lines)
                row = Int(cell >> 32) & rows
            }
            width = self.width
            index &+= 1
        }
        self.width = width
        self.eventCount = eventCount
        position = index
    }

    /// Scans codes of which some are above 255, whose kerning the font itself must be asked for.
    private mutating func scanWide(
        from position: inout Int, to end: Int, face: FontFace, cells: UnsafePointer<FontFace.Cell>,
        kerning: UnsafePointer<Int16>, isKerned: Bool, lines: inout [Block.Line]
    ) {
        var last: UInt16 = 0
        for index in position..<end {
            let code = codes[index]
            let cell = cells[Int(code)]
            var kern = 0
            if isKerned && last > WinAnsi.lineBreak && code > WinAnsi.lineBreak {
                if last < 256 && code < 256 {
                    kern = Int(kerning[Int(cells[Int(last)] >> 32) + Int(cell >> 16 & 255)])
                } else if let font = face.embedded {
                    kern = font.kern(last, code)
                }
            }
            let added = Int(cell & 0xFFFF)
            width += kern + added
            events[eventCount] = Block.Event(position: index, kern: kern)
            if kern != 0 || cell & FontFace.special != 0 { eventCount += 1 }
            if cell & FontFace.breakable != 0 {
                if breakable(at: index, cells: cells, width: added, kern: kern, lines: &lines) { last = code }
            } else {
                if width > measure { overflow(at: index, adding: added, kern: kern, lines: &lines) }
                last = code
            }
        }
        position = end
    }

    /// Takes a code that has a say in where lines end; its width and kerning are added. False for one not shown.
    private mutating func breakable(
        at index: Int, cells: UnsafePointer<FontFace.Cell>, width added: Int, kern: Int, lines: inout [Block.Line]
    ) -> Bool {
        switch codes[index] {
        case WinAnsi.space:
            // Of several blanks the line ends before the first.
            let follows = followsBlank(at: index)
            let end = follows ? opportunity.end : index
            let lineWidth = follows ? opportunity.width : width - added - kern
            if end > start || lineWidth > 0 {
                opportunity = Opportunity(end: end, next: index + 1, width: lineWidth, consumed: width)
            }
            return true
        case WinAnsi.zeroWidthSpace:
            if followsBlank(at: index) {
                opportunity.next = index + 1
            } else {
                opportunity = Opportunity(end: index, next: index + 1, width: width, consumed: width)
            }
            return false
        case WinAnsi.softHyphen:
            let hyphen = Int(cells[Int(WinAnsi.hyphen)] & 0xFFFF)
            if followsBlank(at: index) {
                opportunity.next = index + 1
            } else if width + hyphen <= measure {
                opportunity = Opportunity(
                    end: index, next: index + 1, width: width + hyphen, consumed: width, isHyphenated: true)
            }
            return false
        case WinAnsi.lineBreak:
            appendLine(end: index, lines: &lines)
            begin(at: index + 1, width: 0)
            // What follows is not kerned with what was before.
            return true
        case WinAnsi.wordJoiner: return false
        default:
            if width > measure { overflow(at: index, adding: added, kern: kern, lines: &lines) }
            let isInWord = index > start && Self.isLetter(codes[index - 1])
            if isInWord && index + 1 < count && Self.isLetter(codes[index + 1]) {
                opportunity = Opportunity(end: index + 1, next: index + 1, width: width, consumed: width)
            }
            return true
        }
    }

    /// Whether the line may already end before the blank that stands just before `index`.
    private func followsBlank(at index: Int) -> Bool {
        guard opportunity.end >= 0 && opportunity.next == index && !opportunity.isHyphenated else { return false }
        let code = codes[index - 1]
        return code == WinAnsi.space || code == WinAnsi.zeroWidthSpace || code == WinAnsi.softHyphen
    }

    /// Ends the line before the code at `index`, whose width made it too wide.
    private mutating func overflow(at index: Int, adding added: Int, kern: Int, lines: inout [Block.Line]) {
        if opportunity.end >= 0 {
            lines.append(
                Block.Line(
                    start: start, end: opportunity.end, width: opportunity.width,
                    isHyphenated: opportunity.isHyphenated, isLast: false))
            // What is first in a line is not kerned with what ended the line before.
            let next = opportunity.next
            begin(at: next, width: width - opportunity.consumed - self.kern(before: next))
            if width > measure { overflow(at: index, adding: added, kern: index == next ? 0 : kern, lines: &lines) }
        } else if index > start {
            lines.append(
                Block.Line(start: start, end: index, width: width - added - kern, isHyphenated: false, isLast: false))
            begin(at: index, width: added)
        }
    }

    /// The kerning before a code that has been scanned.
    private func kern(before position: Int) -> Int {
        var index = eventCount - 1
        while index >= 0, events[index].position > position { index -= 1 }
        return index >= 0 && events[index].position == position ? events[index].kern : 0
    }

    private mutating func begin(at next: Int, width: Int) {
        start = next
        self.width = width
        opportunity.end = -1
        opportunity.next = next
    }

    private mutating func appendLine(end: Int, lines: inout [Block.Line]) {
        // Blanks before a line break hang over, as those before any other line end do.
        let endsInBlank = followsBlank(at: end)
        lines.append(
            Block.Line(
                start: start, end: endsInBlank ? opportunity.end : end,
                width: endsInBlank ? opportunity.width : width, isHyphenated: false, isLast: true))
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

    /// Codes beyond WinAnsi's are taken for letters: nearly all are.
    private static func isLetter(_ code: UInt16) -> Bool {
        switch code {
        case 0x41...0x5A, 0x61...0x7A, 0xC0...: true
        case 0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F: true
        default: false
        }
    }
}
