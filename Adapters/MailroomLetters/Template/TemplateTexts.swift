/// All texts of a template, compiled.
struct TemplateTexts: Sendable {
    /// A kind of text, by how its files' names end. Each has partials of its own.
    enum Kind: String, Sendable, CaseIterable {
        case markdown = ".md"
        /// Text mail, and the lines of the front matter.
        case text = ".txt"
        case html = ".html"
    }

    var subject: Mustache?
    var title: Mustache?
    var attachment: Mustache?
    var header: Mustache?
    var footer: Mustache?
    /// The letterhead as a part, put before the bodies.
    var letterhead: Mustache?
    var body: Mustache?
    /// What takes the place of the body in one output.
    var pdfBody: Mustache?
    var text: Mustache?
    var html: Mustache?
    var partials: [Kind: [String: Mustache]] = [:]

    /// The texts that are lines, with the kind of their partials.
    var lines: [Mustache] { [subject, title, attachment, header, footer].compactMap(\.self) }

    /// The texts that are markup.
    var markups: [Mustache] { [letterhead, body, pdfBody].compactMap(\.self) }
}
