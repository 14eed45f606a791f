extension MarkupParser {
    /// The first byte of a line that is no blank, and its column. Tabs stop at every fourth column.
    @inline(__always)
    func indentation(at line: Int) -> (start: Int, column: Int) {
        var position = line
        var column = 0
        while position < end {
            let byte = source[position]
            if byte == 0x20 {
                column += 1
            } else if byte == 0x09 {
                column += 4 - column % 4
            } else {
                break
            }
            position += 1
        }
        return (position, column)
    }

    func isLineEnd(_ position: Int) -> Bool {
        position >= end || source[position] == 0x0A || source[position] == 0x0D
    }

    /// The beginning of the line after a line's end; a return and a line feed are one end.
    func lineAfter(_ position: Int) -> Int {
        guard position < end else { return end }
        let isPair = source[position] == 0x0D && position + 1 < end && source[position + 1] == 0x0A
        return position + (isPair ? 2 : 1)
    }

    @inline(__always)
    func afterBlanks(_ position: Int) -> Int {
        var position = position
        while position < end && (source[position] == 0x20 || source[position] == 0x09) { position += 1 }
        return position
    }

    /// The line after this one if that has nothing but empty values and blanks from a position on, where the first of
    /// the values stands.
    func lineAfterEmptyValues(at start: Int) -> Int? {
        guard start < end, source[start] == Self.opening else { return nil }
        var position = start
        var isInside = false
        while position < end {
            switch source[position] {
            case Self.opening: isInside = true
            case Self.closing: isInside = false
            case 0x20, 0x09: break
            case 0x0A, 0x0D: if !isInside { return lineAfter(position) }
            default: return nil
            }
            position += 1
        }
        return end
    }

    /// The level of the heading that begins here.
    func headingLevel(at start: Int) -> Int? {
        var position = start
        while position < end && source[position] == UInt8(ascii: "#") { position += 1 }
        let level = position - start
        guard level <= 6 else { return nil }
        return isLineEnd(position) || source[position] == 0x20 || source[position] == 0x09 ? level : nil
    }

    func isFence(at start: Int) -> Bool {
        start + 2 < end && source[start] == UInt8(ascii: ":") && source[start + 1] == UInt8(ascii: ":")
            && source[start + 2] == UInt8(ascii: ":")
    }

    /// The line after a rule: three or more of the same sign, with or without blanks between.
    func lineAfterRule(at start: Int) -> Int? {
        let sign = source[start]
        var signs = 0
        var position = start
        while !isLineEnd(position) {
            let byte = source[position]
            if byte == sign {
                signs += 1
            } else if byte != 0x20 && byte != 0x09 {
                return nil
            }
            position += 1
        }
        return signs >= 3 ? lineAfter(position) : nil
    }

    func lineAfterNewPage(at start: Int) -> Int? {
        let word: StaticString = "\\newpage"
        let after = start + word.utf8CodeUnitCount
        guard after <= end else { return nil }
        for offset in 0..<word.utf8CodeUnitCount where source[start + offset] != word.utf8Start[offset] { return nil }
        let position = afterBlanks(after)
        return isLineEnd(position) ? lineAfter(position) : nil
    }

    /// The level of heading that this line makes of the text above it, and the line after.
    func underline(at start: Int) -> (level: Int, next: Int)? {
        let sign = source[start]
        var position = start
        while position < end && source[position] == sign { position += 1 }
        position = afterBlanks(position)
        return isLineEnd(position) ? (sign == UInt8(ascii: "=") ? 1 : 2, lineAfter(position)) : nil
    }
}
