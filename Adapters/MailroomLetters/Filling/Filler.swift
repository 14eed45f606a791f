import Mailroom

/// Puts a document's values into a template's tree, and collects what is wrong with them.
struct Filler {
    private var scope: Scope
    private let looksAtCharacters: Bool
    private let needsFontGlyphs: Bool
    private(set) var problems: [ValueProblem] = []
    private var passages: [Passage] = []

    /// - Parameter looksAtCharacters: whether to look at each value's characters, too, as `check` does.
    private init(_ document: Document, _ template: Template, looksAtCharacters: Bool) {
        scope = Scope(document.values)
        self.looksAtCharacters = looksAtCharacters
        needsFontGlyphs = template.frontMatter.attachment != nil
    }

    static func fill(
        _ template: Template, with document: Document, looksAtCharacters: Bool
    ) -> (letter: FilledLetter, problems: [ValueProblem]) {
        var filler = Filler(document, template, looksAtCharacters: looksAtCharacters)
        let front = template.frontMatter
        let subject = filler.line(front.subject, of: "the subject")
        let title = front.title.map { filler.line($0, of: "the title") }
        let attachment = front.attachment.map { FileName.safe(filler.line($0, of: "the attachment's name")) }
        filler.fill(template.blocks, in: nil)
        let letter = FilledLetter(
            subject: subject, title: title ?? subject, attachment: attachment, passages: filler.passages)
        return (letter, filler.problems)
    }

    private mutating func fill(_ blocks: [Block], in part: Part?) {
        for block in blocks {
            switch block {
            case .paragraph(let inlines): append(.paragraph, inlines, in: part)
            case .heading(let level, let inlines): append(.heading(level), inlines, in: part)
            case .item(let number, let inlines): append(.item(number: itemNumber(after: number)), inlines, in: part)
            case .rule: passages.append(Passage(kind: .rule, part: part))
            case .gap: passages.append(Passage(kind: .gap, part: part))
            case .part(let part, let blocks): fill(blocks, in: part)
            case .section(let key, let inverted, let blocks):
                repeatSection(key, inverted: inverted) { $0.fill(blocks, in: part) }
            }
        }
    }

    /// Ordered items that follow each other are counted, whatever the template wrote.
    private func itemNumber(after written: Int?) -> Int? {
        guard let written else { return nil }
        guard case .item(let number?)? = passages.last?.kind else { return written }
        return number + 1
    }

    private mutating func append(_ kind: Passage.Kind, _ inlines: [Inline], in part: Part?) {
        var runs: [Run] = []
        fill(inlines, like: Run(text: ""), into: &runs)
        // A paragraph whose sections all stayed empty leaves no gap.
        if runs.contains(where: { !$0.text.isEmpty }) { passages.append(Passage(kind: kind, part: part, runs: runs)) }
    }

    private mutating func fill(_ inlines: [Inline], like style: Run, into runs: inout [Run]) {
        for inline in inlines {
            switch inline {
            case .text(let text, _): Self.append(text, like: style, to: &runs)
            case .lineBreak: Self.append("\n", like: style, to: &runs)
            case .value(let key):
                if let text = text(of: key) {
                    check(text, of: key, isInFont: needsFontGlyphs)
                    Self.append(text, like: style, to: &runs)
                }
            case .strong(let inlines):
                var style = style
                style.isStrong = true
                fill(inlines, like: style, into: &runs)
            case .emphasis(let inlines):
                var style = style
                style.isEmphasized = true
                fill(inlines, like: style, into: &runs)
            case .link(let inlines, let address):
                var style = style
                style.link = self.address(address)
                fill(inlines, like: style, into: &runs)
            case .section(let key, let inverted, let inlines):
                // The runs are handed through, since a section may repeat.
                var filled = runs
                repeatSection(key, inverted: inverted) { $0.fill(inlines, like: style, into: &filled) }
                runs = filled
            }
        }
    }

    private static func append(_ text: String, like style: Run, to runs: inout [Run]) {
        if let last = runs.last, last.isStrong == style.isStrong, last.isEmphasized == style.isEmphasized,
            last.link == style.link
        {
            runs[runs.count - 1].text += text
        } else {
            var run = style
            run.text = text
            runs.append(run)
        }
    }

    private mutating func repeatSection(_ key: Key, inverted: Bool, _ fill: (inout Filler) -> Void) {
        let value = scope.value(of: key)
        let isEmpty =
            switch value {
            case nil, .flag(false), .text(""), .list([]): true
            default: false
            }
        if inverted || isEmpty {
            if inverted && isEmpty { fill(&self) }
            return
        }
        let items: [Document.Value] =
            switch value {
            case .list(let items): items
            case .some(let value): [value]
            case nil: []
            }
        for item in items {
            scope.enter(item)
            fill(&self)
            scope.leave()
        }
    }

    private mutating func text(of key: Key) -> String? {
        switch scope.value(of: key) {
        case .text(let text): return text
        case nil: problems.append(ValueProblem(key: key, kind: .missing))
        default: problems.append(ValueProblem(key: key, kind: .notText))
        }
        return nil
    }

    /// A text of one line: a subject, a title, a file name.
    private mutating func line(_ inlines: [Inline], of place: String) -> String {
        var line = ""
        for inline in inlines {
            switch inline {
            case .text(let text, _): line += text
            case .value(let key):
                guard let text = text(of: key) else { continue }
                if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0.isLineEnd }) {
                    problems.append(ValueProblem(key: key, kind: .breaksLine(place)))
                }
                line += text
            case .section(let key, let inverted, let inlines):
                var inside = ""
                repeatSection(key, inverted: inverted) { inside += $0.line(inlines, of: place) }
                line += inside
            default: break
            }
        }
        return line
    }

    private mutating func address(_ pieces: [Inline]) -> String {
        if case .value(let key)? = pieces.first, let whole = text(of: key) {
            if !LinkAddress.isAllowed(whole) { problems.append(ValueProblem(key: key, kind: .unsafeLink)) }
            return pieces.dropFirst().reduce(whole) { $0 + piece($1) }
        }
        return pieces.reduce("") { $0 + piece($1) }
    }

    private mutating func piece(_ inline: Inline) -> String {
        switch inline {
        case .text(let text, _): text
        case .value(let key): text(of: key).map(LinkAddress.encoded) ?? ""
        default: ""
        }
    }

    private mutating func check(_ text: String, of key: Key, isInFont: Bool) {
        guard looksAtCharacters else { return }
        let names = isInFont ? UnprintableText.glyphless(in: text) : UnprintableText.controls(in: text)
        if !names.isEmpty { problems.append(ValueProblem(key: key, kind: .unprintable(names))) }
    }
}

extension Unicode.Scalar {
    fileprivate var isLineEnd: Bool { value == 0x2028 || value == 0x2029 }
}
