@testable import MailroomLetters

/// Markup in which `‹` and `›` stand for the guards around a value.
func guarded(_ markup: String) -> [UInt8] {
    markup.utf8.elementsEqual("".utf8)
        ? [] : Array(markup.replacing("‹", with: "\u{2}").replacing("›", with: "\u{3}").utf8)
}

/// The letter that markup makes.
func letter(_ markup: String) -> Letter { MarkupParser.parse(guarded(markup)).letter }

/// What is wrong with markup.
func faults(_ markup: String) -> [MarkupFault.Kind] { MarkupParser.parse(guarded(markup)).faults.map(\.kind) }

/// A letter's blocks, one a line: `p `, `h2 `, `1- ` or `2-1. ` for items by depth, `1  ` for their further paragraphs.
/// `**` is strong, `//` is emphasis, `[text|address]` a link and `⏎` a line break.
func outline(_ markup: String) -> String {
    let letter = letter(markup)
    return letter.passages.map { passage in
        let runs = outline(passage.runs, of: letter)
        let part = passage.part.map { "\($0.rawValue): " } ?? ""
        switch passage.kind {
        case .paragraph: return part + "p " + runs
        case .heading(let level): return part + "h\(level) " + runs
        case .item(let item):
            let sign = item.isContinuation ? " " : item.number.map { "\($0)." } ?? "-"
            return part + "\(item.isFirst ? "+" : "")\(item.depth)\(sign)\(item.isLoose ? "~" : "") " + runs
        case .rule: return part + "rule"
        case .gap: return part + "gap"
        case .pageBreak: return part + "page"
        case .image(let index):
            let image = letter.images[index]
            let width = image.width.map { " \(Int($0.rounded()))" } ?? ""
            return part + "image \(image.path) “\(image.description)”\(image.title.map { " (\($0))" } ?? "")\(width)"
        case .table(let index):
            let table = letter.tables[index]
            let rows = (0..<table.rowCount).map { row in
                table.row(row).map { outline($0, of: letter) }.joined(separator: " | ")
            }
            return part + "table \(table.columns.map { "\($0)" }.joined(separator: ",")): "
                + rows.joined(separator: " / ")
        }
    }
    .joined(separator: "\n")
}

private func outline(_ runs: Range<Int>, of letter: Letter) -> String {
    letter.runs[runs].map { run in
        var text = letter.string(of: run).replacing("\n", with: "⏎")
        if run.isEmphasized { text = "//\(text)//" }
        if run.isStrong { text = "**\(text)**" }
        if let link = letter.link(of: run) { text = "[\(text)|\(link)]" }
        return text
    }
    .joined()
}
