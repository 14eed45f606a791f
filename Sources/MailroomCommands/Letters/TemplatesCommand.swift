import Foundation
import Mailroom

/// `templates`: what templates there are, and what is wrong with them.
struct TemplatesCommand: Command {
    let name = "templates"
    let summary = "list: the templates and what they make; check: every problem of every template; values; copy"
    let operands: String? = "list|check|values NAME|copy FOLDER"
    let details = """
        list         each template's edition, language and outputs, as it is with sample values
        check        renders each template with sample values, and says all that is wrong
        values NAME  values to begin with, a JSON object for render --values
        copy FOLDER  writes the templates that come with this program into a folder, to be changed there
        Exit status of check: 0 all work, 1 one does not.
        """
    let options: [Arguments.Option] = [.templates, .init("format", "FORMAT", "of list: table (default), json or csv")]

    private enum Deed: String, CaseIterable { case list, check, values, copy }

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let deed = try arguments.deed(of: name, as: Deed.self)
        if deed != .list, arguments.has("format") { throw UsageError("--format goes with list") }
        let object = try object(of: deed, arguments)
        if deed == .copy { return try copy(to: object, environment) }
        let format = try arguments.format()
        let set = try environment.templateSet(arguments)
        guard set.renderer == nil || set.renderer is any TemplateListing || !set.names.isEmpty else {
            throw UsageError("this program's renderer does not name its templates")
        }
        let date = environment.time.now()
        switch deed {
        case .list:
            try environment.console.write(Array(await list(set, at: date).text(as: format).utf8))
            for problem in set.generalProblems { environment.console.error(problem) }
            return 0
        case .values: return try showValues(of: object, in: set, environment)
        default: return await check(set, at: date, tellingOn: environment.console)
        }
    }

    /// What is said behind the deed.
    private func object(of deed: Deed, _ arguments: Arguments) throws(UsageError) -> String {
        let objects = arguments.operands.dropFirst()
        switch deed {
        case .list, .check:
            guard let extra = objects.first else { return "" }
            throw UsageError("\"\(extra)\" is not understood: --templates names the folder")
        case .values, .copy:
            guard let object = objects.first else {
                throw UsageError(deed == .copy ? "copy needs the name of a folder" : "values needs a template's name")
            }
            guard objects.count == 1 else { throw UsageError("\"\(objects[2])\" is not understood") }
            return object
        }
    }

    private func showValues(of name: String, in set: TemplateSet, _ environment: CommandEnvironment) throws -> Int32 {
        guard set.names.contains(name) else {
            throw UsageError("there is no template \"\(name)\"\(Nearest.advice(to: name, among: set.names))")
        }
        for problem in set.problems(of: name) { environment.console.error("mailroom templates: \(problem)") }
        guard set.problems(of: name).isEmpty else { return 1 }
        let shipped = set.path == nil ? environment.shipped["\(name).json"] : nil
        try environment.console.write(shipped ?? Array(ValuesText.text(of: set.sampleValues(of: name)).utf8))
        return 0
    }

    /// Writes what comes with the program; nothing of a person's own is replaced.
    private func copy(to folder: String, _ environment: CommandEnvironment) throws -> Int32 {
        guard !environment.shipped.isEmpty else { throw UsageError("no templates come with this program") }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw UsageError("\(folder) cannot be made a folder: \(error.systemReason)")
        }
        var kept = 0
        for (name, bytes) in environment.shipped.sorted(by: { $0.key < $1.key }) {
            let file = "\(folder)/\(name)"
            if FileManager.default.fileExists(atPath: file) {
                environment.console.error("\(file) is there already, and stays as it is")
                kept += 1
            } else {
                try WholeFile.write(bytes, to: file)
            }
        }
        let written = environment.shipped.count - kept
        environment.console.line("\(written) \(written == 1 ? "file" : "files") written to \(folder)")
        environment.console.line("look at them: mailroom preview --templates \(folder)")
        return kept == 0 ? 0 : 1
    }

    private func list(_ set: TemplateSet, at date: Date) async -> Listing {
        var listing = Listing(columns: ["template", "edition", "language", "makes"])
        for name in set.names {
            let document = Document(template: name, values: set.sampleValues(of: name), date: date)
            guard case .rendered(let letter, let version) = await set.outcome(of: document) else {
                listing.append([.text(name), .text(nil), .text(set.language(of: name)), .text("nothing: it is broken")])
                continue
            }
            listing.append([
                .text(name), .text(version.description), .text(set.language(of: name)),
                .text(letter.kinds.joined(separator: ", ")),
            ])
        }
        return listing
    }

    private func check(_ set: TemplateSet, at date: Date, tellingOn console: Console) async -> Int32 {
        var failures = 0
        for name in set.names {
            var problems = set.problems(of: name)
            let document = Document(template: name, values: set.sampleValues(of: name), date: date)
            var kinds: [String] = []
            switch await set.outcome(of: document) {
            case .rendered(let letter, _): kinds = letter.kinds
            case .refused(let reasons): problems += reasons.filter { !problems.contains($0) }
            }
            console.line(name)
            for problem in problems { console.line("  does not work: \(problem)") }
            if problems.isEmpty { console.line("  works: \(kinds.joined(separator: ", "))") } else { failures += 1 }
        }
        let others = set.generalProblems.filter { _ in set.renderer != nil || set.names.isEmpty }
        for problem in others { console.line(problem) }
        if failures > 0, set.names.count > 1 {
            console.line("\(failures) of \(set.names.count) templates \(failures == 1 ? "does" : "do") not work")
        }
        return failures == 0 && others.isEmpty ? 0 : 1
    }
}
