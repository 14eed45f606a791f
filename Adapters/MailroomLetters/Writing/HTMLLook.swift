/// What a template's HTML mails have in common: the markup around a letter's own words.
///
/// Mail programs keep inline styles and tables, and not much else. Every text has its colour and its ground named, so
/// that a program which turns mails dark turns both.
struct HTMLLook: Sendable {
    private static let reset = "role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\""

    /// Up to the title, from there to the first block, and after the last one.
    let opening: [UInt8]
    let start: [UInt8]
    let end: [UInt8]
    /// By part, in the order of its cases.
    private let parts: [[UInt8]]
    /// Headings of level 1 to 3, without and within a part.
    let headings: [[UInt8]]
    let partHeadings: [[UInt8]]
    let link: [UInt8]
    let rule: [UInt8]
    /// By alignment: left, centre, right.
    let headerCells: [[UInt8]]
    let cells: [[UInt8]]

    /// The look of a template.
    ///
    /// - Parameters:
    ///   - language: of the text, as BCP 47 has it.
    ///   - color: red, green and blue, of headings, rules and links.
    ///   - fonts: the families for CSS, the wanted one first.
    init(language: String?, color: [UInt8], fonts: String, placement: LetterPlacement = LetterPlacement()) {
        let digits = Array("0123456789abcdef".utf8)
        let accent =
            "#" + String(decoding: color.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)

        var opening = Array("<!DOCTYPE html>\n<html".utf8)
        if let language {
            opening.append(" lang=\"")
            opening.append(escaped: Array(language.utf8)[...])
            opening.append("\"")
        }
        opening.append("><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
        opening.append("<meta name=\"color-scheme\" content=\"light\"><title>")
        self.opening = opening

        // Outlook knows no greatest width, and gets a table of that width.
        start = Array(
            """
            </title></head>
            <body style="margin:0;padding:0;background-color:#f3f1ec">
            <table \(Self.reset) width="100%" bgcolor="#f3f1ec" style="background-color:#f3f1ec"><tr>\
            <td align="center" style="padding:24px 8px">
            <!--[if mso]><table \(Self.reset) width="600"><tr><td><![endif]-->
            <table \(Self.reset) width="100%" bgcolor="#ffffff" style="max-width:600px;background-color:#ffffff">\
            <tr><td align="left" style="padding:36px 6%;border-top:4px solid \(accent);background-color:#ffffff;\
            font-family:\(fonts);font-size:16px;line-height:1.6;color:#222222;word-break:break-word">

            """.utf8)
        end = Array(
            """
            </td></tr></table>
            <!--[if mso]></td></tr></table><![endif]-->
            </td></tr></table>
            </body></html>

            """.utf8)
        parts = LetterPart.allCases.map {
            Array("<div \(Self.style(of: $0, accent: accent, placement))\">\n".utf8)
        }
        headings = Self.headings(margin: "28px 0 12px", accent: accent)
        partHeadings = Self.headings(margin: "0 0 4px", accent: accent)
        link = Array("<a style=\"color:\(accent);word-break:break-word\" href=\"".utf8)
        rule = Array("<hr style=\"margin:24px 0;border:0;border-top:1px solid \(accent)\">\n".utf8)
        let alignments = ["left", "center", "right"]
        headerCells = alignments.map {
            let style = "padding:6px 8px;border-bottom:2px solid \(accent);text-align:\($0);vertical-align:bottom"
            return Array("<th align=\"\($0)\" valign=\"bottom\" style=\"\(style)\">".utf8)
        }
        cells = alignments.map {
            let style = "padding:6px 8px;border-bottom:1px solid #cccccc;text-align:\($0);vertical-align:top"
            return Array("<td align=\"\($0)\" valign=\"top\" style=\"\(style)\">".utf8)
        }
    }

    func opening(of part: LetterPart) -> [UInt8] {
        for (index, known) in LetterPart.allCases.enumerated() where known == part { return parts[index] }
        return []
    }

    private static func headings(margin: String, accent: String) -> [[UInt8]] {
        [26, 20, 17].enumerated().map { level, size in
            let style = "margin:\(margin);font-size:\(size)px;line-height:1.25;font-weight:bold;color:\(accent)"
            return Array("<h\(level + 1) style=\"\(style)\">".utf8)
        }
    }

    private static func style(of part: LetterPart, accent: String, _ placement: LetterPlacement) -> String {
        switch part {
        case .letterhead:
            "style=\"margin:0 0 28px;padding:0 0 14px;border-bottom:1px solid \(accent);font-size:14px;"
                + "line-height:1.5;color:#595959"
        case .sender:
            "style=\"margin:0 0 12px;font-size:13px;color:#595959"
        case .address: "style=\"margin:0\(placement.isAddressRight ? " 0 28px 50%" : " 0 28px")"
        case .date: "align=\"right\" style=\"margin:0 0 24px;text-align:right"
        case .reference: "style=\"margin:0 0 20px;font-size:14px;color:#595959"
        case .right: "align=\"right\" style=\"margin:0 0 24px;text-align:right"
        case .center: "align=\"center\" style=\"margin:0 0 20px;text-align:center"
        case .signature: "style=\"margin:36px 0 0\(placement.isSignatureRight ? " 50%" : "")"
        case .small: "style=\"margin:24px 0 0;font-size:13px;line-height:1.5;color:#595959"
        }
    }
}
