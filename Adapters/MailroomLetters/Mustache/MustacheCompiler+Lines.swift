/// Where a tag stands.
struct TagPlace {
    let start: Int
    let end: Int
    /// The first of the blanks before the tag where nothing else stands before it on its line.
    let lineStart: Int?
    /// The beginning of the next line where nothing but blanks stands after the tag.
    let afterLine: Int?

    var isAlone: Bool { lineStart != nil && afterLine != nil }
}

/// Counts lines along a source.
struct LineCounter {
    private var offset = 0
    private var line: Int

    init(line: Int) { self.line = line }

    /// The line of an offset no less than the last one asked for.
    mutating func count(to end: Int, of source: [UInt8]) -> Int {
        while offset < end {
            if source[offset] == 0x0A { line += 1 }
            offset += 1
        }
        return line
    }
}

extension MustacheCompiler {
    /// The offset of a text from another on.
    func find(_ wanted: [UInt8], from start: Int) -> Int? {
        guard let first = wanted.first else { return nil }
        let last = source.count - wanted.count
        return source.withUnsafeBufferPointer { bytes in
            var index = start
            search: while index <= last {
                guard bytes[index] == first else {
                    index += 1
                    continue
                }
                for offset in 1..<wanted.count where bytes[index + offset] != wanted[offset] {
                    index += 1
                    continue search
                }
                return index
            }
            return nil
        }
    }

    func lineStart(before start: Int) -> Int? {
        var index = start
        while index > position, isBlank(source[index - 1]) { index -= 1 }
        return index == 0 || source[index - 1] == 0x0A ? index : nil
    }

    func afterLine(from end: Int) -> Int? {
        var index = end
        while index < source.count, isBlank(source[index]) { index += 1 }
        if index == source.count { return index }
        if source[index] == 0x0A { return index + 1 }
        return source[index] == 0x0D && index + 1 < source.count && source[index + 1] == 0x0A ? index + 2 : nil
    }

    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    func trimmed(_ start: Int, _ end: Int) -> String {
        var start = start
        var end = max(start, end)
        while start < end, source[start] <= 0x20 { start += 1 }
        while end > start, source[end - 1] <= 0x20 { end -= 1 }
        return String(decoding: source[start..<end], as: UTF8.self)
    }

    /// Adds the text before an offset; directly within a parent there is none.
    mutating func addText(to end: Int) {
        guard position < end, enclosures.last?.kind != .parent else { return }
        let beginsLine = position == 0 || source[position - 1] == 0x0A
        let line = textLines.count(to: position, of: source)
        instructions.append(
            .text(start: Int32(position), end: Int32(end), line: Int32(line), beginsLine: beginsLine))
        position = end
    }

    /// Lets a line that begins with a tag be indented.
    mutating func beginLine(at place: TagPlace) {
        guard place.lineStart == place.start, enclosures.last?.kind != .parent else { return }
        instructions.append(
            .text(start: Int32(place.start), end: Int32(place.start), line: Int32(line), beginsLine: true))
    }

    /// Adds the text before a tag and goes on behind it, or behind its line if it is alone there.
    mutating func begin(_ place: TagPlace) {
        if let lineStart = place.lineStart, let afterLine = place.afterLine {
            addText(to: lineStart)
            position = afterLine
        } else {
            addText(to: place.start)
            beginLine(at: place)
            position = place.end
        }
    }

    /// The blanks at the beginning of the first line that is not blank, from the beginning of a line; nil where that
    /// line begins with a closing tag or there is none.
    func firstBlanks(from start: Int) -> Range<Int>? {
        var lineStart = start
        var index = start
        while index < source.count {
            let byte = source[index]
            if byte == 0x0A {
                lineStart = index + 1
            } else if !isBlank(byte) && byte != 0x0D {
                let isClosing = source[index...].starts(with: opening + [UInt8(ascii: "/")])
                return isClosing ? nil : lineStart..<index
            }
            index += 1
        }
        return nil
    }
}
