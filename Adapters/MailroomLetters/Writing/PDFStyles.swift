import MailroomPDF

/// How the passages of a letter are set in its PDF.
struct PDFStyles {
    /// How far items stand in, for each list they are in.
    private static let listIndent = 22.0

    private let body: PDFParagraphStyle
    private let setting: PDFSetting
    /// Where what stands in the right half begins, from the left margin: 105 mm from the sheet's edge.
    private let halfWay: Double

    init(_ setting: PDFSetting) {
        self.setting = setting
        halfWay = LetterFormat.millimetres(105) - setting.format.margins.left
        body = PDFParagraphStyle(
            family: setting.family, size: setting.size, leading: setting.size * 1.4,
            alignment: setting.isJustified ? .justified : .left, spaceAfter: setting.size * 0.9,
            kerning: setting.hasKerning)
    }

    /// The style of a passage that stands where it is written.
    func style(
        of passage: LetterPassage, isFirst: Bool, isLast: Bool, next: LetterPassage?
    ) -> PDFParagraphStyle {
        var style = style(of: passage.part, isFirst: isFirst, isLast: isLast)
        switch passage.kind {
        case .heading(let level): style = heading(level, in: passage.part, isFirst: isFirst, isLast: isLast)
        case .item(let item):
            style.leftIndent += Self.listIndent * Double(item.depth)
            if case .item? = next?.kind { style.spaceAfter = item.isLoose ? body.spaceAfter / 2 : 3 }
        case .table:
            style.alignment = .left
            style.spaceAfter = max(style.spaceAfter, body.spaceAfter)
        case .image: style.spaceAfter = passage.part == nil ? body.spaceAfter : style.spaceAfter
        default: break
        }
        return style
    }

    /// The style of a passage in a rectangle of the first page, in type of so much of its usual size.
    func style(
        of passage: LetterPassage, in area: LetterFormat.Area, isLast: Bool, _ scale: Double
    ) -> PDFParagraphStyle {
        var style = style(of: passage, in: area, isLast: isLast)
        guard scale != 1 else { return style }
        style.size *= scale
        style.leading = style.leading.map { $0 * scale }
        style.spaceAfter *= scale
        return style
    }

    private func style(of passage: LetterPassage, in area: LetterFormat.Area, isLast: Bool) -> PDFParagraphStyle {
        var style: PDFParagraphStyle
        if case .heading(let level) = passage.kind {
            style = heading(level, in: passage.part, isFirst: false, isLast: isLast)
            style.leftIndent = 0
        } else {
            style = body
            style.alignment = .left
            if passage.part == .letterhead {
                style.size = 9.5
                style.leading = 13
                style.color = .grey
            }
        }
        style.spaceBefore = 0
        style.spaceAfter = isLast && passage.part != .letterhead ? 6 : 0
        style.keepsWithNext = false
        if case .heading = passage.kind { return style }
        if passage.part == .letterhead && area.parts.first == .letterhead { return style }
        if let size = area.size { style.size = size }
        if let leading = area.leading { style.leading = leading }
        return style
    }

    /// A bullet or number; nil where a paragraph continues an item.
    func marker(of item: LetterItem) -> String? {
        if item.isContinuation { return nil }
        return item.number.map { "\($0)." } ?? (item.depth % 2 == 1 ? "•" : "–")
    }

    private func style(of part: LetterPart?, isFirst: Bool, isLast: Bool) -> PDFParagraphStyle {
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
        case .address: style.leftIndent = setting.format.placement.isAddressRight ? halfWay : 0
        case .date:
            if let indent = setting.format.dateIndent {
                style.leftIndent = indent
            } else {
                style.alignment = .right
            }
        case .sender, .reference: break
        case .right: style.alignment = .right
        case .center: style.alignment = .centre
        case .signature:
            style.leftIndent = setting.format.placement.isSignatureRight ? halfWay : 0
            style.spaceBefore = isFirst ? body.size * 2.2 : 0
            style.keepsTogether = true
        case .small:
            style.size = 9
            style.leading = 12
            style.color = .grey
            style.spaceBefore = isFirst ? 12 : 0
        }
        return style
    }

    private func heading(
        _ level: Int, in part: LetterPart?, isFirst: Bool, isLast: Bool
    ) -> PDFParagraphStyle {
        var style = PDFParagraphStyle.heading(level, family: setting.family)
        style.color = setting.accent
        style.kerning = setting.hasKerning
        guard let part else { return style }
        style.spaceBefore = isFirst ? body.size : 0
        style.spaceAfter = isLast ? style.size : 3
        if part == .letterhead { style.keepsWithNext = false }
        switch part {
        case .address: style.leftIndent = setting.format.placement.isAddressRight ? halfWay : 0
        case .signature: style.leftIndent = setting.format.placement.isSignatureRight ? halfWay : 0
        case .right: style.alignment = .right
        case .center: style.alignment = .centre
        default: break
        }
        return style
    }
}
