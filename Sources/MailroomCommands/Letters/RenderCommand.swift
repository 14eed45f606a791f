import Foundation
import Mailroom
import MailroomMIME

/// `render`: a letter as a file, to be looked at or printed.
struct RenderCommand: Command {
    let name = "render"
    let summary = "renders a letter as PDF, HTML or plain text"
    let details = """
        Nothing is sent. The letter is what a worker would make of the same template, values and date. A file is written
        whole or not at all. Pictures of an HTML mail are written into it.
        """
    let options: [Arguments.Option] = [
        .init("template", "NAME", "a template's name, or the path of a template file"),
        .init("values", "FILE.json", "its values, a JSON object; - reads standard input; none unless given"),
        .init("format", "FORMAT", "pdf, html or text (as the name of the output ends)"),
        .init("output", "FILE", "where to write it (standard output)"),
        .init("locale", "LOCALE", "the language of dates and numbers, such as fr-CA (the template's)"),
        .init("time-zone", "ZONE", "the time zone of dates, such as Europe/Paris (UTC)"),
        .init("date", "DATE", "the letter's date, such as 2026-06-12 or 2026-06-12T09:00:00Z (now)"),
        .templates,
    ]

    fileprivate enum Format: String, CaseIterable { case pdf, html, text }

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let word = try arguments.required("template")
        let output = arguments.text("output")
        guard let format = try arguments.choice("format", of: Format.self) ?? output.flatMap(Format.init(ofFile:))
        else {
            throw UsageError("--format is missing: pdf, html or text")
        }
        if let locale = arguments.text("locale"), !Self.isKnown(locale) {
            throw UsageError("--locale takes a language such as fr or fr-CA, not \"\(locale)\"")
        }
        if output == nil, format == .pdf, environment.console.writeBytes == nil {
            throw UsageError("a PDF is nothing to read on a terminal: give --output FILE")
        }
        let zone = try timeZone(arguments)
        let date = try date(arguments, in: zone) ?? environment.time.now()
        let (set, name) = try environment.template(word, arguments)
        let values = try arguments.text("values").map(ValuesFile.values) ?? [:]
        let document = Document(
            template: name, values: values, locale: arguments.text("locale"), timeZone: zone.identifier, date: date)
        switch await set.outcome(of: document) {
        case .refused(let reasons):
            for reason in reasons + advice(word, name, set, arguments) {
                environment.console.error("mailroom render: \(reason)")
            }
            return 1
        case .rendered(let letter, _):
            guard let bytes = format.bytes(of: letter) else {
                environment.console.error("mailroom render: \(format.absence(from: name))")
                return 1
            }
            if let output {
                try WholeFile.write(bytes, to: output)
            } else {
                try environment.console.write(bytes)
            }
            return 0
        }
    }

    /// What a newcomer may not know.
    private func advice(_ word: String, _ name: String, _ set: TemplateSet, _ arguments: Arguments) -> [String] {
        guard !set.names.isEmpty else { return set.generalProblems }
        guard set.names.contains(name) else {
            let isFolder = FileManager.default.fileExists(atPath: word + "/")
            return isFolder ? ["\(word) is a folder: give --templates \(word), and name one of its templates"] : []
        }
        guard !arguments.has("values"), set.problems(of: name).isEmpty else { return [] }
        return ["--values FILE.json gives values; mailroom templates values \(name) prints some to begin with"]
    }

    /// Whether a locale's language is one.
    private static func isKnown(_ locale: String) -> Bool {
        Locale(identifier: locale).language.languageCode?.isISOLanguage == true
    }

    private func timeZone(_ arguments: Arguments) throws(UsageError) -> TimeZone {
        let text = arguments.text("time-zone") ?? "UTC"
        guard let zone = TimeZone(identifier: text) else {
            throw UsageError("--time-zone takes a name such as Europe/Paris or UTC, not \"\(text)\"")
        }
        return zone
    }

    private func date(_ arguments: Arguments, in zone: TimeZone) throws(UsageError) -> Date? {
        guard let text = arguments.text("date") else { return nil }
        let day = Date.ISO8601FormatStyle(timeZone: zone).year().month().day()
        let styles = [day, .iso8601, Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        let isDay = text.utf8.count == 10
        for style in isDay ? [day] : Array(styles.dropFirst()) {
            if let date = try? style.parse(text) { return date }
        }
        throw UsageError("--date takes a date such as 2026-06-12 or 2026-06-12T09:00:00Z, not \"\(text)\"")
    }
}

extension RenderCommand.Format {
    /// What a file's name says.
    fileprivate init?(ofFile path: String) {
        switch path.split(separator: ".").last?.lowercased() {
        case "pdf": self = .pdf
        case "html", "htm": self = .html
        case "txt", "text": self = .text
        default: return nil
        }
    }

    /// What a letter is in this format; nil where its template does not make it.
    fileprivate func bytes(of letter: RenderedDocument) -> [UInt8]? {
        switch self {
        case .pdf: letter.pdf?.bytes
        case .html: letter.standaloneHTML.map { Array($0.utf8) }
        case .text: letter.text.map { Array($0.utf8) }
        }
    }

    fileprivate func absence(from template: String) -> String {
        self == .pdf
            ? "Template “\(template)” makes no PDF. Add a line to its front matter: attachment: \(template).pdf"
            : "Template “\(template)” makes no \(self == .html ? "HTML" : "text")."
    }
}
