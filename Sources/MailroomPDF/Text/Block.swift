/// A paragraph on its way to the page: its codes, the runs they belong to and the lines they were broken into.
struct Block {
    /// A stretch of codes of one face and one link, up to `end`.
    struct Span {
        var end: Int
        var face: Int
        var link: String?
    }

    /// One line: the codes from `start` to `end`.
    struct Line {
        var start: Int
        var end: Int
        /// In thousandths of the type size.
        var width: Int
        /// Whether it ends in a soft hyphen, which is then shown.
        var isHyphenated: Bool
        /// Whether the paragraph or a line break ends here, so that it is not justified.
        var isLast: Bool
    }

    var codes = [UInt8](repeating: 0, count: 1_024)
    var count = 0
    var spans: [Span] = []
    var hasLinks = false
    var lines: [Line] = []
    var traits: WinAnsi.Traits = []
    var marker: [UInt8] = []
    var style = BlockStyle()

    mutating func clear() {
        count = 0
        spans.removeAll(keepingCapacity: true)
        hasLinks = false
        lines.removeAll(keepingCapacity: true)
        traits = []
        marker.removeAll(keepingCapacity: true)
    }

    /// Adds a run.
    mutating func append(_ text: String, face: Int, link: String?) {
        var text = text
        text.withUTF8 { append($0, face: face, link: link) }
    }

    /// Adds a run, given as UTF-8.
    mutating func append(_ utf8: UnsafeBufferPointer<UInt8>, face: Int, link: String?) {
        traits.formUnion(WinAnsi.encode(utf8, into: &codes, at: &count))
        spans.append(Span(end: count, face: face, link: link))
        if link != nil { hasLinks = true }
    }

    /// The height of its first lines, in thousandths of a point.
    func height(lines count: Int) -> Int { count * style.leading }
}

/// A paragraph style in whole thousandths of a point.
struct BlockStyle {
    var size = 11_000
    var leading = 14_850
    var alignment = PDFParagraphStyle.Alignment.left
    var color = PDFColor.black
    var spaceBefore = 0
    var spaceAfter = 0
    var left = 0
    var width = 0
    var face = 0
    var keepsTogether = false

    /// From the top of a line to its baseline: half the extra leading and the height of Helvetica's ascenders.
    var ascent: Int { (leading - size * 925 / 1_000) / 2 + size * 718 / 1_000 }
}
