public import Mailroom
import MailroomMIME
import MailroomPDF

/// A renderer that makes letters of ``Template``s: plain text, HTML mail, and a PDF where the template names one.
///
///     let renderer = LetterRenderer(folder: "Templates")
///
/// Templates and the files they use are read once, when the renderer is made, unless it reloads them. Rendering touches
/// no clock, and no system's language or time zone: what comes out depends on the document and the template alone.
public struct LetterRenderer: Renderer {
    let shelf: TemplateShelf

    /// A renderer of these templates; of two with the same name neither is used, and building the pipeline says so.
    public init(templates: [Template]) { shelf = TemplateShelf(TemplateShelf.Contents(templates)) }

    /// A renderer of all templates (`*.md`) of a folder, read now.
    ///
    /// What is wrong with them is reported when the pipeline is built, every fault with its file and line; the other
    /// templates work.
    ///
    /// - Parameters:
    ///   - folder: the folder's path.
    ///   - reloads: for writing templates: whether files are looked at before every check and rendering, and read again
    ///     where one has changed. A letter submitted with an edition that is gone is then not rendered.
    public init(folder: String, reloads: Bool = false) {
        self.init(files: TemplateFiles(folder: folder), reloads: reloads)
    }

    /// A renderer of all templates of a folder, or of files compiled into the program.
    public init(files: TemplateFiles, reloads: Bool = false) { shelf = TemplateShelf(files, reloads: reloads) }

    /// What is wrong with the templates, every fault with its file and line.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        shelf.contents.configurationProblems
    }

    /// Refuses what could not be rendered: an unknown template (naming the nearest), values that are missing or do not
    /// fit, characters that cannot be printed, line breaks in what reaches a header. All faults come in one error.
    public func check(_ document: Document) throws(RenderError) -> TemplateVersion {
        let template = try template(of: document)
        if let error = LetterCheck(template, document).error { throw error }
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
        return try LetterWriting(template, document).rendered()
    }

    private func template(of document: Document) throws(RenderError) -> Template {
        let contents = shelf.contents
        if let template = contents.templates[document.template] { return template }
        if let faults = contents.faults[document.template] {
            throw RenderError(.invalidTemplate, faults.map(\.description).joined(separator: " "))
        }
        let names = contents.templates.keys.sorted()
        let advice =
            NearestName.find(document.template.shortened, among: names).map { "Did you mean “\($0)”?" }
            ?? (names.isEmpty ? "There are no templates at all." : "There are: \(names.joined(separator: ", ")).")
        throw RenderError(.unknownTemplate, "There is no template “\(document.template.shortened)”. \(advice)")
    }
}
