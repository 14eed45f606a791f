/// A PDF made of paragraphs that flow over pages, for letters and the like (ISO 32000-1, PDF 1.4).
///
///     var pdf = PDFDocument(PDFProperties(title: "Attestation", language: "fr", created: date))
///     pdf.addHeading("Attestation")
///     pdf.addParagraph("Je soussignée certifie …")
///     let bytes = try pdf.finish()
///
/// Text is set in the standard 14 fonts or in fonts that are embedded, by their own metrics and kerning. The same calls
/// give the same octets.
/// Nothing throws before `finish`, which then reports every character that the fonts lack.
public struct PDFDocument: Sendable {
    private let properties: PDFProperties
    private let left: Int
    private let measure: Int
    private var flow: PageFlow
    private var block = Block()
    private var paragraph = PDFParagraphStyle.body
    private var unsupported: [PDFUnsupportedCharacter] = []
    private var fault: PDFError?

    /// Begins a document.
    ///
    /// - Parameters:
    ///   - properties: what the document says about itself, and its pages.
    ///   - compressor: makes the document's streams smaller; nil leaves them as they are.
    public init(_ properties: PDFProperties, compressor: PDFCompressor? = nil) {
        self.properties = properties
        let margins = properties.margins
        left = Self.thousandths(margins.left)
        measure = Self.thousandths(properties.page.width - margins.left - margins.right)
        let top = Self.thousandths(properties.page.height - margins.top)
        let bottom = Self.thousandths(margins.bottom)
        flow = PageFlow(top: top, bottom: bottom, compressor: compressor)
        let lengths = [
            properties.page.width, properties.page.height, margins.top, margins.right, margins.bottom, margins.left,
        ]
        if !lengths.allSatisfy({ $0 >= 0 && $0 <= 14_400 }) || measure < 1_000 || top - bottom < 1_000 {
            fault = .invalidMeasure("The margins leave no room for text on the page, or a size is not a number.")
        }
    }

    /// Adds a paragraph of one emphasis.
    ///
    /// - Parameters:
    ///   - text: the paragraph; a line feed in it breaks the line.
    ///   - style: how it is set.
    ///   - marker: a bullet or number, set at the left of the paragraph's indent.
    public mutating func addParagraph(_ text: String, style: PDFParagraphStyle = .body, marker: String? = nil) {
        addParagraph([PDFTextRun(text)], style: style, marker: marker)
    }

    /// Adds a paragraph of several runs.
    ///
    /// - Parameters:
    ///   - runs: the paragraph, in pieces of one look each; a line feed in them breaks the line.
    ///   - style: how it is set.
    ///   - marker: a bullet or number, set at the left of the paragraph's indent.
    public mutating func addParagraph(_ runs: [PDFTextRun], style: PDFParagraphStyle = .body, marker: String? = nil) {
        beginParagraph(style, marker: marker)
        for run in runs {
            var text = run.text
            text.withUTF8 { append($0, emphasis: run.emphasis, link: run.link) }
        }
        endParagraph()
    }

    /// Adds a heading of level 1 to 3.
    public mutating func addHeading(_ text: String, level: Int = 1, family: PDFFontFamily = .helvetica) {
        addParagraph(text, style: .heading(level, family: family))
    }

    /// Adds a horizontal line.
    ///
    /// - Parameters:
    ///   - width: its length in points; nil for the width of the text.
    ///   - thickness: in points.
    ///   - color: of the line.
    ///   - spaceBefore: empty above it, in points; of this and the paragraph's before it, the larger counts.
    ///   - spaceAfter: empty below it, in points.
    public mutating func addRule(
        width: Double? = nil, thickness: Double = 0.75, color: PDFColor = .grey, spaceBefore: Double = 10,
        spaceAfter: Double = 10
    ) {
        guard fault == nil else { return }
        let length = width.map { min(max(0, Self.thousandths($0)), measure) } ?? measure
        flow.putRule(
            x: left, width: length, thickness: max(0, Self.thousandths(thickness)), color: color,
            spaceBefore: max(0, Self.thousandths(spaceBefore)), spaceAfter: max(0, Self.thousandths(spaceAfter)))
    }

