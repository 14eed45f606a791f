extension MarkupParser {
    /// Reads text up to the end of its line, or of a table's cell, and gives the place of that.
    mutating func readLine(from start: Int, inCell: Bool = false) -> Int {
        let source = source
        endsWithBackslash = false
        lineCount = count
        var position = start
        var copied = start
        var escaped = -1
        while true {
            position = PlainStretch.end(in: source, from: position, inCell: inCell)
            if copied < position { put(from: copied, to: position) }
            copied = position
            guard position < end else { return end }
            let byte = source[position]
            switch byte {
            case 0x0A, 0x0D, UInt8(ascii: "|"): return position
            case Self.opening:
                let isEmpty = position + 1 < end && source[position + 1] == Self.closing
                position = isEmpty ? passEmptyValue(at: position, from: start) : readValue(at: position + 1)
            case Self.closing: position += 1
            case UInt8(ascii: "\\"):
                if position + 1 < end && isLineEnd(position + 1) {
                    endsWithBackslash = true
                    return position + 1
                }
                position += 1
                if position < end && Self.isPunctuation(source[position]) {
                    copied = position
                    escaped = position
                    position += 1
                }
                continue
            case UInt8(ascii: "*"), UInt8(ascii: "_"): position = readSigns(at: position, from: start)
            case UInt8(ascii: "["):
                var mark = InlineMark(.bracket, sign: byte, start: count, length: 1)
                mark.isImage =
                    position > start && source[position - 1] == UInt8(ascii: "!") && escaped != position - 1
                if brackets.count < Self.mostBrackets {
                    brackets.append(marks.count)
                    marks.append(mark)
                }
                put(byte)
                position += 1
            case UInt8(ascii: "]"): position = readBracketEnd(at: position, inCell: inCell)
            default:
                if let next = readAutolink(at: position, inCell: inCell) {
                    position = next
                } else {
                    put(byte)
                    position += 1
                }
            }
            copied = position
        }
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        output[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func put(from start: Int, to end: Int) {
        guard let target = output.baseAddress, let base = source.baseAddress else { return }
        (target + count).update(from: base + start, count: end - start)
        count += end - start
    }

    /// Passes an empty value, of whose two blanks one is left out, and gives the place to go on at.
    private mutating func passEmptyValue(at position: Int, from start: Int) -> Int {
        let next = position + 2
        guard next < end, source[next] == 0x20 else { return next }
        if count == lineCount { return next + 1 }
        if isBetweenBlanks(position, from: start) { count -= 1 }
        return next
    }

    /// Whether an empty value has a blank on either side, in its line.
    private func isBetweenBlanks(_ position: Int, from start: Int) -> Bool {
        position > start && source[position - 1] == 0x20 && position + 2 < end && source[position + 2] == 0x20
    }

    /// Takes back the blanks that the markup has before a place, also before empty values there, and gives how many
    /// spaces they end with.
    @discardableResult
    mutating func trimBlanks(before position: Int, downTo start: Int) -> Int {
        var first = position
        while first > start && source[first - 1] == 0x20 { first -= 1 }
        let spaces = position - first
        var kept = 0
        while first > start {
            if source[first - 1] == 0x20 || source[first - 1] == 0x09 {
                first -= 1
            } else if first - 1 > start, source[first - 1] == Self.closing, source[first - 2] == Self.opening {
                first -= 2
                kept += isBetweenBlanks(first, from: start) ? 3 : 2
            } else {
                break
            }
        }
        count = max(lineCount, count - (position - first - kept))
        return spaces
    }

    /// Copies a value, and gives the place after its guard. Any line end in it is a line feed.
    private mutating func readValue(at start: Int) -> Int {
        var position = start
        var copied = start
        while position < end && source[position] != Self.closing {
            let byte = source[position]
            if byte == 0x0D || byte == Self.opening {
                if copied < position { put(from: copied, to: position) }
                copied = position + 1
                let isPair = copied < end && source[copied] == 0x0A
                if byte == 0x0D && !isPair { put(0x0A) }
            }
            position += 1
        }
        if copied < position { put(from: copied, to: position) }
        return min(position + 1, end)
    }

    /// Reads a run of `*` or `_`, which is text for now.
    private mutating func readSigns(at start: Int, from lineStart: Int) -> Int {
        let sign = source[start]
        var position = start
        while position < end && source[position] == sign {
            put(sign)
            position += 1
        }
        let before = start > lineStart ? CharacterSort(before: start, in: source) : .blank
        let after = position < end ? CharacterSort(at: position, in: source) : .blank
        let isLeft = after != .blank && (after != .punctuation || before != .other)
        let isRight = before != .blank && (before != .punctuation || after != .other)
        var mark = InlineMark(.emphasis, sign: sign, start: count - (position - start), length: position - start)
        if sign == UInt8(ascii: "*") {
            mark.canOpen = isLeft
            mark.canClose = isRight
        } else {
            mark.canOpen = isLeft && (!isRight || before == .punctuation)
            mark.canClose = isRight && (!isLeft || after == .punctuation)
        }
        // What can be neither is text, whatever follows.
        if mark.canOpen || mark.canClose { marks.append(mark) }
        return position
    }

    static func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }
}
