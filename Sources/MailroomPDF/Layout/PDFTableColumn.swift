/// A column of a table.
public struct PDFTableColumn: Sendable, Hashable {
    /// How wide a column is.
    public enum Width: Sendable, Hashable {
        /// So many points, the padding included.
        case points(Double)
        /// Its part of what other columns leave, in proportion to the shares of all.
        case share(Double)
        /// As wide as its widest line, or narrower where the table would be wider than the text.
        case fitted
    }

    /// How wide it is.
    public var width: Width
    /// Where the lines of its cells stand.
    public var alignment: PDFParagraphStyle.Alignment

    /// Makes a column.
    public init(_ width: Width = .fitted, alignment: PDFParagraphStyle.Alignment = .left) {
        self.width = width
        self.alignment = alignment
    }
}
