/// The line in the bottom margin of every page.
struct PageFooter {
    private let text: String
    private let style: BlockStyle

    init(text: String, left: Int, measure: Int) {
        self.text = text
        style = BlockStyle(
            size: 8_000, leading: 10_000, alignment: .centre, color: .grey, left: left, width: measure)
    }

    var unsupported: [PDFUnsupportedCharacter] { PDFUnsupportedCharacter.all(in: text) }

    func block(page: Int, of pages: Int) -> Block {
        var block = Block()
        block.style = style
        block.text.append(Self.text(text, page: page, pages: pages), faces: PDFFontFamily.helvetica.chain(for: []))
        LineBreaker.breakLines(of: &block)
        return block
    }

    private static func text(_ text: String, page: Int, pages: Int) -> String {
        var result = ""
        var rest = text[...]
        while let brace = rest.firstIndex(of: "{") {
            result += rest[..<brace]
            rest = rest[brace...]
            if rest.hasPrefix("{page}") {
                result += String(page)
                rest = rest.dropFirst(6)
            } else if rest.hasPrefix("{pages}") {
                result += String(pages)
                rest = rest.dropFirst(7)
            } else {
                result += "{"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }
}
