/// What a template's HTML pages have in common: the markup around a letter's own words, with the styles inline.
struct HTMLFrame: Sendable {
    /// Up to the title, and from there to the first passage.
    let opening: [UInt8]
    let start: [UInt8]
    /// By part, in the order of its cases.
    let parts: [[UInt8]]
    /// Headings of level 1 to 3, without and within a part.
    let headings: [[UInt8]]
    let partHeadings: [[UInt8]]
    let link: [UInt8]

    init(_ front: FrontMatter) {
        let digits = Array("0123456789abcdef".utf8)
        let color = front.color.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        let accent = "#" + String(decoding: color, as: UTF8.self)

        var opening = Array("<!DOCTYPE html>\n<html".utf8)
        if let language = front.language {
            opening.append(" lang=\"")
            opening.append(escaped: Array(language.utf8)[...])
            opening.append("\"")
        }
        opening.append("><head><meta charset=\"utf-8\">")
        opening.append("<meta name=\"viewport\" content=\"width=device-width\"><title>")
        self.opening = opening

        var start = Array("</title></head>\n<body style=\"margin:0;padding:24px 8px;background:#f3f1ec\">\n".utf8)
        start.append("<div style=\"max-width:640px;margin:0 auto;padding:40px 7%;box-sizing:border-box;")
        start.append("background:#ffffff;border-top:4px solid ")
        start.append(utf8: "\(accent);font:16px/1.6 \(Self.fonts(front));color:#222222\">\n")
        self.start = start

        parts = Part.allCases.map { Array("<div style=\"\(Self.style(of: $0, accent: accent))\">\n".utf8) }
        headings = Self.headings(margin: "28px 0 12px", accent: accent)
        partHeadings = Self.headings(margin: "0 0 4px", accent: accent)
        link = Array("<a style=\"color:\(accent)\" href=\"".utf8)
    }

    private static func headings(margin: String, accent: String) -> [[UInt8]] {
        [26, 20, 17].enumerated().map { level, size in
            let style = "margin:\(margin);font-size:\(size)px;line-height:1.25;color:\(accent)"
            return Array("<h\(level + 1) style=\"\(style)\">".utf8)
        }
    }

    private static func fonts(_ front: FrontMatter) -> String {
        switch front.font {
        case .times: "Georgia,'Times New Roman',serif"
        case .helvetica: "Helvetica,Arial,sans-serif"
        case .courier: "'Courier New',Courier,monospace"
        }
    }

    private static func style(of part: Part, accent: String) -> String {
        switch part {
        case .letterhead:
            "margin:0 0 28px;padding:0 0 14px;border-bottom:1px solid \(accent);font-size:14px;line-height:1.5;"
                + "color:#666666"
        case .address: "margin:0 0 28px 50%"
        case .right: "margin:0 0 24px;text-align:right"
        case .center: "margin:0 0 20px;text-align:center"
        case .signature: "margin:36px 0 0 50%"
        case .small: "margin:24px 0 0;font-size:13px;line-height:1.5;color:#666666"
        }
    }

    func opening(of part: Part) -> [UInt8] {
        switch part {
        case .letterhead: parts[0]
        case .address: parts[1]
        case .right: parts[2]
        case .center: parts[3]
        case .signature: parts[4]
        case .small: parts[5]
        }
    }
}
