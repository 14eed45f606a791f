public import Mailroom

extension Renderer where Self == LetterRenderer {
    /// Letters made of the templates (`*.md`) of a folder: `.renderer(.letters(folder: "Templates"))`.
    public static func letters(
        folder: String, compressor: (@Sendable ([UInt8]) -> [UInt8])? = nil
    ) -> LetterRenderer { LetterRenderer(folder: folder, compressor: compressor) }

    /// Letters made of these templates.
    public static func letters(
        _ templates: [Template], compressor: (@Sendable ([UInt8]) -> [UInt8])? = nil
    ) -> LetterRenderer { LetterRenderer(templates: templates, compressor: compressor) }
}
