extension MarkupParser {
    /// The place where a table's delimiters begin, if this line has them for the header at the line above.
    func delimiters(at line: Int, below header: Int) -> Int? {
        let (start, indent) = indentation(at: line)
        guard start < end, indent < 4, part?.hasLinesOnly != true else { return nil }
        switch source[start] {
        case UInt8(ascii: "|"), UInt8(ascii: ":"): break
        // A hyphen and a blank begin an item.
        case UInt8(ascii: "-"):
            if start + 1 < end && (source[start + 1] == 0x20 || source[start + 1] == 0x09) { return nil }
        default: return nil
        }
        guard let columns = columns(at: start), columns.count == cellCount(at: header) else { return nil }
        return start
    }

    /// The alignments that a line of delimiters names; nil if it is none.
    private func columns(at start: Int) -> [LetterTable.Alignment]? {
        var columns: [LetterTable.Alignment] = []
        var position = start
        var hasPipe = false
        if source[position] == UInt8(ascii: "|") {
            hasPipe = true
            position = afterBlanks(position + 1)
        }
        while !isLineEnd(position) {
            let isLeft = source[position] == UInt8(ascii: ":")
            if isLeft { position += 1 }
            let first = position
            while position < end && source[position] == UInt8(ascii: "-") { position += 1 }
            guard position > first else { return nil }
            let isRight = position < end && source[position] == UInt8(ascii: ":")
            if isRight { position += 1 }
            columns.append(isRight ? (isLeft ? .center : .right) : .left)
            position = afterBlanks(position)
            if isLineEnd(position) { break }
            guard source[position] == UInt8(ascii: "|") else { return nil }
            hasPipe = true
            position = afterBlanks(position + 1)
        }
        return hasPipe && !columns.isEmpty ? columns : nil
    }

    /// How many cells a line has; none where no sign parts them.
    private func cellCount(at line: Int) -> Int {
        var position = afterBlanks(line)
        if position < end && source[position] == UInt8(ascii: "|") { position += 1 }
        var cells = 0
        var hasPipe = position > line && source[position - 1] == UInt8(ascii: "|")
        var isInValue = false
        var hasText = false
        while position < end && (isInValue || !isLineEnd(position)) {
            switch source[position] {
            case Self.opening:
                isInValue = true
                hasText = true
            case Self.closing: isInValue = false
            case UInt8(ascii: "|") where !isInValue:
                cells += 1
                hasText = false
                hasPipe = true
            case UInt8(ascii: "\\") where !isInValue:
                hasText = true
                if !isLineEnd(position + 1) { position += 1 }
            case 0x20, 0x09: break
            default: hasText = true
            }
            position += 1
        }
        return hasPipe ? cells + (hasText ? 1 : 0) : 0
    }

    /// Reads a table from its header on, and gives the line after it.
    mutating func readTable(_ header: Int, _ delimiters: Int) -> Int {
        let columns = columns(at: delimiters) ?? []
        if columns.count > Self.mostColumns { report(.manyColumns, at: delimiters) }
        var table = LetterTable(columns: Array(columns.prefix(Self.mostColumns)))
        let first = letter.runs.count
        _ = readRow(at: header, into: &table)
        var line = delimiters
        while !isLineEnd(line) { line += 1 }
        line = lineAfter(line)
        while line < end {
            let (start, indent) = indentation(at: line)
            if isLineEnd(start) { break }
            if source[start] == Self.opening, let next = lineAfterEmptyValues(at: start) {
                line = next
                continue
            }
            if indent < 4 && beginsBlock(at: start) { break }
            if cellsRead >= Self.mostCells {
                report(.largeTable, at: start)
                break
            }
            line = readRow(at: start, into: &table)
        }
        append(.table(letter.tables.count), runs: first..<letter.runs.count)
        letter.tables.append(table)
        return line
    }

    /// Whether a line below a table ends it.
    private func beginsBlock(at start: Int) -> Bool {
        switch source[start] {
        case UInt8(ascii: "#"): headingLevel(at: start) != nil
        case UInt8(ascii: ":"): isFence(at: start)
        case UInt8(ascii: "\\"): lineAfterNewPage(at: start) != nil
        case UInt8(ascii: "!"): imageLine(at: start) != nil
        case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "_"):
            lineAfterRule(at: start) != nil || itemMark(at: start) != nil
        default: itemMark(at: start) != nil
        }
    }

    private mutating func readRow(at line: Int, into table: inout LetterTable) -> Int {
        var position = afterBlanks(line)
        if position < end && source[position] == UInt8(ascii: "|") { position += 1 }
        var cells = 0
        while !isLineEnd(afterBlanks(position)) {
            let textStart = count
            let first = afterBlanks(position)
            position = readLine(from: first, inCell: true)
            trimBlanks(before: position - (endsWithBackslash ? 1 : 0), downTo: first)
            if endsWithBackslash { put(UInt8(ascii: "\\")) }
            let runs = finishRuns(from: textStart)
            if cells < table.columns.count {
                table.cells.append(runs)
            } else if cells == table.columns.count {
                report(.manyCells, at: first)
            }
            cells += 1
            if isLineEnd(position) { break }
            position += 1
        }
        cellsRead += table.columns.count
        while cells < table.columns.count {
            table.cells.append(letter.runs.count..<letter.runs.count)
            cells += 1
        }
        return lineAfter(afterBlanks(position))
    }
}
