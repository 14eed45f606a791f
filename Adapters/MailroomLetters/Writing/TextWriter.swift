/// Writes a letter as plain text, in lines of at most 72 characters where the words allow.
struct TextWriter {
    private static let width = 72
    private static let halfWay = 36
    private let letter: FilledLetter
    private var lines = LineWrapper(width: Self.width)

    private init(_ letter: FilledLetter) { self.letter = letter }

    static func write(_ letter: FilledLetter) -> String {
        var writer = TextWriter(letter)
        writer.lines.output.reserveCapacity(letter.text.count + 1_024)
        var previous: Passage?
        for passage in letter.passages {
            if let previous, isParted(passage, from: previous) { writer.lines.output.append(0x0A) }
            writer.write(passage)
            previous = passage
        }
        return String(knownUTF8: writer.lines.output)
    }

    /// Whether an empty line stands between two passages: not within a list, nor between the lines of a part.
    private static func isParted(_ passage: Passage, from previous: Passage) -> Bool {
        if passage.part != previous.part { return true }
        if case .item(let one) = passage.kind, case .item(let other) = previous.kind {
            return (one == nil) != (other == nil)
        }
        return passage.part == nil
    }

    private mutating func write(_ passage: Passage) {
        switch passage.kind {
        case .gap: lines.output.append(0x0A)
        case .rule: underline(Self.width)
        case .heading(let level):
            var text = text(of: passage)
            if level == 1 { Capitals.raise(&text) }
            wrap(text[...], in: passage.part)
            if passage.part == nil && level == 2 {
                underline(min(String(decoding: text, as: UTF8.self).count, Self.width))
            }
        case .item(let number):
            let marker = number.map { "\($0). " } ?? "- "
            lines.wrap(text(of: passage)[...], marker: marker, indent: marker.utf8.count)
        case .paragraph:
            // Text without links, returns and soft hyphens, which is nearly all, is wrapped where it stands.
            let range = range(of: passage)
            if isPlain(passage, range) {
                wrap(letter.text[range], in: passage.part)
            } else {
                wrap(text(of: passage)[...], in: passage.part)
            }
        }
    }

    private mutating func wrap(_ text: ArraySlice<UInt8>, in part: Part?) {
        switch part {
        case .address, .signature: lines.wrap(text, indent: Self.halfWay)
        case .right: lines.wrap(text, alignment: .right)
        case .center: lines.wrap(text, alignment: .center)
        default: lines.wrap(text)
        }
    }

    private mutating func underline(_ length: Int) {
        lines.output.append(contentsOf: repeatElement(UInt8(ascii: "-"), count: length))
        lines.output.append(0x0A)
    }

    private func range(of passage: Passage) -> Range<Int> {
        guard let first = letter.runs[passage.runs].first, let last = letter.runs[passage.runs].last else {
            return 0..<0
        }
        return first.text.lowerBound..<last.text.upperBound
    }

    private func isPlain(_ passage: Passage, _ range: Range<Int>) -> Bool {
        for run in letter.runs[passage.runs] where run.link != nil { return false }
        return letter.text.withUnsafeBufferPointer { text in
            var found: UInt8 = 0
            // Counted to the end, since a loop that may leave is not vectorized.
            for byte in UnsafeBufferPointer(rebasing: text[range]) {
                found |= (byte == 13 ? 1 : 0) | (byte == 0xAD ? 1 : 0)
            }
            return found == 0
        }
    }

    /// The passage's text; a link's address follows in angle brackets where the text does not say it.
    private func text(of passage: Passage) -> [UInt8] {
        var text: [UInt8] = []
        for index in passage.runs {
            let run = letter.runs[index]
            text += letter.text[run.text]
            guard let link = run.link else { continue }
            if index + 1 < passage.runs.upperBound, letter.runs[index + 1].link == link { continue }
            let said = letter.string(of: run)
            if link != said && link != "mailto:" + said && link != "tel:" + said { text += " <\(link)>".utf8 }
        }
        // A soft hyphen is for lines of real type; \r alone or with \n is one line break.
        if text.contains(13) {
            let lines = String(decoding: text, as: UTF8.self)
                .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            text = Array(lines.joined(separator: "\n").utf8)
        }
        return text.contains(0xAD) ? Self.withoutSoftHyphens(text) : text
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
