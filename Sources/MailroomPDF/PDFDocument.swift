/// A PDF of paragraphs, tables and images that flow over pages, for letters and the like (ISO 32000-1).
///
///     var pdf = PDFDocument(PDFProperties(title: "Attestation", language: "fr", created: date))
///     pdf.addHeading("Attestation")
///     pdf.addParagraph("Je soussignée certifie …")
///     let bytes = try pdf.finish()
///
/// The file is PDF 1.4; a compressed one is PDF 1.5, whose objects are compressed too, unless PDF/A says otherwise.
/// Text is set in the standard 14 fonts or in fonts that are embedded, by their own metrics and kerning. The same calls
/// give the same octets.
/// Nothing throws before `finish`, which then reports every character that the fonts lack.
public struct PDFDocument: Sendable {
    let properties: PDFProperties
    /// The column being filled, in thousandths of a point, and those around it.
    var left: Int
    var measure: Int
    var columns: [(left: Int, measure: Int)] = []
    var flow: PageFlow
    var block = Block()
    private var paragraph = PDFParagraphStyle.body
    private var unsupported: [PDFUnsupportedCharacter] = []
    /// The same, to be found quickly.
    private var reported: Set<PDFUnsupportedCharacter> = []
    var fault: PDFError?

    /// Begins a document.
    ///
    /// - Parameters:
    ///   - properties: what the document says about itself, and its pages.
    ///   - compressor: makes the document's streams smaller; nil leaves them as they are.
    public init(_ properties: PDFProperties, compressor: PDFCompressor? = nil) {
        self.properties = properties
        let sheet = Sheet(properties)
        left = sheet.left
        measure = sheet.measure
        flow = PageFlow(sheet, compressor: compressor, conformance: properties.conformance)
        fault = Sheet.fault(of: properties)
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
        append(runs)
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
        let length = width.map { min(max(0, thousandths($0)), measure) } ?? measure
        let rule = FlowItem.Rule(
            x: left, width: length, thickness: max(0, thousandths(thickness)), color: color,
            spaceBefore: max(0, thousandths(spaceBefore)), spaceAfter: max(0, thousandths(spaceAfter)))
        flow.put(.rule(rule))
    }

    /// Leaves a stretch empty, in points.
    public mutating func addSpace(_ height: Double) {
        guard fault == nil else { return }
        flow.put(.space(max(0, thousandths(height))))
    }

    /// Ends the page.
    public mutating func breakPage() {
        guard fault == nil else { return }
        flow.breakPage()
    }

    /// The file.
    ///
    /// - Throws: `PDFError` with every character that the fonts lack, naming the size that is impossible or the frame
    ///   that is too small, or saying why the compressor failed.
    public consuming func finish() throws(PDFError) -> [UInt8] { try finishInPlace() }

    /// The file, made where the document stands, so that none of it is copied; nothing may be added afterwards.
    package mutating func finishInPlace() throws(PDFError) -> [UInt8] {
        if let fault { throw fault }
        var lines: RunningLines?
        if properties.header != nil || properties.footer != nil {
            lines = RunningLines(header: properties.header, footer: properties.footer, on: flow.sheet)
        }
        if let lines { report(lines.unsupported) }
        if !unsupported.isEmpty { throw .unsupported(unsupported) }
        flow.finishPages(&lines)
        if let fault = flow.overflow ?? lines?.fault { throw fault }
        try flow.writeCatalog(properties)
        if let fault = flow.file.fault { throw fault }
        return flow.file.bytes
    }

    /// Begins a paragraph, to which `append` adds its runs and which `endParagraph` ends.
    package mutating func beginParagraph(_ style: PDFParagraphStyle, marker: String? = nil) {
        block.clear()
        paragraph = style
        let size = thousandths(style.size)
        let leading = style.leading.map(thousandths) ?? size * 27 / 20
        let indent = thousandths(style.leftIndent)
        block.style = BlockStyle(
            size: size, leading: leading, alignment: style.alignment, color: style.color,
            spaceBefore: max(0, thousandths(style.spaceBefore)), spaceAfter: max(0, thousandths(style.spaceAfter)),
            left: left + indent, width: measure - indent - thousandths(style.rightIndent),
            isKerned: style.kerning, keepsTogether: style.keepsTogether)
        if size < 1 || leading < 1 || block.style.width < 1 {
            fault = fault ?? .invalidMeasure("A paragraph's type size, leading or width is not above zero.")
        }
        if leading > flow.sheet.textHeight {
            fault = fault ?? .invalidMeasure("A line is higher than the text of a page; make its leading smaller.")
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
        breakLines()
        flow.put(block, keepsWithNext: paragraph.keepsWithNext)
    }

    mutating func append(_ runs: [PDFTextRun]) {
        for run in runs {
            var text = run.text
            text.withUTF8 { append($0, emphasis: run.emphasis, link: run.link) }
        }
    }

    mutating func breakLines() {
        if fault == nil { LineBreaker.breakLines(of: &block) }
    }

    private mutating func report(_ characters: [PDFUnsupportedCharacter]) {
        for character in characters where reported.insert(character).inserted { unsupported.append(character) }
    }
}
