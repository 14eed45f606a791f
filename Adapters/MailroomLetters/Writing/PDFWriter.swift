import MailroomPDF

/// Writes a letter as a PDF: first what the format puts at places of its own, then the rest as it comes.
///
/// What is too long for its place is set in smaller type, as far as it can be read then.
struct PDFWriter {
    /// What type is made smaller by, step by step, where an area is too small.
    private static let scales = [0.93, 0.86, 0.8, 0.74]

    private let letter: Letter
    private let setting: PDFSetting
    private let pictures: [String: TemplatePicture]
    private let styles: PDFStyles
    private var document: PDFDocument
    /// By area; empty for all as they are.
    private var scales: [Double] = []

    static func write(
        _ letter: Letter, _ setting: PDFSetting, pictures: [String: TemplatePicture], properties: PDFProperties
    ) throws(PDFError) -> [UInt8] {
        try fitting(letter, setting, pictures, properties) { writer in
            writer.writeAreas()
            writer.writeText()
        }
    }

    /// Sets only what the format puts at places of its own.
    ///
    /// - Throws: what `write` would throw for it, such as a text that does not fit its place.
    static func checkAreas(
        of letter: Letter, _ setting: PDFSetting, pictures: [String: TemplatePicture]
    ) throws(PDFError) {
        let properties = PDFProperties(
            title: "", created: PDFDate(secondsSince1970: 0), page: setting.page, margins: setting.format.margins)
        _ = try fitting(letter, setting, pictures, properties) { $0.writeAreas() }
    }

    /// Writes again in smaller type while an area is too small.
    private static func fitting(
        _ letter: Letter, _ setting: PDFSetting, _ pictures: [String: TemplatePicture], _ properties: PDFProperties,
        _ write: (inout PDFWriter) -> Void
    ) throws(PDFError) -> [UInt8] {
        var scales: [Double] = []
        while true {
            var writer = PDFWriter(letter, setting, pictures, properties)
            writer.scales = scales
            write(&writer)
            do throws(PDFError) {
                return try writer.document.finishInPlace()
            } catch {
                guard let area = setting.format.areas.firstIndex(where: { $0.frame == error.frame }) else {
                    throw error
                }
                if scales.isEmpty { scales = setting.format.areas.map { _ in 1 } }
                guard let smaller = Self.scales.first(where: { $0 < scales[area] }) else { throw error }
                scales[area] = smaller
            }
        }
    }

    private init(
        _ letter: Letter, _ setting: PDFSetting, _ pictures: [String: TemplatePicture], _ properties: PDFProperties
    ) {
        self.letter = letter
        self.setting = setting
        self.pictures = pictures
        styles = PDFStyles(setting)
        document = PDFDocument(properties, compressor: setting.compressor)
    }

    /// The parts that stand in rectangles of the first page, and the marks at its edge.
    private mutating func writeAreas() {
        for mark in setting.format.marks {
            document.addMark(x: LetterFormat.markLeft, y: mark.y, length: mark.length)
        }
        for (number, area) in setting.format.areas.enumerated() {
            let scale = scales.isEmpty ? 1 : scales[number]
            let passages = letter.passages.indices.filter { index in
                letter.passages[index].part.map(area.parts.contains) ?? false
            }
            guard !passages.isEmpty else { continue }
            document.beginFrame(area.frame)
            for (place, index) in passages.enumerated() {
                let isLast = place + 1 == passages.count
                let isLastOfPart = isLast || letter.passages[passages[place + 1]].part != letter.passages[index].part
                let style = styles.style(of: letter.passages[index], in: area, isLast: isLastOfPart, scale)
                write(letter.passages[index], style)
                if isLastOfPart && letter.passages[index].part == .letterhead {
                    document.addRule(thickness: 1, color: setting.accent, spaceBefore: 8, spaceAfter: isLast ? 0 : 6)
                }
            }
            document.endFrame()
        }
    }

    /// The other passages, from the top of the text on.
    private mutating func writeText() {
        var previous: LetterPart?
        var isFirst = true
        for index in letter.passages.indices {
            let passage = letter.passages[index]
            if let part = passage.part, setting.format.places(part) { continue }
            let next = index + 1 < letter.passages.count ? letter.passages[index + 1] : nil
            let begins = isFirst || passage.part != previous
            let ends = next?.part != passage.part
            if begins && passage.part == .signature { document.beginGroup() }
            write(passage, styles.style(of: passage, isFirst: begins, isLast: ends, next: next))
            if ends && passage.part == .letterhead {
                document.addRule(thickness: 1, color: setting.accent, spaceBefore: 8, spaceAfter: 28)
            }
            if ends && passage.part == .signature { document.endGroup() }
            previous = passage.part
            isFirst = false
        }
    }

    private mutating func write(_ passage: LetterPassage, _ style: PDFParagraphStyle) {
        switch passage.kind {
        case .paragraph, .heading, .gap: add(passage.runs, style)
        case .item(let item): add(passage.runs, style, marker: styles.marker(of: item))
        case .rule: document.addRule(color: setting.accent, spaceBefore: setting.size, spaceAfter: setting.size)
        case .pageBreak: document.breakPage()
        case .image(let index): add(letter.images[index], style)
        case .table(let index): document.addTable(table(letter.tables[index], style))
        }
    }

    private mutating func add(_ runs: Range<Int>, _ style: PDFParagraphStyle, marker: String? = nil) {
        document.beginParagraph(style, marker: marker)
        letter.text.withUnsafeBufferPointer { text in
            for run in letter.runs[runs] {
                document.append(
                    UnsafeBufferPointer(rebasing: text[run.text]), emphasis: PDFEmphasis(run),
                    link: letter.link(of: run))
            }
        }
        document.endParagraph()
    }

    private mutating func add(_ image: LetterImage, _ style: PDFParagraphStyle) {
        guard let picture = pictures[image.path] else { return }
        document.addImage(
            picture.image, width: image.width, alignment: style.alignment == .justified ? .left : style.alignment,
            spaceBefore: style.spaceBefore, spaceAfter: style.spaceAfter)
    }

    private func table(_ table: LetterTable, _ style: PDFParagraphStyle) -> PDFTable {
        var result = PDFTable(
            columns: table.columns.map { alignment in
                switch alignment {
                case .left: PDFTableColumn(.fitted)
                case .center: PDFTableColumn(.fitted, alignment: .centre)
                case .right: PDFTableColumn(.fitted, alignment: .right)
                }
            })
        result.style = style
        let rows = (0..<table.rowCount).map { row in table.row(row).map(cell) }
        if table.hasHeader { result.header = [rows[0]] }
        result.rows = Array(rows.dropFirst())
        return result
    }

    private func cell(_ runs: Range<Int>) -> PDFTable.Cell {
        letter.runs[runs].map {
            PDFTextRun(letter.string(of: $0), emphasis: PDFEmphasis($0), link: letter.link(of: $0))
        }
    }
}

extension PDFError {
    /// What is wrong and what to do, in the words of who writes a template.
    func reason(in format: LetterFormat?) -> String {
        guard let area = format?.areas.first(where: { $0.frame == frame }) else { return description }
        let (width, height) = (Int(area.frame.width * 25.4 / 72), Int(area.frame.height * 25.4 / 72))
        let place = "its place of \(width) mm by \(height) mm"
        return "The \(area.name) does not fit \(place), even in small type. Shorten it."
    }
}

extension LetterFormat {
    /// Whether a part stands at a place of its own, wherever it is written.
    func places(_ part: LetterPart) -> Bool { areas.contains { $0.parts.contains(part) } }
}
