extension MarkupParser {
    /// Reads a line that begins or ends a part.
    mutating func readFence(at start: Int) -> Int {
        var position = start
        while position < end && source[position] == UInt8(ascii: ":") { position += 1 }
        let first = afterBlanks(position)
        position = first
        var last = first
        while !isLineEnd(position) {
            if source[position] != 0x20 && source[position] != 0x09 { last = position + 1 }
            position += 1
        }
        closeLists(to: 0)
        gaps = 0
        if first == last {
            if part == nil { report(.unopenedPart, at: start) }
            part = nil
            return lineAfter(position)
        }
        if part != nil { report(.partInPart, at: start) }
        part = LetterPart(name: source[first..<last])
        if part == nil {
            let name = String(decoding: source[first..<last], as: UTF8.self)
            report(.unknownPart(String(name.prefix(40))), at: start)
            part = .small
        }
        partStart = start
        partFirst = letter.passages.count
        return lineAfter(position)
    }

    /// Reads a heading, with as many signs at its end as there may be.
    mutating func readHeading(_ level: Int, at start: Int) -> Int {
        if level > 3 { report(.deepHeading, at: start) }
        let textStart = count
        let first = afterBlanks(start + level)
        let position = readLine(from: first)
        if endsWithBackslash { put(UInt8(ascii: "\\")) }
        trimBlanks(before: position, downTo: first)
        // The signs at the end were copied as they are; an escaped one stays.
        var last = position
        while last > first && (source[last - 1] == 0x20 || source[last - 1] == 0x09) { last -= 1 }
        var signs = last
        while signs > first && source[signs - 1] == UInt8(ascii: "#") { signs -= 1 }
        if signs < last && (signs == first || source[signs - 1] == 0x20 || source[signs - 1] == 0x09) {
            count -= last - signs
            trimBlanks(before: signs, downTo: first)
        }
        let runs = finishRuns(from: textStart)
        closeLists(to: 0)
        if !runs.isEmpty { append(.heading(min(level, 3)), runs: runs) }
        return lineAfter(position)
    }

    /// Reads a paragraph up to the line that ends it; one without text leaves nothing.
    mutating func readParagraph(at start: Int, in enclosing: Int) -> Int {
        closeLists(to: enclosing)
        if enclosing > 0 && followsBlank { lists[enclosing - 1].isLoose = true }
        let text = readText(at: start, mayBeTable: true)
        if !text.runs.isEmpty {
            switch text.ending {
            case .underlined(let level): append(.heading(level), runs: text.runs)
            case .line, .table:
                if enclosing > 0 { appendToItem(text.runs) } else { append(.paragraph, runs: text.runs) }
            }
        }
        if case .table(let header, let delimiters) = text.ending { return readTable(header, delimiters) }
        return text.next
    }

    /// How a stretch of text ends.
    enum TextEnding {
        case line
        /// By a line that makes it a heading.
        case underlined(Int)
        /// By the header of a table, at these two lines.
        case table(header: Int, delimiters: Int)
    }

    /// Reads lines of text as long as they belong together.
    mutating func readText(
        at start: Int, mayBeTable: Bool, upTo limit: Int = .max
    ) -> (runs: Range<Int>, ending: TextEnding, next: Int) {
        let textStart = count
        let linkCount = letter.links.count
        let faultCount = faults.count
        var line = start
        while true {
            let position = readLine(from: line)
            let next = lineAfter(position)
            if mayBeTable, next < end, let delimiters = delimiters(at: next, below: line) {
                count = textStart
                marks.removeAll(keepingCapacity: true)
                brackets.removeAll(keepingCapacity: true)
                letter.links.removeLast(letter.links.count - linkCount)
                faults.removeLast(faults.count - faultCount)
                let ending = TextEnding.table(header: line, delimiters: delimiters)
                let count = letter.runs.count
                if line == start { return (count..<count, ending, next) }
                return (readText(at: start, mayBeTable: false, upTo: line).runs, ending, next)
            }
            let isBroken = endsWithBackslash
            let blanks = trimBlanks(before: position - (isBroken ? 1 : 0), downTo: line)
            switch next < end ? continuation(at: next) : .none {
            case .text(let text) where text < limit:
                put(part != nil || isBroken || blanks >= 2 ? 0x0A : 0x20)
                line = text
            case .underlined(let level, let next):
                if isBroken { put(UInt8(ascii: "\\")) }
                return (finishRuns(from: textStart), .underlined(level), next)
            default:
                if isBroken { put(UInt8(ascii: "\\")) }
                return (finishRuns(from: textStart), .line, next)
            }
        }
    }

    /// What a line is to the text before it.
    private enum Continuation {
        case none
        case text(Int)
        case underlined(Int, next: Int)
    }

    private func continuation(at line: Int) -> Continuation {
        var (start, indent) = indentation(at: line)
        while start < end, source[start] == Self.opening, let next = lineAfterEmptyValues(at: start) {
            (start, indent) = indentation(at: next)
        }
        if isLineEnd(start) { return .none }
        let enclosing = lists.isEmpty ? 0 : enclosingLists(at: indent)
        if isIndented(indent, in: enclosing) { return .text(start) }
        switch source[start] {
        case UInt8(ascii: "#"): if headingLevel(at: start) != nil { return .none }
        case UInt8(ascii: ":"): if isFence(at: start) { return .none }
        case UInt8(ascii: "\\"): if lineAfterNewPage(at: start) != nil { return .none }
        case UInt8(ascii: "!"): if imageLine(at: start) != nil { return .none }
        case UInt8(ascii: "="), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "_"):
            if source[start] == UInt8(ascii: "=") || source[start] == UInt8(ascii: "-"), lists.isEmpty, part == nil,
                let (level, next) = underline(at: start)
            {
                return .underlined(level, next: next)
            }
            if source[start] != UInt8(ascii: "="), lineAfterRule(at: start) != nil { return .none }
            if interrupts(at: start, in: enclosing) { return .none }
        case UInt8(ascii: "+"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            if interrupts(at: start, in: enclosing) { return .none }
        default: break
        }
        return .text(start)
    }

    /// Whether an item begins here, below text: an empty one does not, and of numbers only 1 does, unless the text is
    /// that of an item which the line does not belong to.
    private func interrupts(at start: Int, in enclosing: Int) -> Bool {
        guard let mark = itemMark(at: start) else { return false }
        return enclosing < lists.count || !isLineEnd(afterBlanks(mark.end)) && (mark.number ?? 1) == 1
    }
}
