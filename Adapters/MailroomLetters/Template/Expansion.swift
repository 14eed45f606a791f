import Mailroom

/// A template with a document's values put in: its lines as texts, its bodies as bytes not yet read as markup.
struct Expansion {
    /// What is wrong with the values, each once.
    private(set) var problems: [ValueProblem] = []
    private(set) var subject = ""
    private(set) var title = ""
    private(set) var fileName: String?
    private(set) var header: [String] = []
    private(set) var footer: [String] = []
    /// The body, read as markup.
    private(set) var body: [UInt8] = []
    /// The body of the PDF, where that has one of its own.
    private(set) var pdfBody: [UInt8]?
    private(set) var text: String?
    private(set) var html: String?

    private let texts: TemplateTexts
    private let document: Document
    private let locale: String

    init(_ template: Template, _ document: Document) {
        texts = template.texts
        self.document = document
        locale = document.locale ?? template.language ?? "en"
        let isPrinted = template.setting != nil
        subject = line(texts.subject, of: "the subject") ?? ""
        title = line(texts.title, of: "the title") ?? subject
        fileName = line(texts.attachment, of: "the attachment's name").map(FileName.safe)
        if isPrinted {
            header = texts.header.compactMap { line($0, of: "the header") }
            footer = texts.footer.compactMap { line($0, of: "the footer") }
        }
        body = markup(texts.body)
        if texts.pdfBody != nil { pdfBody = markup(texts.pdfBody) }
        text = texts.text.map { String(knownUTF8: bytes($0, .text, .none)) }
        html = texts.html.map { String(knownUTF8: bytes($0, .html, .html)) }
    }

    /// Where the bytes of the body come from; of the PDF's where that is asked for.
    func origins(ofPDF: Bool) -> [Origin] {
        var origins: [Origin] = []
        var output: [UInt8] = []
        var problems: [ValueProblem] = []
        for text in [texts.letterhead, ofPDF ? texts.pdfBody : texts.body] {
            text?.expand(
                document.values, setting(.markdown, .guarded), into: &output, problems: &problems, origins: &origins)
        }
        return origins
    }

    private func setting(_ kind: TemplateTexts.Kind, _ escaping: Escaping) -> MustacheSetting {
        MustacheSetting(
            partials: texts.partials[kind] ?? [:], escaping: escaping, locale: locale, timeZone: document.timeZone,
            date: document.date)
    }

    private mutating func bytes(_ text: Mustache, _ kind: TemplateTexts.Kind, _ escaping: Escaping) -> [UInt8] {
        var output: [UInt8] = []
        text.expand(document.values, setting(kind, escaping), into: &output, problems: &problems)
        return output
    }

    private mutating func line(_ text: Mustache?, of place: String) -> String? {
        text.map { String(knownUTF8: bytes($0, .text, .header(place: place))) }
    }

    private mutating func markup(_ body: Mustache?) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(4_096)
        let setting = setting(.markdown, .guarded)
        texts.letterhead?.expand(document.values, setting, into: &output, problems: &problems)
        body?.expand(document.values, setting, into: &output, problems: &problems)
        return output
    }
}
