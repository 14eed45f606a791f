/// What is wrong with a font file, as a reader of its tables finds it.
struct FontFault: Error {
    enum Kind {
        case damaged
        case unsupported
        case forbidden
    }

    let kind: Kind
    let reason: String

    static func damaged(_ reason: String) -> FontFault { FontFault(kind: .damaged, reason: reason) }
    static func unsupported(_ reason: String) -> FontFault { FontFault(kind: .unsupported, reason: reason) }
    static func forbidden(_ reason: String) -> FontFault { FontFault(kind: .forbidden, reason: reason) }
}

extension PDFError.Code {
    /// A font file is cut short, or its tables contradict each other.
    public static let damagedFont = PDFError.Code("damagedFont")
    /// A font file is of a kind that cannot be embedded; the description says which kind can.
    public static let unsupportedFont = PDFError.Code("unsupportedFont")
    /// A font's own licence bits forbid that it be embedded, or that a part of it be.
    public static let embeddingForbidden = PDFError.Code("embeddingForbidden")
}

extension PDFError {
    static func font(_ fault: FontFault) -> PDFError {
        switch fault.kind {
        case .damaged: PDFError(.damagedFont, "The font is damaged: \(fault.reason). Get its file again.")
        case .unsupported: PDFError(.unsupportedFont, fault.reason)
        case .forbidden: PDFError(.embeddingForbidden, fault.reason)
        }
    }
}
