/// What stays empty around the text of a page, in points (1/72 inch; 1 mm is 2.835 points).
public struct PDFMargins: Sendable, Hashable {
    /// Above the text; the header stands in the middle of this.
    public var top: Double
    /// To the right of it.
    public var right: Double
    /// Below it; the footer stands in the middle of this.
    public var bottom: Double
    /// To the left of it.
    public var left: Double

    /// Makes margins in points.
    public init(top: Double, right: Double, bottom: Double, left: Double) {
        self.top = top
        self.right = right
        self.bottom = bottom
        self.left = left
    }

    /// The margins of a letter: 25 mm at the sides, 20 mm above and below.
    public static let letter = PDFMargins(top: 56.7, right: 70.9, bottom: 56.7, left: 70.9)
}
