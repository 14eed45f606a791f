package import Mailroom

extension LetterRenderer: TemplateListing {
    /// The templates that can be rendered, sorted.
    package var templateNames: [String] { shelf.contents.templates.keys.sorted() }

    /// Values that show every section of a template once, each value being its own name.
    package func sampleValues(of template: String) -> [String: Document.Value]? {
        shelf.contents.templates[template]?.sampleValues
    }

    /// The language that a template's front matter names.
    package func language(of template: String) -> String? { shelf.contents.templates[template]?.language }
}
