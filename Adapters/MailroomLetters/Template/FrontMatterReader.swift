/// Reads the `key: value` lines at a template's beginning.
struct FrontMatterReader {
    static let keys = [
        "name", "subject", "from", "language", "title", "attachment", "page", "format", "letterhead", "font",
        "font-bold", "font-italic", "font-bold-italic", "fallback-fonts", "align", "color", "header", "footer",
        "compress", "pdfa", "kerning", "subset",
    ]

    private var front = FrontMatter()
    private var lines: [String: Int] = [:]

    /// Reads the lines between the two `---`; gives them and the number of the first line after.
    static func read(_ lines: [SourceLine]) throws(TemplateFault) -> (front: FrontMatter, bodyLine: Int) {
        guard let first = lines.first, first.trimmed == "---",
            let end = lines.dropFirst().firstIndex(where: { $0.trimmed == "---" })
        else {
            throw TemplateFault(
                line: 1, reason: "a template begins with its front matter between two lines of ---, with a subject.")
        }
        var reader = FrontMatterReader()
        for line in lines[1..<end] where !line.isBlank && !line.trimmed.hasPrefix("#") { try reader.read(line) }
        try reader.check()
        return (reader.front, end + 2)
    }

    private mutating func read(_ line: SourceLine) throws(TemplateFault) {
        guard let colon = line.text.firstIndex(of: ":") else {
            throw TemplateFault(line: line.number, reason: "a line of front matter is written “key: value”.")
        }
        let key = String(line.text[..<colon].trimmingBlanks)
        guard Self.keys.contains(key) else {
            let near = NearestName.find(key, among: Self.keys).map { "; did you mean “\($0)”?" } ?? "."
            throw TemplateFault(line: line.number, reason: "“\(key)” is no key of a template\(near)")
        }
        guard lines.updateValue(line.number, forKey: key) == nil else {
            throw TemplateFault(line: line.number, reason: "“\(key)” stands twice; remove one.")
        }
        var value = line.text[line.text.index(after: colon)...].trimmingBlanks
        if value.utf8.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"") {
            value = value.dropFirst().dropLast()
        }
        guard !value.isEmpty || key == "subject" else {
            throw TemplateFault(line: line.number, reason: "“\(key)” has no value; add one, or remove the line.")
        }
        try set(key, to: FrontMatter.Line(text: String(value), number: line.number))
    }

    private mutating func set(_ key: String, to line: FrontMatter.Line) throws(TemplateFault) {
        switch key {
        case "name": front.name = line.text
        case "from": front.from = line.text
        case "language": front.language = try language(line)
        case "subject": front.subject = line
        case "title": front.title = line
        case "attachment": front.attachment = line
        case "header": front.header = line
        case "footer": front.footer = line
        case "letterhead": front.letterhead = line
        case "page": front.page = try choice(line, for: key)
        case "format": front.format = try choice(line, for: key)
        case "align": front.alignment = try choice(line, for: key)
        case "subset": front.subset = try choice(line, for: key)
        case "pdfa": front.conformance = try choice(line, for: key) as FrontMatter.Conformance
        case "compress":
            front.compressionLine = try choice(line, for: key) == FrontMatter.Answer.yes ? line.number : nil
        case "kerning": front.hasKerning = try choice(line, for: key) == FrontMatter.Answer.yes
        case "font": front.fonts.regular = (try textFont(line), line.number)
        case "font-bold": front.fonts.bold = try fontFile(line, for: key)
        case "font-italic": front.fonts.italic = try fontFile(line, for: key)
        case "font-bold-italic": front.fonts.boldItalic = try fontFile(line, for: key)
        case "fallback-fonts": try setFallbacks(line)
        default: front.color = try color(line)
        }
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ line: FrontMatter.Line, for key: String
    ) throws(TemplateFault) -> Choice {
        guard let choice = Choice(rawValue: line.text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw TemplateFault(line: line.number, reason: "“\(key)” is one of \(names), not “\(line.text)”.")
        }
        return choice
    }

    private func font(_ line: FrontMatter.Line) throws(TemplateFault) -> FontChoice {
        if let choice = FontChoice(line.text) { return choice }
        throw TemplateFault(
            line: line.number,
            reason: TemplateFileFault(path: line.text)?.reason
                ?? "“\(line.text)” is no font; name times, helvetica, courier or a file, such as fonts/Lato.ttf.")
    }

    private func textFont(_ line: FrontMatter.Line) throws(TemplateFault) -> FontChoice {
        let choice = try font(line)
        guard choice != .symbol && choice != .dingbats else {
            throw TemplateFault(line: line.number, reason: "“\(line.text)” has no letters; name it in fallback-fonts.")
        }
        return choice
    }

    private func fontFile(_ line: FrontMatter.Line, for key: String) throws(TemplateFault) -> FrontMatter.Line {
        guard try font(line).path != nil else {
            throw TemplateFault(
                line: line.number, reason: "“\(key)” is a file; “\(line.text)” has that face by itself.")
        }
        return line
    }

    private mutating func setFallbacks(_ line: FrontMatter.Line) throws(TemplateFault) {
        for name in line.text.split(separator: ",") {
            let one = FrontMatter.Line(text: String(name.trimmingBlanks), number: line.number)
            front.fonts.fallbacks.append((try font(one), line.number))
        }
    }

    private func language(_ line: FrontMatter.Line) throws(TemplateFault) -> String {
        let parts = line.text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isTag = parts.allSatisfy { part in
            (1...8).contains(part.count) && part.allSatisfy { ($0 | 0x20).isASCIILetter || (0x30...0x39).contains($0) }
        }
        guard isTag, let first = parts.first, (2...3).contains(first.count),
            first.allSatisfy({ ($0 | 0x20).isASCIILetter })
        else {
            throw TemplateFault(
                line: line.number, reason: "“\(line.text.shortened)” is no language; write it as fr, en-GB or pt-BR.")
        }
        return line.text
    }

    private func color(_ line: FrontMatter.Line) throws(TemplateFault) -> [UInt8] {
        let digits = line.text.dropFirst()
        guard line.text.hasPrefix("#"), digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit),
            let number = UInt32(digits, radix: 16)
        else { throw TemplateFault(line: line.number, reason: "a color is written #rrggbb, like #7a1f2b.") }
        return [16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    /// What only all keys together can say.
    private mutating func check() throws(TemplateFault) {
        guard let subject = front.subject, !subject.text.isEmpty else {
            throw TemplateFault(line: 1, reason: "the front matter has no subject; add “subject: …”.")
        }
        if front.fonts.regular.choice.path == nil, let face = front.fonts.faces.first {
            throw TemplateFault(
                line: face.number, reason: "a bold or italic file goes with a “font” that is a file, too.")
        }
        guard let page = front.format.page else { return }
        if lines["page"] == nil { front.page = page }
        guard front.page == page else {
            throw TemplateFault(
                line: lines["page"] ?? 1,
                reason: "the format \(front.format.rawValue) is set on “page: \(page.rawValue)”; remove this line.")
        }
    }
}

extension UInt8 {
    /// Whether it is one of `a` to `z`.
    fileprivate var isASCIILetter: Bool { (0x61...0x7A).contains(self) }
}
