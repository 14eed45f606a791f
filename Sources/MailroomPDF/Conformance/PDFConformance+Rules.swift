extension PDFConformance {
    /// What a person calls it.
    var name: String { self == .pdfA1b ? "PDF/A-1b" : "PDF/A-2b" }

    /// The part of ISO 19005.
    var part: Int { self == .pdfA1b ? 1 : 2 }

    /// The version of PDF that it stands on: the digit after `1.`.
    var version: UInt8 { self == .pdfA1b ? UInt8(ascii: "4") : UInt8(ascii: "7") }

    /// Why an image cannot be used, if it cannot.
    package func refusal(of image: PDFImage) -> PDFError? {
        if image.picture.colors == .cmyk {
            return PDFError(
                .unsupportedImage,
                "\(image.phrase) is in CMYK, which \(name) allows only with a printing profile; save it as RGB.")
        }
        if self == .pdfA1b && image.picture.alpha != nil {
            return PDFError(
                .unsupportedImage,
                "\(image.phrase) is partly transparent, which PDF/A-1b does not allow; save it without transparency, "
                    + "or ask for PDF/A-2b.")
        }
        return nil
    }

    /// The refusal of a font that every reader has for itself, and that is therefore not embedded.
    package func refusal(ofStandardFont name: String) -> PDFError {
        PDFError(
            .notEmbedded,
            "\(self.name) needs every font in the file, and \(name) is not; name a font file in its place.")
    }
}
