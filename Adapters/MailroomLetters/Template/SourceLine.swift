/// A line of a template, without its end.
struct SourceLine {
    let number: Int
    let text: Substring

    /// The text without blanks at either end.
    var trimmed: Substring { text.trimmingBlanks }

    var isBlank: Bool { text.allSatisfy { $0 == " " || $0 == "\t" } }

    /// The lines of a text that line feeds end.
    static func lines(of text: String) -> [SourceLine] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { SourceLine(number: $0.offset + 1, text: $0.element) }
    }
}

extension Substring {
    /// The text without ASCII blanks at either end: a no-break space is meant and stays.
    var trimmingBlanks: Substring {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
