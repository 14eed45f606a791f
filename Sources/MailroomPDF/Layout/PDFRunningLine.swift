/// A line in the margin above or below the text of every page: one text at its left, one in its middle, one at its right.
///
/// `{page}` and `{pages}` stand for the page's number and how many there are; a line feed begins another line.
/// It stands in the middle of the margin; one that is higher than the margin is an error.
public struct PDFRunningLine: Sendable, Hashable {
    /// Set at the left margin.
    public var left: String
    /// Set in the middle.
    public var centre: String
    /// Set at the right margin.
    public var right: String
    /// The font used.
    public var family: PDFFontFamily
    /// The size of the type, in points; from baseline to baseline it is a quarter more.
    public var size: Double
    /// The colour of the text.
    public var color: PDFColor
    /// Whether the first page has it too.
    public var isOnFirstPage: Bool

    /// Makes a line. Where texts stand beside each other, each has its part of the width and is broken to fit it.
    public init(
        left: String = "", centre: String = "", right: String = "", family: PDFFontFamily = .helvetica,
        size: Double = 8, color: PDFColor = .grey, isOnFirstPage: Bool = true
    ) {
        self.left = left
        self.centre = centre
        self.right = right
        self.family = family
        self.size = size
        self.color = color
        self.isOnFirstPage = isOnFirstPage
    }
}
