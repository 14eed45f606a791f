/// Writes a letter as plain text, in lines of at most 72 characters where the words allow.
struct TextWriter {
    private static let width = 72
    private static let halfWay = 36
    private var output: [UInt8] = []

    static func write(_ letter: FilledLetter) -> String {
        var writer = TextWriter()
        var previous: Passage?
        for passage in letter.passages {
            if let previous, writer.isParted(passage, from: previous) { writer.output.append(0x0A) }
            writer.write(passage)
            previous = passage
        }
        return String(decoding: writer.output, as: UTF8.self)
    }

    /// Whether an empty line stands between two passages: not within a list, nor between the lines of a part.
    private func isParted(_ passage: Passage, from previous: Passage) -> Bool {
        if passage.part != previous.part { return true }
        if case .item(let one) = passage.kind, case .item(let other) = previous.kind {
            return (one == nil) != (other == nil)
        }
        return passage.part == nil
    }

    private mutating func write(_ passage: Passage) {
        var text = Self.text(of: passage.runs)
        switch passage.kind {
        case .gap: output.append(0x0A)
        case .rule: add(String(repeating: "-", count: Self.width) + "\n")
        case .heading(let level):
            if level == 1 { text = text.uppercased() }
            lines(of: text, in: passage.part)
            if passage.part == nil && level == 2 {
                add(String(repeating: "-", count: min(text.count, Self.width)) + "\n")
            }
        case .item(let number):
            let marker = number.map { "\($0). " } ?? "- "
            wrap(text, first: marker, rest: String(repeating: " ", count: marker.count))
        case .paragraph: lines(of: text, in: passage.part)
        }
    }

    private mutating func lines(of text: String, in part: Part?) {
        switch part {
        case .address, .signature:
            let indent = String(repeating: " ", count: Self.halfWay)
            wrap(text, first: indent, rest: indent)
        case .right, .center:
            var inner = TextWriter()
            inner.wrap(text, first: "", rest: "")
            for line in inner.output.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
                let free = max(0, Self.width - Self.columns(of: line))
                output += repeatElement(0x20, count: part == .right ? free : free / 2)
                output += line
                output.append(0x0A)
            }
        default: wrap(text, first: "", rest: "")
        }
    }

    /// Adds a text in lines; only ordinary blanks part words, so a no-break space never ends a line.
    private mutating func wrap(_ text: String, first: String, rest: String) {
        var prefix = first
        let bytes = Array(text.utf8)
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            add(prefix)
            var column = prefix.utf8.count
            var isFirst = true
            for word in line.split(separator: 0x20) {
                let length = Self.columns(of: word)
                if !isFirst && column + 1 + length > Self.width {
                    output.append(0x0A)
                    add(rest)
                    column = rest.utf8.count
                    isFirst = true
                }
                if !isFirst {
                    output.append(0x20)
                    column += 1
                }
                output += word
                column += length
                isFirst = false
            }
            output.append(0x0A)
            prefix = rest
        }
    }

    private mutating func add(_ text: String) { output += text.utf8 }

    /// How many columns UTF-8 takes: its scalars, but for combining accents (U+0300 to U+036F). Counting characters
    /// as readers see them costs more than all the rest of a letter.
    private static func columns(of bytes: ArraySlice<UInt8>) -> Int {
        var columns = 0
        var previous: UInt8 = 0
        for byte in bytes {
            if byte & 0xC0 != 0x80 { columns += 1 }
            if byte & 0xC0 == 0x80 && (previous == 0xCC || previous == 0xCD && byte < 0xB0) { columns -= 1 }
            previous = byte
        }
        return columns
    }

    /// The runs' text; a link's address follows in angle brackets where the text does not say it.
    private static func text(of runs: [Run]) -> String {
        var text = ""
        for (index, run) in runs.enumerated() {
            text += run.text
            guard let link = run.link, runs.dropFirst(index + 1).first?.link != link else { continue }
            let isSaid = link == run.text || link == "mailto:" + run.text || link == "tel:" + run.text
            if !isSaid { text += " <\(link)>" }
        }
        // A soft hyphen is for lines of real type; \r alone or with \n is one line break.
        if text.utf8.contains(13) {
            text = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "\n")
        }
        return text.utf8.contains(0xAD) ? text.replacing("\u{AD}", with: "") : text
    }
}
