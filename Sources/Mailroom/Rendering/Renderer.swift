/// An adapter that turns a document into a letter.
///
/// Rendering happens in the worker and is a pure function of the document: the same document and template version
/// give the same bytes, on any machine, at any time.
public protocol Renderer: Adapter {
    /// Called at submit, in the request: the template is known and the values are complete and printable.
    /// Answers the template's version, which is kept with the job.
    func check(_ document: Document) throws(RenderError) -> TemplateVersion

    /// Renders the letter.
    ///
    /// A document whose ``Document/version`` this renderer does not have is refused with
    /// ``RenderError/Code/versionUnavailable``, never rendered from another edition.
    func render(_ document: Document) async throws(RenderError) -> RenderedDocument
}
