import Foundation
import MailroomPDF

/// Writes a letter as a PDF.
struct PDFWriter {
    /// Where addresses and signatures begin, from the left margin: 105 mm from the sheet's edge, in points.
    private static let halfWay = 227.0

    private let family: PDFFontFamily
    private let body: PDFParagraphStyle
    private let accent: PDFColor
    private let letter: FilledLetter
    private var document: PDFDocument

    static func write(
        _ letter: FilledLetter, template: Template, date: Date, compressor: PDFCompressor?
    ) throws(PDFError) -> [UInt8] {
        var writer = PDFWriter(letter, template: template, date: date, compressor: compressor)
        let passages = letter.passages
        for (index, passage) in passages.enumerated() {
            writer.add(
                passage, after: index > 0 ? passages[index - 1] : nil,
                before: index + 1 < passages.count ? passages[index + 1] : nil)
        }
        return try writer.document.finishInPlace()
    }

    private init(
        _ letter: FilledLetter, template: Template, date: Date, compressor: PDFCompressor?
    ) {
        self.letter = letter
        let front = template.frontMatter
        family =
            switch front.font {
            case .times: .times
            case .helvetica: .helvetica
            case .courier: .courier
            }
        // Times is smaller than the others at the same size.
        let size = family == .times ? 12.0 : 11
        body = PDFParagraphStyle(
            family: family, size: size, leading: size * 1.4, alignment: front.alignment == .left ? .left : .justified,
            spaceAfter: size * 0.9)
        accent = PDFColor(red: front.color[0], green: front.color[1], blue: front.color[2])
        // In UTC: a zone's rules may differ between two machines, and the same letter must be the same octets.
        document = PDFDocument(
            PDFProperties(
                title: letter.title, language: template.language,
                created: PDFDate(secondsSince1970: Int64(date.timeIntervalSince1970.rounded(.down))),
                page: front.page == .a4 ? .a4 : .letter, footer: front.footer.map { PDFRunningLine(centre: $0) }),
            compressor: compressor)
    }

    private mutating func add(_ passage: Passage, after previous: Passage?, before next: Passage?) {
        let isFirst = previous?.part != passage.part
        let isLast = next?.part != passage.part
        switch passage.kind {
        case .rule: document.addRule(color: accent, spaceBefore: body.size, spaceAfter: body.size)
        case .gap: add(0..<0, style: style(in: passage.part, isFirst: isFirst, isLast: isLast))
        case .heading(let level):
            add(passage.runs, style: headingStyle(level, in: passage.part, isFirst: isFirst, isLast: isLast))
        case .paragraph:
            add(passage.runs, style: style(in: passage.part, isFirst: isFirst, isLast: isLast))
        case .item(let number):
            var style = style(in: passage.part, isFirst: isFirst, isLast: isLast)
            style.leftIndent += 22
            if case .item? = next?.kind { style.spaceAfter = 3 }
            add(passage.runs, style: style, marker: number.map { "\($0)." } ?? "•")
        }
        if passage.part == .letterhead && isLast {
            document.addRule(thickness: 1, color: accent, spaceBefore: 8, spaceAfter: 28)
        }
    }

    private func style(in part: Part?, isFirst: Bool, isLast: Bool) -> PDFParagraphStyle {
        var style = body
        guard let part else { return style }
        style.alignment = .left
        style.spaceAfter = isLast ? body.size * 2 : 0
        switch part {
        case .letterhead:
            style.size = 9.5
            style.leading = 13
            style.color = .grey
            style.spaceAfter = isLast ? 8 : 0
        case .address: style.leftIndent = Self.halfWay
        case .right: style.alignment = .right
        case .center: style.alignment = .centre
        case .signature:
            style.leftIndent = Self.halfWay
            style.spaceBefore = isFirst ? body.size * 2.2 : 0
            style.keepsTogether = true
            style.keepsWithNext = !isLast
        case .small:
            style.size = 9
            style.leading = 12
            style.color = .grey
            style.spaceBefore = isFirst ? 12 : 0
        }
        return style
    }

    private func headingStyle(_ level: Int, in part: Part?, isFirst: Bool, isLast: Bool) -> PDFParagraphStyle {
        var style = PDFParagraphStyle.heading(level, family: family)
        style.color = accent
        guard let part else { return style }
        style.spaceBefore = isFirst ? body.size : 0
        style.spaceAfter = isLast ? style.size : 3
        if part == .letterhead { style.keepsWithNext = false }
        switch part {
        case .address, .signature: style.leftIndent = Self.halfWay
        case .right: style.alignment = .right
        case .center: style.alignment = .centre
        default: break
        }
        return style
    }

    private mutating func add(_ runs: Range<Int>, style: PDFParagraphStyle, marker: String? = nil) {
        document.beginParagraph(style, marker: marker)
        letter.text.withUnsafeBufferPointer { text in
            for run in letter.runs[runs] {
                var emphasis: PDFEmphasis = run.isStrong ? .bold : []
                if run.isEmphasized { emphasis.insert(.italic) }
                document.append(UnsafeBufferPointer(rebasing: text[run.text]), emphasis: emphasis, link: run.link)
            }
        }
        document.endParagraph()
    }
}
