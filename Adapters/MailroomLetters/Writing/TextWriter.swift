/// Writes a letter as plain text, in lines of at most 72 characters where the words allow.
struct TextWriter {
    private static let width = 72
    private static let halfWay = 36
    private var output = ""

    static func write(_ letter: FilledLetter) -> String {
        var writer = TextWriter()
        var previous: Passage?
        for passage in letter.passages {
            if let previous, writer.isParted(passage, from: previous) { writer.output += "\n" }
            writer.write(passage)
            previous = passage
        }
        return writer.output
    }

    /// Whether an empty line stands between two passages: not within a list, nor between the lines of a part.
    private func isParted(_ passage: Passage, from previous: Passage) -> Bool {
        if passage.part != previous.part { return true }
        if case .item = passage.kind, case .item = previous.kind { return false }
        return passage.part == nil
    }

    private mutating func write(_ passage: Passage) {
        var text = Self.text(of: passage.runs)
        switch passage.kind {
        case .gap: output += "\n"
        case .rule: output += String(repeating: "-", count: Self.width) + "\n"
        case .heading(let level):
            if level == 1 { text = text.uppercased() }
            lines(of: text, in: passage.part)
            if passage.part == nil && level == 2 {
                output += String(repeating: "-", count: min(text.count, Self.width)) + "\n"
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
            for line in inner.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                let free = max(0, Self.width - line.count)
                output += String(repeating: " ", count: part == .right ? free : free / 2) + line + "\n"
            }
        default: wrap(text, first: "", rest: "")
        }
    }

    /// Adds a text in lines; only ordinary blanks part words, so a no-break space never ends a line.
    private mutating func wrap(_ text: String, first: String, rest: String) {
        var prefix = first
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            output += prefix
            var column = prefix.count
            var isFirst = true
            for word in line.split(separator: " ") {
                let length = word.count
                if !isFirst && column + 1 + length > Self.width {
                    output += "\n" + rest
                    column = rest.count
                    isFirst = true
                }
                if !isFirst {
                    output += " "
                    column += 1
                }
                output += word
                column += length
                isFirst = false
            }
            output += "\n"
            prefix = rest
        }
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
        return text.unicodeScalars.contains("\u{AD}") ? text.replacing("\u{AD}", with: "") : text
    }
}
