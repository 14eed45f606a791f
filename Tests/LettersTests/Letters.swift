import Mailroom
import MailroomLetters

/// A template of a body, with a PDF unless told otherwise.
func template(_ body: String, front: String = "attachment: letter.pdf", name: String = "letter") throws -> Template {
    try Template(source: Array("---\nname: \(name)\nsubject: Hello\n\(front)\n---\n\(body)".utf8))
}

/// What a body becomes with these values.
func render(
    _ body: String, _ values: [String: Document.Value] = [:], front: String = "attachment: letter.pdf"
) async throws -> RenderedDocument {
    let renderer = LetterRenderer(templates: [try template(body, front: front)])
    let document = Document(template: "letter", values: values)
    _ = try renderer.check(document)
    return try await renderer.render(document)
}

/// The plain text that a body becomes.
func text(_ body: String, _ values: [String: Document.Value] = [:]) async throws -> String {
    try await render(body, values).text ?? ""
}

/// The HTML that a body becomes, from the letter's frame.
func html(_ body: String, _ values: [String: Document.Value] = [:]) async throws -> String {
    let page = try await render(body, values).html ?? ""
    let frame = page.split(separator: "color:#222222\">\n", maxSplits: 1).last ?? ""
    return String(frame.dropLast("</div>\n</body></html>\n".count))
}
