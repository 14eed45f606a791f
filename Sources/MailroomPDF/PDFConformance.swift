/// A standard for archives that a document keeps to: nothing outside the file is needed to show it as it was meant.
///
/// Every font must be embedded, so the standard 14 are refused; so are images in CMYK.
public enum PDFConformance: Sendable, Hashable {
    /// ISO 19005-1, level B: PDF 1.4. Images that are partly transparent are refused.
    case pdfA1b
    /// ISO 19005-2, level B: PDF 1.7.
    case pdfA2b
}
