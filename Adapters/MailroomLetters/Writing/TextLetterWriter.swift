/// Writes a letter as plain text, in lines of at most 72 characters where the words allow.
struct TextLetterWriter {
    private static let width = 72
    private static let halfWay = 36
    private let letter: Letter
    private let placement: LetterPlacement
    private var lines = LineWrapper(width: Self.width)
    /// By depth, where the text of the last item begins.
    private var indents: [Int] = []

    private init(_ letter: Letter, _ placement: LetterPlacement) {
        self.letter = letter
        self.placement = placement
    }

    static func write(_ letter: Letter, placement: LetterPlacement = LetterPlacement()) -> String {
        var writer = TextLetterWriter(letter, placement)
        writer.lines.output.reserveCapacity(letter.text.count + 1_024)
        var previous: LetterPassage?
        for passage in letter.passages where !writer.isSilent(passage) {
            if let previous, isParted(passage, from: previous) { writer.lines.output.append(0x0A) }
            writer.write(passage)
            previous = passage
        }
        return String(knownUTF8: writer.lines.output)
    }

    /// Whether a passage says nothing in plain text.
    private func isSilent(_ passage: LetterPassage) -> Bool {
        switch passage.kind {
        case .pageBreak: true
        case .image(let index): letter.images[index].description.isEmpty
        default: false
        }
    }

    /// Whether an empty line stands between two passages: not between the items of a list, unless those are parted,
    /// nor between the lines of a part.
    private static func isParted(_ passage: LetterPassage, from previous: LetterPassage) -> Bool {
        if passage.part != previous.part { return true }
        guard passage.part == nil else { return false }
        guard case .item(let item) = passage.kind, case .item(let above) = previous.kind else { return true }
        if item.depth > above.depth { return above.isLoose }
        return item.isFirst || item.isLoose
    }

    private mutating func write(_ passage: LetterPassage) {
        switch passage.kind {
        case .gap: lines.output.append(0x0A)
        case .pageBreak: break
        case .rule: underline(Self.width)
        case .heading(let level):
            var text = text(of: passage.runs)
            if level == 1 { Capitals.raise(&text) }
            wrap(text[...], in: passage.part)
            if passage.part == nil && level == 2 {
                let longest = text.split(separator: 0x0A).map(LineWrapper.columns).max() ?? 0
                underline(min(longest, Self.width))
            }
        case .item(let item): write(item, passage.runs)
        case .paragraph:
            // Text without links and soft hyphens, which is nearly all, is wrapped where it stands.
            if let range = plainRange(of: passage.runs) {
                wrap(letter.text[range], in: passage.part)
            } else {
                wrap(text(of: passage.runs)[...], in: passage.part)
            }
        case .image(let index): wrap(Array("[\(letter.images[index].description)]".utf8)[...], in: passage.part)
        case .table(let index):
            let table = letter.tables[index]
            let rows = (0..<table.rowCount).map { row in table.row(row).map { text(of: $0) } }
            TextTable.write(rows, columns: table.columns, hasHeader: table.hasHeader, into: &lines)
        }
    }

    private mutating func write(_ item: LetterItem, _ runs: Range<Int>) {
        indents.removeLast(max(0, indents.count - item.depth))
        if item.isContinuation, indents.count == item.depth {
            lines.wrap(text(of: runs)[...], indent: indents[item.depth - 1])
            return
        }
        indents.removeLast(max(0, indents.count - item.depth + 1))
        let outer = indents.last ?? 0
        let sign = item.number.map { "\($0). " } ?? "- "
        indents.append(outer + sign.utf8.count)
        lines.wrap(
            text(of: runs)[...], marker: String(repeating: " ", count: outer) + sign, indent: outer + sign.utf8.count)
    }

    private mutating func wrap(_ text: ArraySlice<UInt8>, in part: LetterPart?) {
        switch part {
        case .address: lines.wrap(text, indent: placement.isAddressRight ? Self.halfWay : 0)
        case .signature: lines.wrap(text, indent: placement.isSignatureRight ? Self.halfWay : 0)
        case .right, .date: lines.wrap(text, alignment: .right)
        case .center: lines.wrap(text, alignment: .center)
        default: lines.wrap(text)
        }
    }

    private mutating func underline(_ length: Int) {
        lines.output.append(contentsOf: repeatElement(UInt8(ascii: "-"), count: length))
        lines.output.append(0x0A)
    }

    /// Where the text of runs stands, if it is written as it is.
    private func plainRange(of runs: Range<Int>) -> Range<Int>? {
        for run in letter.runs[runs] where run.link >= 0 { return nil }
        guard let first = letter.runs[runs].first, let last = letter.runs[runs].last else { return 0..<0 }
        let range = first.text.lowerBound..<last.text.upperBound
        return letter.text.withUnsafeBufferPointer { text in
            var found: UInt8 = 0
            // Counted to the end, since a loop that may leave is not vectorized.
            for byte in UnsafeBufferPointer(rebasing: text[range]) { found |= byte == 0xAD ? 1 : 0 }
            return found == 0 ? range : nil
        }
    }

    /// The text of runs; a link's address follows in angle brackets where the text does not say it.
    private func text(of runs: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        var linkStart = 0
        for index in runs {
            let run = letter.runs[index]
            if index == runs.lowerBound || letter.runs[index - 1].link != run.link { linkStart = text.count }
            text += letter.text[run.text]
            guard let link = letter.link(of: run) else { continue }
            if index + 1 < runs.upperBound, letter.runs[index + 1].link == run.link { continue }
            if !Self.says(text[linkStart...], link) { text += " <\(link)>".utf8 }
        }
        // A soft hyphen is for lines of real type.
        return text.contains(0xAD) ? Self.withoutSoftHyphens(text) : text
    }

    private static func says(_ text: ArraySlice<UInt8>, _ link: String) -> Bool {
        var encoded: [UInt8] = []
        for byte in text { AddressScheme.append(byte, to: &encoded, isValue: false) }
        if link.utf8.starts(with: "mailto:".utf8) {
            var mailbox: [UInt8] = []
            for byte in text { AddressScheme.append(byte, to: &mailbox, isValue: byte != UInt8(ascii: "@")) }
            if link.utf8.dropFirst("mailto:".utf8.count).elementsEqual(mailbox) { return true }
        }
        let said = String(decoding: encoded, as: UTF8.self)
        return link == said || link == "mailto:" + said || link == "tel:" + said
    }

    private static func withoutSoftHyphens(_ text: [UInt8]) -> [UInt8] {
        var rest: [UInt8] = []
        rest.reserveCapacity(text.count)
        for byte in text {
            if byte == 0xAD && rest.last == 0xC2 { rest.removeLast() } else { rest.append(byte) }
        }
        return rest
    }
}