    /// Leaves a stretch empty, in points.
    public mutating func addSpace(_ height: Double) {
        guard fault == nil else { return }
        flow.putSpace(Self.thousandths(height))
    }

    /// Ends the page.
    public mutating func breakPage() {
        guard fault == nil else { return }
        flow.breakPage()
    }

    /// The file.
    ///
    /// - Throws: `PDFError` with every character that the fonts lack, naming the size that is impossible, or saying
    ///   why the compressor failed.
    public consuming func finish() throws(PDFError) -> [UInt8] { try finishInPlace() }

    /// The file, made where the document stands, so that none of it is copied; nothing may be added afterwards.
    package mutating func finishInPlace() throws(PDFError) -> [UInt8] {
        if let fault { throw fault }
        let footers = properties.footer.map { PageFooter(text: $0, left: left, measure: measure) }
        if let footers { report(footers.unsupported) }
        if !unsupported.isEmpty { throw .unsupported(unsupported) }
        flow.finishPages(
            width: Self.thousandths(properties.page.width), height: Self.thousandths(properties.page.height)
        ) { page, pages in footers?.block(page: page, of: pages) }
        flow.writeCatalog(properties)
        if let fault = flow.file.fault { throw fault }
        return flow.file.bytes
    }

    /// Begins a paragraph, to which `append` adds its runs and which `endParagraph` ends.
    package mutating func beginParagraph(_ style: PDFParagraphStyle, marker: String? = nil) {
        block.clear()
        paragraph = style
        let size = Self.thousandths(style.size)
        let leading = style.leading.map(Self.thousandths) ?? size * 27 / 20
        let indent = Self.thousandths(style.leftIndent)
        block.style = BlockStyle(
            size: size, leading: leading, alignment: style.alignment, color: style.color,
            spaceBefore: Self.thousandths(style.spaceBefore), spaceAfter: Self.thousandths(style.spaceAfter),
            left: left + indent, width: measure - indent - Self.thousandths(style.rightIndent),
            isKerned: style.kerning, keepsTogether: style.keepsTogether)
        if size < 1 || leading < 1 || block.style.width < 1 {
            fault = fault ?? .invalidMeasure("A paragraph's type size, leading or width is not above zero.")
        }
        guard let marker else { return }
        let faces = style.family.chain(for: style.emphasis)
        block.marker.append(marker, faces: faces)
        if block.marker.isUnsupported { report(PDFUnsupportedCharacter.all(in: marker, faces: faces)) }
    }

    /// Adds a run, given as UTF-8.
    package mutating func append(_ utf8: UnsafeBufferPointer<UInt8>, emphasis: PDFEmphasis, link: String?) {
        let emphasis = paragraph.emphasis.union(emphasis)
        if paragraph.family.lacks(emphasis) { fault = fault ?? .missingFace(of: paragraph.family, for: emphasis) }
        let faces = paragraph.family.chain(for: emphasis)
        block.text.append(utf8, faces: faces, link: link)
        if block.text.isUnsupported {
            block.text.isUnsupported = false
            report(PDFUnsupportedCharacter.all(in: String(decoding: utf8, as: UTF8.self), faces: faces))
        }
    }

    /// Puts the paragraph onto the page.
    package mutating func endParagraph() {
        guard fault == nil else { return }
        LineBreaker.breakLines(of: &block)
        if paragraph.keepsWithNext { flow.hold(block) } else { flow.put(block) }
    }

    private mutating func report(_ characters: [PDFUnsupportedCharacter]) {
        for character in characters where !unsupported.contains(character) { unsupported.append(character) }
    }

    /// A length in whole thousandths of a point; what is no number, or beyond any page, counts as nothing.
    private static func thousandths(_ points: Double) -> Int {
        abs(points) <= 100_000 ? Int((points * 1_000).rounded()) : 0
    }
}
