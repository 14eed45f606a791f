public import Mailroom
public import MailroomPDF

extension Renderer where Self == LetterRenderer {
    /// Letters made of the templates (`*.md`) of a folder: `.renderer(.letters(folder: "Templates"))`.
    public static func letters(
        folder: String, compressor: PDFCompressor? = nil
    ) -> LetterRenderer { LetterRenderer(folder: folder, compressor: compressor) }

    /// Letters made of these templates.
    public static func letters(
        _ templates: [Template], compressor: PDFCompressor? = nil
    ) -> LetterRenderer { LetterRenderer(templates: templates, compressor: compressor) }
}
