import Foundation
import Mailroom

extension CommandEnvironment {
    /// Where templates are, as the options or the environment name it.
    func templatePath(_ arguments: Arguments) -> String? {
        templates == nil ? nil : arguments.text("templates") ?? variables["MAILROOM_TEMPLATES"]
    }

    /// The templates that the options, the environment or the composition give. Refuses a path where nothing is.
    func templateSet(_ arguments: Arguments) throws -> TemplateSet {
        if let path = templatePath(arguments) { return try templateSet(at: path) }
        guard let renderer = base.currentRenderer else {
            throw UsageError("there are no templates: give --templates PATH or set MAILROOM_TEMPLATES")
        }
        return TemplateSet(renderer, at: nil, in: rendererContext)
    }

    /// The templates of a folder, or one template file. What is wrong with it is part of the answer; that it cannot be
    /// found is an error.
    func templateSet(at path: String) throws -> TemplateSet {
        guard let templates else { throw UsageError("this program reads no template files") }
        do {
            let (renderer, name) = try templates(path)
            return TemplateSet(renderer, at: path, adding: name, in: rendererContext)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            return TemplateSet(unreadable: path, because: ["\(error)"])
        }
    }

    /// A template by its name, or by the path of its file.
    func template(_ word: String, _ arguments: Arguments) throws -> (set: TemplateSet, name: String) {
        let isThere = FileManager.default.fileExists(atPath: word)
        guard word.contains("/") || word.contains(".") && isThere, templates != nil else {
            // A file's name may be given for the template's.
            return (try templateSet(arguments), word.hasSuffix(".md") ? String(word.dropLast(3)) : word)
        }
        if !isThere, FileManager.default.fileExists(atPath: word + ".md") {
            throw UsageError("there is no file \(word); did you mean \(word).md?")
        }
        let set = try templateSet(at: word)
        guard set.names.count == 1 else { throw UsageError("\(word) is a folder: name one of its files") }
        return (set, set.names[0])
    }

    private var rendererContext: PipelineContext { PipelineContext(limits: base.currentLimits) }
}
