public import Mailroom
import MailroomMIME
public import MailroomPDF

/// A renderer that makes letters of ``Template``s: plain text, HTML mail, and a PDF where the template names one.
///
///     let renderer = LetterRenderer(folder: "Templates")
///
/// Templates are read and parsed once, when the renderer is made. Rendering touches no file and no clock: what comes
/// out depends on the document and the template alone.
public struct LetterRenderer: Renderer {
    let templates: [String: Template]
    private let problems: [ConfigurationProblem]
    private let compressor: PDFCompressor?

    /// A renderer of these templates; of two with the same name neither is used, and building the pipeline says so.
    ///
    /// - Parameters:
    ///   - templates: the templates, each with a name of its own.
    ///   - compressor: makes the PDF's streams smaller; nil leaves them as they are. The same content must give the
    ///     same output on every worker.
    public init(templates: [Template], compressor: PDFCompressor? = nil) {
        self.init(templates, problems: [], compressor: compressor)
    }

    /// A renderer of all templates (`*.md`) of a folder, read now.
    ///
    /// What cannot be read is reported when the pipeline is built, every file with its reason; the others work.
    public init(folder: String, compressor: PDFCompressor? = nil) {
        let (templates, problems) = TemplateFolder.read(folder)
        self.init(templates, problems: problems, compressor: compressor)
    }

    private init(
        _ read: [Template], problems: [ConfigurationProblem], compressor: PDFCompressor?
    ) {
        let named = Dictionary(grouping: read, by: \.name)
        templates = named.compactMapValues { $0.count == 1 ? $0[0] : nil }
        let twins = named.filter { $0.value.count > 1 }.keys.sorted().map {
            ConfigurationProblem("letters", "two templates are named “\($0)”; give one of them another name.")
        }
        self.problems = problems + twins
        self.compressor = compressor
    }

    /// The templates that could not be read, or have the name of another.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] { problems }

    /// Refuses what could not be rendered: an unknown template (naming the nearest), values that are missing or no
    /// text, characters that cannot be printed, line breaks in what reaches a header. All faults come in one error.
    public func check(_ document: Document) throws(RenderError) -> TemplateVersion {
        let template = try template(of: document)
        let faults = Filler.problems(of: document, in: template)
        if let error = ValueProblem.error(faults, in: template.name) { throw error }
        return template.version
    }

    /// The letter. Its PDF is dated, in UTC, with the document's date.
    public func render(_ document: Document) async throws(RenderError) -> RenderedDocument {
        let template = try template(of: document)
        if let wanted = document.version, wanted != template.version {
            throw RenderError(
                .versionUnavailable,
                "The letter was submitted with edition \(wanted) of template “\(template.name)”; this worker has "
                    + "\(template.version). Start a worker that has it, or retry the job to use this one.")
        }
        let (letter, faults) = Filler.fill(template, with: document)
        if let error = ValueProblem.error(faults, in: template.name) { throw error }
        var attachments: [MIMEPart] = []
        if let fileName = letter.attachment {
            do throws(PDFError) {
                let bytes = try PDFWriter.write(
                    letter, template: template, date: document.date, compressor: compressor)
                attachments.append(MIMEPart(fileName: fileName, mediaType: .pdf, bytes: bytes))
            } catch {
                throw RenderError(.invalidValues, "Template “\(template.name)”: \(error.description)")
            }
        }
        return RenderedDocument(
            subject: letter.subject, text: TextWriter.write(letter),
            html: HTMLWriter.write(letter, template: template), attachments: attachments)
    }

    private func template(of document: Document) throws(RenderError) -> Template {
        if let template = templates[document.template] { return template }
        let near = NearestName.find(document.template, among: Array(templates.keys))
        let advice =
            near.map { "Did you mean “\($0)”?" }
            ?? (templates.isEmpty ? "There are no templates at all." : "There are: \(names).")
        throw RenderError(.unknownTemplate, "There is no template “\(document.template)”. \(advice)")
    }

    private var names: String { templates.keys.sorted().joined(separator: ", ") }
}
