public import Mailroom

extension Renderer where Self == LetterRenderer {
    /// Letters made of the templates (`*.md`) of a folder: `.renderer(.letters(folder: "Templates"))`.
    ///
    /// - Parameters:
    ///   - folder: the folder's path.
    ///   - reloads: whether a changed file is noticed: for writing templates.
    public static func letters(folder: String, reloads: Bool = false) -> LetterRenderer {
        LetterRenderer(folder: folder, reloads: reloads)
    }

    /// Letters made of the templates among these files.
    public static func letters(files: TemplateFiles) -> LetterRenderer { LetterRenderer(files: files) }

    /// Letters made of these templates.
    public static func letters(_ templates: [Template]) -> LetterRenderer { LetterRenderer(templates: templates) }
}
