import Foundation
import Mailroom

/// `templates`: what templates there are, and what is wrong with them.
struct TemplatesCommand: Command {
    let name = "templates"
    let summary = "list: the templates and what they make; check: every problem of every template"
    let operands: String? = "list|check"
    let details = """
        list   each template's edition, language and outputs, as it is with sample values
        check  renders each template with sample values, and says all that is wrong
        Exit status of check: 0 all work, 1 one does not.
        """
    let options: [Arguments.Option] = [.templates, .init("format", "FORMAT", "of list: table (default), json or csv")]

    private enum Deed: String, CaseIterable { case list, check }

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let deeds = Deed.allCases.map(\.rawValue)
        guard let word = arguments.operands.first else {
            throw UsageError("say what to do: \(deeds.joined(separator: " or "))")
        }
        guard let deed = Deed(rawValue: word) else {
            throw UsageError(
                "templates does \(deeds.joined(separator: " or ")), not \"\(word)\""
                    + Nearest.advice(to: word, among: deeds))
        }
        guard arguments.operands.count == 1 else {
            throw UsageError("\"\(arguments.operands[1])\" is not understood: --templates names the folder")
        }
        if deed == .check, arguments.has("format") { throw UsageError("--format goes with list") }
        let format = try arguments.format()
        let set = try environment.templateSet(arguments)
        guard set.renderer == nil || set.renderer is any TemplateListing || !set.names.isEmpty else {
            throw UsageError("this program's renderer does not name its templates")
        }
        let date = environment.time.now()
        switch deed {
        case .list:
            environment.console.write(await list(set, at: date).text(as: format))
            for problem in set.generalProblems { environment.console.error(problem) }
            return 0
        case .check: return await check(set, at: date, tellingOn: environment.console)
        }
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
