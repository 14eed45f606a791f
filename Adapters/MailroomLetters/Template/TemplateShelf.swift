import Mailroom
import Synchronization

/// The templates of a renderer, read once, or again whenever a file of theirs has changed.
final class TemplateShelf: Sendable {
    /// What was read, at once and as a whole.
    struct Contents: Sendable {
        var templates: [String: Template] = [:]
        /// What is wrong with those that cannot be used, by name.
        var faults: [String: [TemplateError]] = [:]
        /// What is wrong with no template in particular.
        var problems: [String] = []
        /// The files looked at, and what they were: nil for one that was not there.
        var stamps: [String: FileStamp?] = [:]
        var folder: FileStamp?

        /// Every fault, in the order of the templates' names.
        var configurationProblems: [ConfigurationProblem] {
            let errors = faults.sorted { $0.key < $1.key }.flatMap(\.value).map(\.description)
            return (problems + errors).map { ConfigurationProblem("letters", $0) }
        }
    }

    private let files: TemplateFiles?
    private let first: Contents
    private let latest: Mutex<Contents>?

    /// Templates that do not change.
    init(_ contents: Contents) {
        files = nil
        first = contents
        latest = nil
    }

    /// The templates of a place.
    init(_ files: TemplateFiles, reloads: Bool) {
        self.files = files
        first = TemplateReader.read(files)
        latest = reloads ? Mutex(first) : nil
    }

    /// The templates as they are now.
    var contents: Contents {
        guard let files, latest != nil else { return first }
        return latest!.withLock { contents in
            let isCurrent =
                contents.folder == files.stamp && contents.stamps.allSatisfy { files.stamp(of: $0.key) == $0.value }
            if !isCurrent { contents = TemplateReader.read(files) }
            return contents
        }
    }
}

extension TemplateShelf.Contents {
    /// Templates that were made one by one.
    init(_ templates: [Template]) {
        self.init()
        for template in templates { add(.success(template)) }
    }

    /// Adds a template, or what is wrong with it. Of two with the same name neither is used.
    mutating func add(_ result: Result<Template, TemplateErrors>) {
        switch result {
        case .failure(let errors): faults[errors.template, default: []] += errors.all
        case .success(let template):
            let name = template.name
            let isTwin = templates.removeValue(forKey: name) != nil || faults[name]?.isEmpty == false
            guard isTwin else {
                templates[name] = template
                return
            }
            let reason = "two templates are named “\(name)”; give one of them another name."
            faults[name] = [TemplateError(template: name, line: 1, reason: reason)]
        }
    }
}
