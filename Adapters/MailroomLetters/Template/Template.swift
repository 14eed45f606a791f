public import Mailroom

/// A letter with places for values: one file, from which come a plain text, an HTML mail and a PDF.
///
/// The file begins with its *front matter*, `key: value` lines between two lines of `---`:
///
///     ---
///     name: volunteer-letter            the name documents ask for; without it, the file's name
///     subject: Attestation — {{club}}   required
///     from: Le club <club@example.org>  offered as Template.from; the renderer itself does not use it
///     language: fr                      BCP 47
///     attachment: {{last_name}}.pdf     the letter is attached as a PDF of this name; without it there is no PDF
///     title: Attestation                of HTML and PDF; without it, the subject
///     page: a4                          or letter
///     font: times                       or helvetica, courier
///     align: justified                  or left
///     color: #7a1f2b                    of headings, rules and the letterhead
///     footer: {page}/{pages}            in the margin of every page of the PDF
///     ---
///
/// The body is a part of CommonMark: headings `#` to `###`, paragraphs, `**strong**`, `*emphasis*`,
/// `[text](https://…)`, `<https://…>`, lists (`- ` or `1. `, one level), a rule (`---` or `***`), a hard line break
/// (a backslash or two blanks at a line's end) and a backslash before punctuation to take it literally.
/// HTML has no meaning and shows as it stands. Parts of a letter are fenced, and keep their lines:
///
///     ::: address
///     {{name}}
///     {{street}}
///     :::
///
/// The parts are `letterhead` (at the top, with a rule below), `address` (in the right half, where a window envelope
/// shows it), `right`, `center`, `signature` (in the right half, never parted) and `small`.
///
/// Values are put in as Mustache does: `{{name}}`, `{{person.name}}`, sections `{{#x}}…{{/x}}` that repeat over a
/// list, enter an object or depend on a condition, their contrary `{{^x}}…{{/x}}`, `{{.}}` for the item itself and
/// comments `{{! … }}`. A section's tags alone on a line enclose whole paragraphs. An absent value, an empty text or
/// list and a false flag leave a section out; for `{{name}}` the value must be there. Values are text: neither markup
/// nor HTML in them has an effect, and a line break in one is a line break.
public struct Template: Sendable {
    /// The name that documents ask for.
    public let name: String
    /// The author the file suggests, as `Name <address>`.
    public let from: String?
    /// The language of the text, as BCP 47 has it.
    public let language: String?
    /// The edition: the digest of the file.
    public let version: TemplateVersion

    let frontMatter: FrontMatter
    let blocks: [Block]
    let frame: HTMLFrame

    /// Reads a template.
    ///
    /// - Parameters:
    ///   - source: the file's bytes, UTF-8.
    ///   - name: the name where the front matter has none.
    public init(source: [UInt8], name: String = "template") throws(TemplateError) {
        var known = name
        do throws(TemplateFault) {
            guard let text = String(validating: source, as: UTF8.self) else {
                throw TemplateFault(line: 1, reason: "the file is not UTF-8; save it as UTF-8.")
            }
            let lines = SourceLine.lines(of: text)
            let (frontMatter, body) = try FrontMatter.read(lines)
            known = frontMatter.name ?? name
            var parser = BlockParser(lines: body)
            blocks = try parser.parse()
            self.frontMatter = frontMatter
        } catch {
            throw TemplateError(template: known, line: error.line, reason: error.reason)
        }
        self.name = known
        from = frontMatter.from
        language = frontMatter.language
        version = TemplateVersion(of: source)
        frame = HTMLFrame(frontMatter)
        if frontMatter.attachment != nil, let fault = UnprintableText.firstFault(in: blocks) {
            throw TemplateError(template: known, line: fault.line, reason: fault.reason)
        }
    }
}
