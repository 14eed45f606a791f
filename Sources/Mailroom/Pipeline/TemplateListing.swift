/// A renderer that can name its templates.
package protocol TemplateListing: Renderer {
    /// The names, sorted.
    var templateNames: [String] { get }
}
