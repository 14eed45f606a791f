/// A paragraph on its way to the page: its text and the lines it was broken into.
struct Block {
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

    /// A place where showing codes is more than copying them: the kerning before the code, and whether it is special.
    struct Event {
        private let bits: UInt64

        @inline(__always)
        init(position: Int, kern: Int) {
            bits = UInt64(truncatingIfNeeded: position) << 16 | UInt64(UInt16(truncatingIfNeeded: kern))
        }

        @inline(__always)
        var position: Int { Int(truncatingIfNeeded: bits >> 16) }

        /// What is added to the advance of the code before, in thousandths of the type size.
        @inline(__always)
        var kern: Int { Int(Int16(truncatingIfNeeded: bits)) }
    }

    var text = EncodedText(capacity: 1_024)
    var marker = EncodedText(capacity: 0)
    var lines: [Line] = []
    /// In the order of their positions; those from `eventCount` on are of no account.
    var events: [Event] = []
    var eventCount = 0
    /// How wide everything before each code is, in thousandths of the type size, and at `text.count` the whole.
    var ends: [Int] = []
    var style = BlockStyle()

    mutating func clear() {
        text.clear()
        marker.clear()
        lines.removeAll(keepingCapacity: true)
        eventCount = 0
    }

    /// The same lines without the room that setting them took: what waits for its page may be a long table.
    var settled: Block {
        var block = self
        block.text.codes = Array(text.codes.prefix(text.count + EncodedText.slack))
        block.events = Array(events.prefix(eventCount))
        block.ends = []
        return block
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
    var isKerned = true
    var keepsTogether = false

    /// From the top of a line to its baseline: half the extra leading and the height of Helvetica's ascenders.
    var ascent: Int { (leading - size * 925 / 1_000) / 2 + size * 718 / 1_000 }
}
