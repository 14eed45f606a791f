/// Writes a letter as an HTML page that mail programs show as meant: styles inline, no scripts, nothing to load.
struct HTMLLetterWriter {
    private var output: [UInt8] = []
    private let letter: Letter
    private let look: HTMLLook
    private let sources: [String]
    /// The ends of the lists that are open, the innermost last.
    private var lists: [StaticString] = []
    private var part: LetterPart?

    /// Writes a letter.
    ///
    /// - Parameters:
    ///   - title: the page's.
    ///   - sources: where each of the letter's images is, such as `cid:logo@example.org`; the description stands for
    ///     an image that has none.
    static func write(_ letter: Letter, title: String, look: HTMLLook, sources: [String] = []) -> String {
        var writer = HTMLLetterWriter(letter: letter, look: look, sources: sources)
        writer.output.reserveCapacity(letter.text.count + letter.passages.count * 96 + 4_096)
        writer.writePage(title)
        return String(knownUTF8: writer.output)
    }

    private init(letter: Letter, look: HTMLLook, sources: [String]) {
        self.letter = letter
        self.look = look
        self.sources = sources
    }

    private mutating func writePage(_ title: String) {
        output += look.opening
        escape(title)
        output += look.start
        for passage in letter.passages {
            if passage.part != part {
                endPart()
                part = passage.part
                if let part { output += look.opening(of: part) }
            }
            write(passage)
        }
        endPart()
        output += look.end
    }

    private mutating func endPart() {
        closeLists(to: 0)
        if part != nil { output.append("</div>\n") }
        part = nil
    }

    private mutating func write(_ passage: LetterPassage) {
        if case .item(let item) = passage.kind {
            write(item, passage.runs)
            return
        }
        closeLists(to: 0)
        switch passage.kind {
        case .paragraph, .item:
            paragraph()
            writeRuns(passage.runs)
            output.append("</p>\n")
        case .heading(let level):
            output += (part == nil ? look.headings : look.partHeadings)[level - 1]
            writeRuns(passage.runs)
            output.append(level == 1 ? "</h1>\n" : level == 2 ? "</h2>\n" : "</h3>\n")
        case .rule: output += look.rule
        case .gap: output.append("<p style=\"margin:0\">&nbsp;</p>\n")
        case .pageBreak: break
        case .image(let index): writeImage(index)
        case .table(let index): writeTable(letter.tables[index])
        }
    }

    private mutating func paragraph() {
        output.append(part == nil ? "<p style=\"margin:0 0 16px\">" : "<p style=\"margin:0\">")
    }

    private mutating func write(_ item: LetterItem, _ runs: Range<Int>) {
        if item.isContinuation {
            closeLists(to: item.depth)
            output.append(item.isLoose ? "\n<p style=\"margin:10px 0 0\">" : "\n<p style=\"margin:0\">")
            writeRuns(runs)
            output.append("</p>")
            return
        }
        closeLists(to: item.isFirst ? item.depth - 1 : item.depth)
        if lists.count < item.depth {
            output.append(lists.isEmpty ? "" : "\n")
            output.append(item.number == nil ? "<ul" : "<ol")
            if let number = item.number, number != 1 { output.append(utf8: " start=\"\(number)\"") }
            output.append(
                lists.isEmpty && part == nil
                    ? " style=\"margin:0 0 16px;padding:0 0 0 28px\">\n" : " style=\"margin:0;padding:0 0 0 28px\">\n")
            lists.append(item.number == nil ? "</li>\n</ul>\n" : "</li>\n</ol>\n")
        } else {
            output.append("</li>\n")
        }
        output.append(item.isLoose ? "<li style=\"margin:0 0 10px\">" : "<li style=\"margin:0 0 4px\">")
        writeRuns(runs)
    }

    private mutating func closeLists(to remaining: Int) {
        while lists.count > remaining { output.append(lists.removeLast()) }
    }

    private mutating func writeRuns(_ range: Range<Int>) {
        var link: Int32 = -1
        for index in range {
            let run = letter.runs[index]
            if run.link != link {
                if link >= 0 { output.append("</a>") }
                link = run.link
                if link >= 0 {
                    output += look.link
                    escape(letter.links[Int(link)])
                    output.append("\">")
                }
            }
            if run.isStrong { output.append("<strong>") }
            if run.isEmphasized { output.append("<em>") }
            output.append(escaped: letter.text[run.text], breaksLines: true)
            if run.isEmphasized { output.append("</em>") }
            if run.isStrong { output.append("</strong>") }
        }
        if link >= 0 { output.append("</a>") }
    }

    private mutating func writeImage(_ index: Int) {
        let image = letter.images[index]
        guard index < sources.count else {
            guard !image.description.isEmpty else { return }
            paragraph()
            escape(image.description)
            output.append("</p>\n")
            return
        }
        paragraph()
        output.append("<img src=\"")
        escape(sources[index])
        output.append("\" alt=\"")
        escape(image.description)
        if let title = image.title {
            output.append("\" title=\"")
            escape(title)
        }
        // A point is 1/72 inch, a pixel of CSS 1/96.
        if let width = image.width { output.append(utf8: "\" width=\"\(Int((width / 0.75).rounded()))") }
        output.append("\" style=\"max-width:100%;height:auto;border:0;vertical-align:middle\"></p>\n")
    }

    private mutating func writeTable(_ table: LetterTable) {
        output.append("<table cellpadding=\"0\" cellspacing=\"0\" border=\"0\" width=\"100%\" ")
        output.append("style=\"margin:0 0 16px;border-collapse:collapse;")
        output.append("font-size:15px;line-height:1.4;word-break:normal\">\n")
        for row in (table.hasHeader ? 0 : 1)..<max(1, table.rowCount) {
            output.append("<tr>")
            for (column, cell) in table.row(row).enumerated() {
                let alignment =
                    switch table.columns[column] {
                    case .left: 0
                    case .center: 1
                    case .right: 2
                    }
                output += row == 0 ? look.headerCells[alignment] : look.cells[alignment]
                writeRuns(cell)
                output.append(row == 0 ? "</th>" : "</td>")
            }
            output.append("</tr>\n")
        }
        output.append("</table>\n")
    }

    private mutating func escape(_ text: String) { output.append(escaped: Array(text.utf8)[...]) }
}
