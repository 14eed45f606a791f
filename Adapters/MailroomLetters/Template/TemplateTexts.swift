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
    /// The texts of the lines in the margins: one in the middle, or two or three from left to right.
    var header: [Mustache] = []
    var footer: [Mustache] = []
    /// The letterhead as a part, put before the bodies.
    var letterhead: Mustache?
    var body: Mustache?
    /// What takes the place of the body in one output.
    var pdfBody: Mustache?
    var text: Mustache?
    var html: Mustache?
    var partials: [Kind: [String: Mustache]] = [:]

    /// The name of the template's file without its ending; the files beside it begin with it.
    var fileName = ""

    /// The texts that use the partials of a kind, and their files: nil for the template's own.
    func texts(of kind: Kind) -> [(text: Mustache, file: String?)] {
        let texts: [(Mustache?, String?)] =
            switch kind {
            case .markdown: [(letterhead, nil), (body, nil), (pdfBody, fileName + ".pdf.md")]
            case .text:
                ([subject, title, attachment] + header + footer).map { ($0, nil) } + [(text, fileName + ".txt")]
            case .html: [(html, fileName + ".html")]
            }
        return texts.compactMap { text, file in text.map { ($0, file) } }
    }
}
