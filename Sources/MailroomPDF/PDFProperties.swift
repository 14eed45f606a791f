/// What a document says about itself, apart from its text.
public struct PDFProperties: Sendable, Hashable {
    /// The title, shown by viewers in the window's title.
    public var title: String
    /// Who wrote it.
    public var author: String?
    /// What it is about, in a sentence.
    public var subject: String?
    /// Words to find it by.
    public var keywords: [String]
    /// The language of the text as a BCP 47 tag, such as `fr` or `en-GB`; screen readers need it.
    public var language: String?
    /// When it was made.
    public var created: PDFDate
    /// The size of every page.
    public var page: PDFPageSize
    /// The margins of every page.
    public var margins: PDFMargins
    /// From the upper edge of the first page to its text, in points, where that is not the upper margin.
    public var firstPageTop: Double?
    /// From the lower edge of the first page to its text, in points, where that is not the lower margin.
    public var firstPageBottom: Double?
    /// What stands in the upper margin of the pages; nil for nothing.
    public var header: PDFRunningLine?
    /// What stands in the lower margin of the pages; nil for nothing.
    public var footer: PDFRunningLine?
    /// The standard for archives that the document keeps to; nil for none.
    public var conformance: PDFConformance?

    /// Describes a document.
    public init(
        title: String, author: String? = nil, subject: String? = nil, keywords: [String] = [],
        language: String? = nil, created: PDFDate, page: PDFPageSize = .a4, margins: PDFMargins = .letter,
        firstPageTop: Double? = nil, firstPageBottom: Double? = nil, header: PDFRunningLine? = nil,
        footer: PDFRunningLine? = nil, conformance: PDFConformance? = nil
    ) {
        self.title = title
        self.author = author
        self.subject = subject
        self.keywords = keywords
        self.language = language
        self.created = created
        self.page = page
        self.margins = margins
        self.firstPageTop = firstPageTop
        self.firstPageBottom = firstPageBottom
        self.header = header
        self.footer = footer
        self.conformance = conformance
    }
}
