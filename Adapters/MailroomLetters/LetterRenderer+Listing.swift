import Mailroom

extension LetterRenderer: TemplateListing {
    /// The templates that can be rendered, sorted.
    package var templateNames: [String] { templates.keys.sorted() }
}
