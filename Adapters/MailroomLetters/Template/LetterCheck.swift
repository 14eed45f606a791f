import Mailroom
import MailroomPDF

/// Finds what keeps a template from becoming a letter with a document's values. Only what a format has a place for is laid
/// out.
struct LetterCheck {
    /// So many characters that cannot be shown are looked for in the text; the others are found when these are gone.
    private static let mostCharacters = 20
    /// Different problems that are collected.
    private static let mostProblems = 1_000

    private let template: Template
    private let expansion: Expansion
    /// What is wrong with values.
    private(set) var problems: [ValueProblem]
    /// What is wrong with the template itself, which these values brought to light.
    private(set) var faults: [TemplateError] = []
    /// Why what a format has a place for does not fit it.
    private var overflow: PDFError?
    /// The values shown there.
    private var overflowKeys: [String] = []

    init(_ template: Template, _ document: Document) {
        self.template = template
        expansion = Expansion(template, document)
        problems = expansion.problems
        let isPrinted = template.setting != nil
        check(expansion.body, isPrinted: isPrinted && expansion.pdfBody == nil, ofPDF: false)
        if let body = expansion.pdfBody { check(body, isPrinted: true, ofPDF: true) }
        if let family = template.setting?.family { checkLines(family) }
    }

    private mutating func checkAreas(of letter: Letter, _ setting: PDFSetting, in body: [UInt8], ofPDF: Bool) {
        guard !setting.format.areas.isEmpty, problems.isEmpty, faults.isEmpty else { return }
        do throws(PDFError) {
            try PDFWriter.checkAreas(of: letter, setting, pictures: template.pictures)
        } catch {
            overflow = error
            let area = setting.format.areas.first { error.description.contains("“\($0.name)”") }
            overflowKeys = PartKeys.of(area?.parts ?? [], in: body, expansion.origins(ofPDF: ofPDF))
        }
    }

    /// All that was found as one error.
    var error: RenderError? {
        if let error = ValueProblem.error(problems, in: template.name) { return error }
        if !faults.isEmpty {
            return RenderError(.invalidTemplate, faults.map(\.description).joined(separator: " "))
        }
        return overflow.map {
            RenderError(
                .invalidValues, "Template “\(template.name)”: \($0.reason(in: template.setting?.format))",
                keys: overflowKeys)
        }
    }

    private mutating func check(_ body: [UInt8], isPrinted: Bool, ofPDF: Bool) {
        let (letter, markupFaults) = MarkupParser.parse(body)
        var origins: [Origin]?
        for fault in markupFaults {
            let known = origins ?? expansion.origins(ofPDF: ofPDF)
            origins = known
            report(fault.offset, in: known, .markup(fault), ofPDF: ofPDF)
        }
        for image in letter.images where template.pictures[image.path] == nil {
            faults.append(
                TemplateError(
                    template: template.name, line: 1,
                    reason: "the image “\(image.path)” comes from a value; write it in the template."))
        }
        guard isPrinted, let setting = template.setting else { return }
        let unsupported = setting.family.unsupported(in: letter)
        guard !unsupported.isEmpty else {
            checkAreas(of: letter, setting, in: body, ofPDF: ofPDF)
            return
        }
        let known = origins ?? expansion.origins(ofPDF: ofPDF)
        // A character is looked for in the markup, since the letter does not say where its text comes from.
        let first = Array(unsupported.prefix(Self.mostCharacters))
        for (offset, names) in Self.places(of: first, in: body, stretches: known) {
            report(offset, in: known, .characters(names), ofPDF: ofPDF)
        }
    }

    private enum Finding {
        case markup(MarkupFault)
        case characters([String])
    }

    private mutating func report(
        _ offset: Int, in origins: [Origin], _ finding: Finding, ofPDF: Bool,
        kind textKind: TemplateTexts.Kind = .markdown
    ) {
        let origin = Origin.of(offset, in: origins) ?? Origin(offset: 0, line: 1, key: nil, partial: nil)
        if let key = origin.key {
            let kind: ValueProblem.Kind =
                switch finding {
                case .markup(let fault):
                    fault.isAboutLink ? .unsafeLink : .unfit("does not fit: \(fault.reason.dropLast())")
                case .characters(let names): .unprintable(names)
                }
            let problem = ValueProblem(key: key, kind: kind, partial: origin.partial)
            if problems.count < Self.mostProblems, !problems.contains(problem) { problems.append(problem) }
            return
        }
        let reason =
            switch finding {
            case .markup(let fault): fault.reason
            case .characters(let names): TemplateError.lacking(names)
            }
        let own = ofPDF ? template.texts.fileName + ".pdf.md" : nil
        let file = origin.partial.map { "_\($0)\(textKind.rawValue)" } ?? own
        let fault = TemplateError(template: template.name, file: file, line: origin.line, reason: reason)
        if !faults.contains(fault) { faults.append(fault) }
    }

    /// Where characters stand, those of one stretch together.
    private static func places(
        of characters: [PDFUnsupportedCharacter], in body: [UInt8], stretches: [Origin]
    ) -> [(offset: Int, names: [String])] {
        var found: [Int: (offset: Int, names: [String])] = [:]
        for character in characters {
            let bytes = Array(String(character.character).utf8)
            let ranges = body.ranges(of: bytes)
            for range in ranges.isEmpty ? body.ranges(of: character.character.firstSpecial) : ranges {
                let stretch = Origin.of(range.lowerBound, in: stretches)?.offset ?? 0
                if found[stretch]?.names.contains(character.description) == true { continue }
                found[stretch, default: (range.lowerBound, [])].names.append(character.description)
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The lines in the margins show values too.
    private mutating func checkLines(_ family: PDFFontFamily) {
        let lines = zip(expansion.header + expansion.footer, template.texts.header + template.texts.footer)
        for (line, text) in lines {
            let unsupported = PDFUnsupportedCharacter.all(in: line, family: family)
            if unsupported.isEmpty { continue }
            let (bytes, origins) = expansion.origins(ofLine: text)
            let first = Array(unsupported.prefix(Self.mostCharacters))
            for (offset, names) in Self.places(of: first, in: bytes, stretches: origins) {
                report(offset, in: origins, .characters(names), ofPDF: false, kind: .text)
            }
        }
    }
}

extension PDFFontFamily {
    /// The characters of a letter that no font of the family has, each once.
    func unsupported(in letter: Letter) -> [PDFUnsupportedCharacter] {
        var found: [PDFUnsupportedCharacter] = []
        var seen: Set<PDFUnsupportedCharacter> = []
        letter.text.withUnsafeBufferPointer { text in
            for run in letter.runs {
                let characters = unsupported(
                    in: UnsafeBufferPointer(rebasing: text[run.text]), emphasis: PDFEmphasis(run))
                if characters.isEmpty { continue }
                for character in characters where seen.insert(character).inserted { found.append(character) }
            }
        }
        return found
    }
}

extension Character {
    /// Its first scalar that is not ASCII, as UTF-8: markup between the scalars of a character is not in the letter, but
    /// between them in the source.
    var firstSpecial: [UInt8] {
        unicodeScalars.first { !$0.isASCII }.map { Array(String($0).utf8) } ?? Array(String(self).utf8)
    }
}

extension PDFEmphasis {
    init(_ run: LetterRun) {
        self = run.isStrong ? .bold : []
        if run.isEmphasized { insert(.italic) }
    }
}

extension MarkupFault {
    /// Whether it is about where a link leads.
    var isAboutLink: Bool {
        switch kind {
        case .unsafeLink, .emptyLink: true
        default: false
        }
    }
}
