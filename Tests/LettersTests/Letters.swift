import Foundation
import Mailroom
import MailroomLetters
import TestSupport

/// A template of a body, with a PDF unless told otherwise.
func template(_ body: String, front: String = "attachment: letter.pdf", name: String = "letter") throws -> Template {
    try Template(source: Array("---\nname: \(name)\nsubject: Hello\n\(front)\n---\n\(body)".utf8))
}

/// What a body becomes with these values.
func render(
    _ body: String, _ values: [String: Document.Value] = [:], front: String = "attachment: letter.pdf"
) async throws -> RenderedDocument {
    try await LetterRenderer(templates: [try template(body, front: front)]).rendering(values)
}

/// The plain text that a body becomes.
func text(_ body: String, _ values: [String: Document.Value] = [:]) async throws -> String {
    try await render(body, values).text ?? ""
}

/// The HTML that a body becomes, from the letter's frame.
func html(_ body: String, _ values: [String: Document.Value] = [:]) async throws -> String {
    let page = try await render(body, values).html ?? ""
    let frame = page.split(separator: "word-break:break-word\">\n", maxSplits: 1).last ?? ""
    return String(frame.split(separator: "</td></tr></table>\n<!--[if mso]>").first ?? "")
}

/// Files of templates, by their paths.
func templateFiles(_ files: [String: String], fonts: [String: [UInt8]] = [:]) -> TemplateFiles {
    TemplateFiles(files.mapValues { Array($0.utf8) }.merging(fonts) { $1 })
}

/// A font of this machine, such as `dejavu/DejaVuSans.ttf`; skips the test where it is not installed.
func font(_ path: String) throws -> [UInt8] {
    for folder in ["/usr/share/fonts/truetype", "/usr/local/share/fonts", "/Library/Fonts"] {
        if let bytes = FileManager.default.contents(atPath: "\(folder)/\(path)") { return [UInt8](bytes) }
    }
    throw lacking("the font \(path) is not installed")
}

extension LetterRenderer {
    /// What a document with these values becomes, checked beforehand.
    func rendering(_ values: [String: Document.Value] = [:], of template: String = "letter") async throws
        -> RenderedDocument
    {
        let document = Document(template: template, values: values, date: Date(timeIntervalSince1970: 1_784_628_915))
        _ = try check(document)
        return try await render(document)
    }

    /// What is wrong with the templates.
    var problems: [String] { configurationProblems(in: PipelineContext(limits: PipelineLimits())).map(\.reason) }
}
