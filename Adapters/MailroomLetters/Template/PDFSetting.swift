import MailroomLibraries
import MailroomPDF

/// How a template's PDFs are set.
struct PDFSetting: Sendable {
    let family: PDFFontFamily
    let format: LetterFormat
    let page: PDFPageSize
    let isJustified: Bool
    let hasKerning: Bool
    let accent: PDFColor
    let conformance: PDFConformance?
    /// Of the running text, in points: Times is smaller than others at the same size.
    let size: Double
    var compressor: PDFCompressor?

    init(_ front: FrontMatter, family: PDFFontFamily) {
        self.family = family
        format = front.format.format
        page = front.page == .a4 ? .a4 : .usLetter
        isJustified = front.alignment == .justified
        hasKerning = front.hasKerning
        accent = PDFColor(red: front.color[0], green: front.color[1], blue: front.color[2])
        conformance =
            switch front.conformance {
            case .pdfA1b: .pdfA1b
            case .pdfA2b: .pdfA2b
            case nil: nil
            }
        size = front.fonts.regular.choice == .times ? 12 : 11
    }

    /// The compressor of letters.
    static func zlib() throws(LibraryError) -> PDFCompressor {
        let zlib = try ZlibCompressor(level: 4)
        return PDFCompressor { content, output in try zlib.compress(content, into: &output) }
    }
}
