/// How a paragraph is set. All lengths are points (1/72 inch).
public struct PDFParagraphStyle: Sendable, Hashable {
    /// Where the lines of a paragraph stand.
    public enum Alignment: Sendable, Hashable {
        /// Flush left, ragged right.
        case left
        /// Flush right, ragged left.
        case right
        /// In the middle.
        case centre
        /// Flush at both sides, the last line at the left.
        case justified
    }

    /// The fonts used.
    public var family: PDFFontFamily
    /// The emphasis of all the text.
    public var emphasis: PDFEmphasis
    /// The size of the type.
    public var size: Double
    /// From baseline to baseline; nil is 1.35 times the size.
    public var leading: Double?
    /// Where lines stand.
    public var alignment: Alignment
    /// The colour of the text.
    public var color: PDFColor
    /// Empty above it; of two paragraphs that meet, the larger space counts. None at the top of a page.
    public var spaceBefore: Double
    /// Empty below it.
    public var spaceAfter: Double
    /// Added to the left margin.
    public var leftIndent: Double
    /// Added to the right margin.
    public var rightIndent: Double
    /// Whether the page may not break between this paragraph and the next one's second line: true for a heading.
    public var keepsWithNext: Bool
    /// Whether the page may not break inside.
    public var keepsTogether: Bool
    /// Whether pairs of letters are moved together or apart as the font asks.
    public var kerning: Bool

    /// Makes a style; without arguments, that of a letter's running text.
    public init(
        family: PDFFontFamily = .helvetica, emphasis: PDFEmphasis = [], size: Double = 11, leading: Double? = nil,
        alignment: Alignment = .left, color: PDFColor = .black, spaceBefore: Double = 0, spaceAfter: Double = 8,
        leftIndent: Double = 0, rightIndent: Double = 0, keepsWithNext: Bool = false, keepsTogether: Bool = false,
        kerning: Bool = true
    ) {
        self.family = family
        self.emphasis = emphasis
        self.size = size
        self.leading = leading
        self.alignment = alignment
        self.color = color
        self.spaceBefore = spaceBefore
        self.spaceAfter = spaceAfter
        self.leftIndent = leftIndent
        self.rightIndent = rightIndent
        self.keepsWithNext = keepsWithNext
        self.keepsTogether = keepsTogether
        self.kerning = kerning
    }

    /// Running text: Helvetica 11.
    public static let body = PDFParagraphStyle()

    /// A heading of level 1 (20 points) to 3 (12 points), bold, never alone at the foot of a page.
    public static func heading(_ level: Int, family: PDFFontFamily = .helvetica) -> PDFParagraphStyle {
        let size: Double = level <= 1 ? 20 : level == 2 ? 15 : 12
        return PDFParagraphStyle(
            family: family, emphasis: .bold, size: size, leading: size * 1.2, spaceBefore: size, spaceAfter: size / 2,
            keepsWithNext: true, keepsTogether: true)
    }
}
