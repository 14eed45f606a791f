/// A template that cannot be read.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The template's name, or its file's.
    public let template: String
    /// The file at fault, where that is another one that the template uses: a partial, or an output of its own.
    public let file: String?
    /// The line at fault, from 1.
    public let line: Int
    /// What is wrong and what would be right.
    public let reason: String

    init(template: String, file: String? = nil, line: Int, reason: String) {
        self.template = template
        self.file = file
        self.line = line
        self.reason = reason
    }

    /// The name, the line and the reason.
    public var description: String {
        "Template “\(template)”, line \(line)\(file.map { " of “\($0)”" } ?? ""): \(reason)"
    }
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

extension TemplateError {
    /// What to say of the template's own characters that its fonts lack.
    static func lacking(_ names: [String]) -> String {
        "the PDF's fonts lack \(names.joined(separator: ", ")); write it otherwise, or name a font that has it in "
            + "fallback-fonts."
    }
}
