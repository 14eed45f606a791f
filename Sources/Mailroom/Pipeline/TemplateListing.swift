/// A renderer that can name its templates.
package protocol TemplateListing: Renderer {
    /// The names, sorted.
    var templateNames: [String] { get }

    /// Values that show all of a template: each is its own name; nil for a template that is not there.
    func sampleValues(of template: String) -> [String: Document.Value]?

    /// The language of a template's text, as BCP 47 has it; nil where it has none.
    func language(of template: String) -> String?
}
