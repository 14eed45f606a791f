/// A template that cannot be read.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The template's name, or its file's.
    public let template: String
    /// The line at fault, from 1.
    public let line: Int
    /// What is wrong and what would be right.
    public let reason: String

    /// The name, the line and the reason.
    public var description: String { "Template “\(template)”, line \(line): \(reason)" }
}

/// What is wrong at a line, before the template's name is known.
struct TemplateFault: Error {
    let line: Int
    let reason: String
}

/// All that is wrong with a template.
struct TemplateErrors: Error {
    /// The template's name; an error may be in another file that it uses.
    let template: String
    /// Never empty.
    let all: [TemplateError]
}
