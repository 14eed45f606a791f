/// Sets text in lines, in bytes of UTF-8. Only ordinary blanks part words, so a no-break space never ends a line.
struct LineWrapper {
    enum Alignment {
        case left
        case right
        case center
    }

    let width: Int
    var output: [UInt8] = []

    init(width: Int) { self.width = width }

    /// Adds a text in lines.
    ///
    /// - Parameters:
    ///   - marker: stands before the first line, in place of the indent.
    ///   - indent: how many blanks stand before each line.
    mutating func wrap(
        _ text: ArraySlice<UInt8>, marker: String? = nil, indent: Int = 0, alignment: Alignment = .left
    ) {
        text.withUnsafeBufferPointer { text in
            if let marker { output.append(contentsOf: marker.utf8) } else { blanks(indent) }
            var start = 0
            while true {
                // A text has as many lines as line feeds, and one more.
                let end = setLine(text, from: start, indent: indent, alignment: alignment)
                guard end < text.count else { return }
                start = end + 1
                blanks(indent)
            }
        }
    }

    /// Sets what stands up to a line feed, and gives the place of that.
    private mutating func setLine(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, indent: Int, alignment: Alignment
    ) -> Int {
        var position = start
        var column = indent
        var isFirst = true
        // Words parted by one blank each are copied at once: `copied` is where the words not yet copied begin.
        var copied = start
        var last = start
        while true {
            while position < text.count && text[position] == 0x20 { position += 1 }
            guard position < text.count && text[position] != 0x0A else { break }
            if isFirst, alignment == .left, let end = Self.fullLine(text, from: position, room: width - indent) {
                output.append(contentsOf: UnsafeBufferPointer(rebasing: text[position..<end]))
                output.append(0x0A)
                blanks(indent)
                (position, copied, last) = (end, end, end)
                continue
            }
            let word = position
            let length = Self.word(text, at: &position)
            if !isFirst && column + 1 + length > width {
                output.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied..<last]))
                endLine(column: column, alignment: alignment)
                blanks(indent)
                column = indent
                isFirst = true
            }
            if isFirst {
                copied = word
            } else {
                column += 1
                if word != last + 1 {
                    output.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied..<(last + 1)]))
                    copied = word
                }
            }
            column += length
            last = position
            isFirst = false
        }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied..<last]))
        endLine(column: column, alignment: alignment)
        return position
    }

    /// Where a line that begins with a word ends, where it is full and written as it stands, which nearly all are; nil
    /// where words must be looked at one by one: at a text's end, and about line feeds, double blanks and accents that
    /// combine.
    private static func fullLine(_ text: UnsafeBufferPointer<UInt8>, from start: Int, room: Int) -> Int? {
        guard (1...200).contains(room), start + room + 1 < text.count, let base = text.baseAddress else { return nil }
        let line = base + start
        var continuations: UInt8 = 0
        var special: UInt8 = 0
        // Without branches or checks, so that it is vectorized; the byte after the last is in the text too.
        for index in 0..<room {
            let byte = line[index]
            continuations &+= byte & 0xC0 == 0x80 ? 1 : 0
            special |= isSpecial(byte, before: line[index &+ 1])
        }
        var limit = start + room
        var missing = continuations
        while special == 0 {
            guard limit + 1 < text.count else { return nil }
            if text[limit] & 0xC0 != 0x80 {
                if missing == 0 { break }
                missing -= 1
            }
            special |= isSpecial(text[limit], before: text[limit + 1])
            limit += 1
        }
        if special != 0 || text[limit] == 0x0A { return nil }
        if text[limit] == 0x20 { return text[limit + 1] == 0x20 || text[limit + 1] == 0x0A ? nil : limit }
        while limit > start && text[limit] != 0x20 { limit -= 1 }
        return limit > start ? limit : nil
    }

    /// Not 0 for a line feed, a blank before a blank, and what combining accents begin with.
    @inline(__always)
    private static func isSpecial(_ byte: UInt8, before next: UInt8) -> UInt8 {
        // Both are blanks if no bit of either differs from one.
        (byte == 0x0A ? 1 : 0) | (byte & 0xFE == 0xCC ? 1 : 0) | ((byte ^ 0x20) | (next ^ 0x20) == 0 ? 1 : 0)
    }

    /// Moves past a word and gives its columns: its scalars, but for combining accents (U+0300 to U+036F).
    /// Counting characters as readers see them costs more than all the rest of a letter.
    @inline(__always)
    private static func word(_ text: UnsafeBufferPointer<UInt8>, at position: inout Int) -> Int {
        let start = position
        var without = 0
        while position < text.count {
            let byte = text[position]
            if byte == 0x20 || byte == 0x0A { break }
            if byte & 0xC0 == 0x80 {
                let lead = text[position - 1]
                without += lead == 0xCC || lead == 0xCD && byte < 0xB0 ? 2 : 1
            }
            position += 1
        }
        return position - start - without
    }

    /// How many columns a text takes in one line.
    static func columns(of text: ArraySlice<UInt8>) -> Int {
        var columns = 0
        var last: UInt8 = 0
        for byte in text {
            if byte & 0xC0 != 0x80 {
                columns += 1
            } else if last == 0xCC || last == 0xCD && byte < 0xB0 {
                columns -= 1
            }
            last = byte
        }
        return columns
    }

    /// Ends a line of so many columns, which is the end of the output.
    private mutating func endLine(column: Int, alignment: Alignment) {
        if alignment != .left {
            let free = max(0, width - column)
            let start = (output.lastIndex(of: 0x0A) ?? -1) + 1
            output.insert(
                contentsOf: repeatElement(0x20, count: alignment == .right ? free : free / 2), at: start)
        }
        output.append(0x0A)
    }

    private mutating func blanks(_ count: Int) {
        for _ in 0..<count { output.append(0x20) }
    }
}
