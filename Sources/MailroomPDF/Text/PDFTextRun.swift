/// A stretch of text of one emphasis, part of a paragraph.
public struct PDFTextRun: Sendable, Hashable {
    /// The characters. `\n` breaks the line; a no-break space never does; a soft hyphen shows only where a line ends.
    public var text: String
    /// What is added to the emphasis of the paragraph.
    public var emphasis: PDFEmphasis
    /// The address that a click on the run opens, such as `https://example.org/` or `mailto:a@example.org`.
    /// What is not ASCII is percent-encoded.
    public var link: String?

    /// Makes a run.
    public init(_ text: String, emphasis: PDFEmphasis = [], link: String? = nil) {
        self.text = text
        self.emphasis = emphasis
        self.link = link
    }
}
