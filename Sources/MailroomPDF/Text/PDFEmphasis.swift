/// How a run of text stands out from its paragraph.
public struct PDFEmphasis: OptionSet, Sendable, Hashable {
    /// One bit for bold, one for italic.
    public let rawValue: UInt8

    /// Takes the bits that have a meaning.
    public init(rawValue: UInt8) { self.rawValue = rawValue & 3 }

    /// Bold.
    public static let bold = PDFEmphasis(rawValue: 1)
    /// Italic, or oblique in Helvetica and Courier.
    public static let italic = PDFEmphasis(rawValue: 2)
}
