/// Writes a letter as an HTML page that mail programs show as meant: styles inline, no scripts, nothing to load.
struct HTMLWriter {
    private var output: [UInt8] = []
    private let letter: FilledLetter
    private let frame: HTMLFrame

    static func write(_ letter: FilledLetter, template: Template) -> String {
        var writer = HTMLWriter(letter: letter, frame: template.frame)
        writer.output.reserveCapacity(letter.text.count + 4_096)
        writer.page()
        return String(knownUTF8: writer.output)
    }

    private init(letter: FilledLetter, frame: HTMLFrame) {
        self.letter = letter
        self.frame = frame
    }

    private mutating func page() {
        output += frame.opening
        escape(letter.title)
        output += frame.start
        var index = 0
        while index < letter.passages.count {
            let part = letter.passages[index].part
            let end = letter.passages[index...].firstIndex { $0.part != part } ?? letter.passages.count
            if let part { output += frame.opening(of: part) }
            passages(letter.passages[index..<end], in: part)
            if part != nil { add("</div>\n") }
            index = end
        }
        add("</div>\n</body></html>\n")
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
                    if let number, number != 1 { output.append(utf8: " start=\"\(number)\"") }
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
            output += (part == nil ? frame.headings : frame.partHeadings)[level - 1]
            runs(passage.runs)
            add(level == 1 ? "</h1>\n" : level == 2 ? "</h2>\n" : "</h3>\n")
        case .rule: add("<hr style=\"margin:24px 0;border:0;border-top:1px solid #cccccc\">\n")
        case .gap: add("<p style=\"margin:0\">&nbsp;</p>\n")
        case .paragraph, .item:
            add(part == nil ? "<p style=\"margin:0 0 16px\">" : "<p style=\"margin:0\">")
            runs(passage.runs)
            add("</p>\n")
        }
    }

    private mutating func runs(_ range: Range<Int>) {
        for index in range {
            let run = letter.runs[index]
            if let link = run.link {
                output += frame.link
                escape(link)
                add("\">")
            }
            if run.isStrong { add("<strong>") }
            if run.isEmphasized { add("<em>") }
            output.append(escaped: letter.text[run.text], breaksLines: true)
            if run.isEmphasized { add("</em>") }
            if run.isStrong { add("</strong>") }
            if run.link != nil { add("</a>") }
        }
    }

    private mutating func add(_ markup: StaticString) { output.append(markup) }

    private mutating func escape(_ text: String) { output.append(escaped: Array(text.utf8)[...]) }
}
