/// Writes a letter as an HTML page that mail programs show as meant: styles inline, no scripts, nothing to load.
struct HTMLWriter {
    private var output: [UInt8] = []
    private let accent: String
    private let template: Template

    private init(_ template: Template) {
        self.template = template
        let digits = Array("0123456789abcdef".utf8)
        let color = template.frontMatter.color.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        accent = "#" + String(decoding: color, as: UTF8.self)
    }

    static func write(_ letter: FilledLetter, template: Template) -> String {
        var writer = HTMLWriter(template)
        writer.output.reserveCapacity(6_144)
        writer.page(letter)
        return String(decoding: writer.output, as: UTF8.self)
    }

    private mutating func page(_ letter: FilledLetter) {
        add("<!DOCTYPE html>\n<html")
        if let language = template.language {
            add(" lang=\"")
            escape(language)
            add("\"")
        }
        add("><head><meta charset=\"utf-8\">")
        add("<meta name=\"viewport\" content=\"width=device-width\"><title>")
        escape(letter.title)
        add("</title></head>\n<body style=\"margin:0;padding:24px 8px;background:#f3f1ec\">\n")
        add("<div style=\"max-width:640px;margin:0 auto;padding:40px 7%;box-sizing:border-box;background:#ffffff;")
        add("border-top:4px solid \(accent);font:16px/1.6 \(fonts);color:#222222\">\n")
        var index = 0
        while index < letter.passages.count {
            let part = letter.passages[index].part
            let end = letter.passages[index...].firstIndex { $0.part != part } ?? letter.passages.count
            if let part { add("<div style=\"\(style(of: part))\">\n") }
            passages(letter.passages[index..<end], in: part)
            if part != nil { add("</div>\n") }
            index = end
        }
        add("</div>\n</body></html>\n")
    }

    private var fonts: String {
        switch template.frontMatter.font {
        case .times: "Georgia,'Times New Roman',serif"
        case .helvetica: "Helvetica,Arial,sans-serif"
        case .courier: "'Courier New',Courier,monospace"
        }
    }

    private func style(of part: Part) -> String {
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

    private mutating func passages(_ passages: ArraySlice<Passage>, in part: Part?) {
        var list: StaticString?
        var isOrdered = false
        for passage in passages {
            if case .item(let number) = passage.kind {
                let end: StaticString = number == nil ? "</ul>\n" : "</ol>\n"
                if let open = list, isOrdered != (number != nil) {
                    add(open)
                    list = nil
                }
                isOrdered = number != nil
                if list == nil {
                    list = end
                    add(number == nil ? "<ul" : "<ol")
                    if let number, number != 1 { add(" start=\"\(number)\"") }
                    add(" style=\"margin:0 0 16px;padding:0 0 0 28px\">\n")
                }
                add("<li style=\"margin:0 0 6px\">")
                runs(passage.runs)
                add("</li>\n")
                continue
            }
            if let end = list { add(end) }
            list = nil
            block(passage, in: part)
        }
        if let end = list { add(end) }
    }

    private mutating func block(_ passage: Passage, in part: Part?) {
        switch passage.kind {
        case .heading(let level):
            let size = level == 1 ? 26 : level == 2 ? 20 : 17
            let margin = part == nil ? "28px 0 12px" : "0 0 4px"
            add("<h\(level) style=\"margin:\(margin);font-size:\(size)px;line-height:1.25;color:\(accent)\">")
            runs(passage.runs)
            add("</h\(level)>\n")
        case .rule: add("<hr style=\"margin:24px 0;border:0;border-top:1px solid #cccccc\">\n")
        case .gap: add("<p style=\"margin:0\">&nbsp;</p>\n")
        case .paragraph, .item:
            add(part == nil ? "<p style=\"margin:0 0 16px\">" : "<p style=\"margin:0\">")
            runs(passage.runs)
            add("</p>\n")
        }
    }

    private mutating func runs(_ runs: [Run]) {
        for run in runs {
            if let link = run.link {
                add("<a style=\"color:\(accent)\" href=\"")
                escape(link)
                add("\">")
            }
            if run.isStrong { add("<strong>") }
            if run.isEmphasized { add("<em>") }
            escape(run.text, breaksLines: true)
            if run.isEmphasized { add("</em>") }
            if run.isStrong { add("</strong>") }
            if run.link != nil { add("</a>") }
        }
    }

    private mutating func add(_ markup: StaticString) {
        output.append(contentsOf: UnsafeBufferPointer(start: markup.utf8Start, count: markup.utf8CodeUnitCount))
    }

    private mutating func add(_ markup: String) { output.append(contentsOf: markup.utf8) }

    /// Adds text; whatever could be read as markup, also within an attribute's quotes, is escaped.
    private mutating func escape(_ text: String, breaksLines: Bool = false) {
        var afterReturn = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): add("&amp;")
            case UInt8(ascii: "<"): add("&lt;")
            case UInt8(ascii: ">"): add("&gt;")
            case UInt8(ascii: "\""): add("&quot;")
            case UInt8(ascii: "'"): add("&#39;")
            case 10 where breaksLines: if !afterReturn { add("<br>\n") }
            case 13 where breaksLines: add("<br>\n")
            default: output.append(byte)
            }
            afterReturn = byte == 13
        }
    }
}
