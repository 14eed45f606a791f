/// What a document says about itself, apart from its text.
public struct PDFProperties: Sendable, Hashable {
    /// The title, shown by viewers in the window's title.
    public var title: String
    /// Who wrote it.
    public var author: String?
    /// The language of the text as a BCP 47 tag, such as `fr` or `en-GB`; screen readers need it.
    public var language: String?
    /// When it was made.
    public var created: PDFDate
    /// The size of every page.
    public var page: PDFPageSize
    /// The margins of every page.
    public var margins: PDFMargins
    /// A line below the text of every page, `{page}` and `{pages}` standing for the numbers; nil for none.
    public var footer: String?

    /// Describes a document.
    public init(
        title: String, author: String? = nil, language: String? = nil, created: PDFDate,
        page: PDFPageSize = .a4, margins: PDFMargins = .letter, footer: String? = nil
    ) {
        self.title = title
        self.author = author
        self.language = language
        self.created = created
        self.page = page
        self.margins = margins
        self.footer = footer
    }
}
