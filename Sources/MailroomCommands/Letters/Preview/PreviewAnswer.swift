import Mailroom

/// What the page is told, as JSON.
enum PreviewAnswer {
    static func templates(_ set: TemplateSet, at path: String?) -> String {
        let templates = set.names.map { name in
            object([("name", quoted(name)), ("isBroken", set.problems(of: name).isEmpty ? "false" : "true")])
        }
        let general = set.generalProblems.filter { _ in set.renderer != nil || set.names.isEmpty }
        return object([
            ("templates", list(templates)), ("problems", list(general.map(quoted))),
            ("place", path.map(quoted) ?? "null"),
        ])
    }

    static func values(_ values: WatchedTemplates.Values) -> String {
        object([("text", quoted(values.text)), ("source", quoted(values.source))])
    }

    static func fault(_ fault: ValuesFault) -> String {
        object([("fault", quoted(fault.description)), ("line", "\(fault.line)"), ("column", "\(fault.column)")])
    }

    static func problems(_ problems: [ShownProblem]) -> String {
        let problems = problems.map { problem in
            let lines = problem.lines.map { object([("number", "\($0.number)"), ("text", quoted($0.text))]) }
            return object([("text", quoted(problem.text)), ("lines", list(lines))])
        }
        return object([("problems", list(problems))])
    }

    /// A letter, its HTML and its PDF by the addresses they were kept at.
    static func letter(
        _ letter: RenderedDocument, _ version: TemplateVersion, html: String?, pdf: String?, pdfName: String?
    ) -> String {
        object([
            ("subject", letter.subject.map(quoted) ?? "null"), ("edition", quoted(version.description)),
            ("text", letter.text.map(quoted) ?? "null"), ("html", html.map(quoted) ?? "null"),
            ("pdf", pdf.map(quoted) ?? "null"), ("pdfName", pdfName.map(quoted) ?? "null"),
        ])
    }

    private static func quoted(_ text: String) -> String { Listing.quoted(text) }

    private static func list(_ values: [String]) -> String { "[\(values.joined(separator: ","))]" }

    private static func object(_ pairs: [(String, String)]) -> String {
        "{\(pairs.map { "\(quoted($0)):\($1)" }.joined(separator: ","))}"
    }
}
