package import Mailroom

extension LetterRenderer: TemplateListing {
    /// The templates that can be rendered, sorted.
    package var templateNames: [String] { templates.keys.sorted() }

    package func sampleValues(of template: String) -> [String: Document.Value]? { nil }

    /// The language that a template's front matter names.
    package func language(of template: String) -> String? { templates[template]?.language }
}
