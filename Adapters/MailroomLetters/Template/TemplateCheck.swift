import Mailroom
import MailroomPDF

/// Finds what is wrong with a template before any letter is made of it: in its own words, and by setting a letter of
/// sample values.
struct TemplateCheck {
    private(set) var errors: [TemplateError] = []
    private let template: Template

    init(_ template: Template, own: [OwnText]) {
        self.template = template
        if let family = template.setting?.family {
            for text in own { report(family.unsupported(in: text.letter), of: text) }
            for line in template.texts.header + template.texts.footer {
                let text = OwnText(line, file: nil)
                report(PDFUnsupportedCharacter.all(in: text.string, family: family), of: text)
            }
        }
        guard errors.isEmpty else { return }
        checkSample()
    }

    private mutating func report(_ unsupported: [PDFUnsupportedCharacter], of text: OwnText) {
        // In the template's order, each line once.
        let lines = Dictionary(grouping: unsupported) { text.line(of: $0.character) ?? 1 }
        for (line, characters) in lines.sorted(by: { $0.key < $1.key }) {
            add(TemplateError.lacking(characters.map(\.description)), line: line, in: text.file)
        }
    }

    private mutating func checkSample() {
        let document = Document(template: template.name, values: template.sampleValues)
        let check = LetterCheck(template, document)
        errors += check.faults
        for problem in check.problems {
            switch problem.kind {
            case .exceeds, .unknownPartial:
                if let sentence = problem.sentence {
                    add("\(sentence).", line: problem.key.line, in: problem.partial.map { "_\($0).md" })
                }
            default: break
            }
        }
        guard errors.isEmpty, template.setting != nil else { return }
        do throws(PDFError) { _ = try LetterWriting(template, document).pdf() } catch {
            // A sample value is not what a letter will have: its characters prove nothing.
            if error.code != .unsupportedCharacters {
                add(error.reason(in: template.setting?.format), line: 1, in: nil)
            }
        }
    }

    private mutating func add(_ reason: String, line: Int, in file: String?) {
        errors.append(TemplateError(template: template.name, file: file, line: line, reason: reason))
    }
}
