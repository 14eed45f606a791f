import Mailroom

/// Puts a document's values into a template's tree, and collects what is wrong with them.
struct Filler {
    private var scope: Scope
    private let looksAtCharacters: Bool
    private let needsFontGlyphs: Bool
    private(set) var problems: [ValueProblem] = []
    private var letter = FilledLetter()

    private init(_ document: Document, _ template: Template, looksAtCharacters: Bool) {
        scope = Scope(document.values)
        self.looksAtCharacters = looksAtCharacters
        needsFontGlyphs = template.frontMatter.attachment != nil
    }

    /// What is wrong with a document's values, their characters included; no letter is made.
    static func problems(of document: Document, in template: Template) -> [ValueProblem] {
        var filler = Filler(document, template, looksAtCharacters: true)
        filler.fill(template)
        return filler.problems
    }

    /// The letter, and what is wrong with the values but for their characters.
    static func fill(_ template: Template, with document: Document) -> (letter: FilledLetter, problems: [ValueProblem])
    {
        var filler = Filler(document, template, looksAtCharacters: false)
        filler.letter.text.reserveCapacity(2_048)
        filler.letter.runs.reserveCapacity(32)
        filler.letter.passages.reserveCapacity(24)
        filler.fill(template)
        return (filler.letter, filler.problems)
    }

    private mutating func fill(_ template: Template) {
        let front = template.frontMatter
        letter.subject = line(front.subject, of: "the subject")
        letter.title = front.title.map { line($0, of: "the title") } ?? letter.subject
        letter.attachment = front.attachment.map { FileName.safe(line($0, of: "the attachment's name")) }
        fill(template.blocks, in: nil)
    }

    private mutating func fill(_ blocks: [Block], in part: Part?) {
        for block in blocks {
            switch block {
            case .paragraph(let inlines): append(.paragraph, inlines, in: part)
            case .heading(let level, let inlines): append(.heading(level), inlines, in: part)
            case .item(let number, let inlines): append(.item(number: itemNumber(after: number)), inlines, in: part)
            case .rule: letter.passages.append(Passage(kind: .rule, part: part))
            case .gap: letter.passages.append(Passage(kind: .gap, part: part))
            case .part(let part, let blocks): fill(blocks, in: part)
            case .section(let key, let inverted, let blocks):
                repeatSection(key, inverted: inverted) { $0.fill(blocks, in: part) }
            }
        }
    }

    /// Ordered items that follow each other are counted, whatever the template wrote.
    private func itemNumber(after written: Int?) -> Int? {
        guard let written else { return nil }
        guard case .item(let number?)? = letter.passages.last?.kind else { return written }
        return number + 1
    }

    private mutating func append(_ kind: Passage.Kind, _ inlines: [Inline], in part: Part?) {
        let firstRun = letter.runs.count
        let start = letter.text.count
        fill(inlines, like: Run(text: start..<start), after: firstRun)
        if letter.text.count > start {
            letter.passages.append(Passage(kind: kind, part: part, runs: firstRun..<letter.runs.count))
        } else {
            // A paragraph whose sections all stayed empty leaves no gap.
            letter.runs.removeSubrange(firstRun...)
        }
    }

    private mutating func fill(_ inlines: [Inline], like style: Run, after firstRun: Int) {
        for inline in inlines {
            switch inline {
            case .text(let text, _): append(text, like: style, after: firstRun)
            case .lineBreak: append("\n" as String, like: style, after: firstRun)
            case .value(let key):
                if let text = text(of: key) {
                    check(text, of: key, isInFont: needsFontGlyphs)
                    append(text, like: style, after: firstRun)
                }
            case .strong(let inlines):
                var style = style
                style.isStrong = true
                fill(inlines, like: style, after: firstRun)
            case .emphasis(let inlines):
                var style = style
                style.isEmphasized = true
                fill(inlines, like: style, after: firstRun)
            case .link(let inlines, let address):
                var style = style
                style.link = self.address(address)
                fill(inlines, like: style, after: firstRun)
            case .section(let key, let inverted, let inlines):
                repeatSection(key, inverted: inverted) { $0.fill(inlines, like: style, after: firstRun) }
            }
        }
    }

    /// Adds text to the paragraph's last run if that has the same look, or else as a run of its own.
    private mutating func append(_ text: String, like style: Run, after firstRun: Int) {
        // Where values are only looked at, no letter is made.
        guard !looksAtCharacters else { return }
        let start = letter.text.count
        letter.text.append(utf8: text)
        let last = letter.runs.count - 1
        if last >= firstRun, letter.runs[last].looksLike(style) {
            letter.runs[last].text = letter.runs[last].text.lowerBound..<letter.text.count
        } else {
            var run = style
            run.text = start..<letter.text.count
            letter.runs.append(run)
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
                if UnprintableText.breaksLine(text) {
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
