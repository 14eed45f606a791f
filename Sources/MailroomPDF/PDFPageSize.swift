/// The size of a sheet, in points (1/72 inch).
public struct PDFPageSize: Sendable, Hashable {
    /// From the left edge to the right, in points.
    public var width: Double
    /// From the bottom edge to the top, in points.
    public var height: Double

    /// Makes a size in points.
    public init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// ISO 216 A4, 210 mm by 297 mm.
    public static let a4 = PDFPageSize(width: 595.276, height: 841.89)
    /// US Letter, 8.5 in by 11 in.
    public static let usLetter = PDFPageSize(width: 612, height: 792)
}
