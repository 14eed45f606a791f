import Mailroom

/// A template with a document's values put in: its lines as texts, its bodies as bytes not yet read as markup.
struct Expansion {
    /// Bytes of markup: some 600 pages. A byte of it may become a hundred of memory.
    private static let longestBody = 2 << 20
    /// Bytes of a subject, of a title or of a line in the margins.
    private static let longestLine = 16 << 10

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
            header = texts.header.map { runningLine($0, of: "the header") }
            footer = texts.footer.map { runningLine($0, of: "the footer") }
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

    /// A line in the margins as it is expanded, and where its bytes come from.
    func origins(ofLine text: Mustache) -> (bytes: [UInt8], origins: [Origin]) {
        var output: [UInt8] = []
        var problems: [ValueProblem] = []
        var origins: [Origin] = []
        text.expand(
            document.values, setting(.text, .header(place: "")), into: &output, problems: &problems, origins: &origins)
        return (output, origins)
    }

    private func setting(_ kind: TemplateTexts.Kind, _ escaping: Escaping) -> MustacheSetting {
        var limits = MustacheLimits()
        switch escaping {
        case .guarded: limits.output = Self.longestBody
        case .header: limits.output = Self.longestLine
        case .html, .none: break
        }
        return MustacheSetting(
            partials: texts.partials[kind] ?? [:], escaping: escaping, locale: locale, timeZone: document.timeZone,
            date: document.date, limits: limits)
    }

    private mutating func bytes(_ text: Mustache, _ kind: TemplateTexts.Kind, _ escaping: Escaping) -> [UInt8] {
        var output: [UInt8] = []
        text.expand(document.values, setting(kind, escaping), into: &output, problems: &problems)
        return output
    }

    private mutating func line(_ text: Mustache?, of place: String) -> String? {
        text.map { Self.oneLine(bytes($0, .text, .header(place: place))) }
    }

    /// A text on one line, without blanks at its ends: the line ends that a partial has are blanks.
    private static func oneLine(_ bytes: [UInt8]) -> String {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return "" }
        if first == 0, last == bytes.count - 1, !bytes.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
            return String(knownUTF8: bytes)
        }
        return String(knownUTF8: bytes[first...last].map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
    }

    /// A line in the margins. What a value says is no number of a page.
    private mutating func runningLine(_ text: Mustache, of place: String) -> String {
        let line = line(text, of: place) ?? ""
        guard !text.program.keys.isEmpty, line.contains("{page") else { return line }
        let (bytes, origins) = origins(ofLine: text)
        var shown: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            shown.append(byte)
            guard byte == UInt8(ascii: "{"), bytes[index...].starts(with: "{page".utf8) else { continue }
            let isValue = (index..<index + 5).contains { Origin.of($0, in: origins)?.key != nil }
            // A soft hyphen shows nothing there, and parts the sign from the word.
            if isValue { shown += [0xC2, 0xAD] }
        }
        return Self.oneLine(shown)
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
