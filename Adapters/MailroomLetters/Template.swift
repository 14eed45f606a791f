public import Mailroom

/// A letter with places for values: one file, from which come a plain text, an HTML mail and a PDF.
///
/// The file begins with its *front matter*, `key: value` lines between two lines of `---`; the body is markup:
///
///     ---
///     subject: Attestation – {{club}}
///     language: fr
///     attachment: {{last_name}}.pdf
///     ---
///
///     ::: address
///     {{name}}
///     {{street}}
///     :::
///
///     Le comité de {{club}} certifie que **{{name}}** …
///
/// The article on letters has all keys, parts and markup. Values are put in as Mustache does; they are text, so that
/// neither markup nor HTML in them has an effect, and a line break in one is a line break.
public struct Template: Sendable {
    /// The name that documents ask for.
    public let name: String
    /// The author the file suggests, as `Name <address>`.
    public let from: String?
    /// The language of the text, as BCP 47 has it.
    public let language: String?
    /// The edition: the digest of the file, and of every other file that it uses.
    public let version: TemplateVersion

    let texts: TemplateTexts
    let look: HTMLLook
    let placement: LetterPlacement
    /// How PDFs are set; nil where there is none.
    let setting: PDFSetting?
    /// The pictures shown, by their paths.
    let pictures: [String: TemplatePicture]
    /// Values that show every section once, each being its own name, or what its place needs.
    private(set) var sampleValues: [String: Document.Value]

    /// Reads a template and the files it uses.
    ///
    /// - Parameters:
    ///   - source: the file's bytes, UTF-8.
    ///   - name: the name where the front matter has none, and that of the files beside it.
    ///   - files: where its partials, fonts and images are.
    /// - Throws: the first fault found.
    public init(
        source: [UInt8], name: String = "template", files: TemplateFiles = TemplateFiles([:])
    ) throws(TemplateError) {
        do throws(TemplateErrors) {
            self = try TemplateCompiler.compile(source, name: name, reader: TemplateReader(files))
        } catch { throw error.all[0] }
    }

    init(
        name: String, front: FrontMatter, texts: TemplateTexts, setting: PDFSetting?,
        pictures: [String: TemplatePicture], version: TemplateVersion
    ) {
        self.name = name
        self.texts = texts
        self.setting = setting
        self.pictures = pictures
        self.version = version
        from = front.from
        language = front.language
        placement = front.format.format.placement
        look = HTMLLook(language: front.language, color: front.color, fonts: front.fonts.css, placement: placement)
        sampleValues = texts.sampleValues
        let sample = LetterCheck(self, Document(template: name, values: sampleValues))
        for problem in sample.problems where problem.kind == .unsafeLink {
            if let name = problem.key.path.last { sampleValues.linkSample(name) }
        }
    }
}
