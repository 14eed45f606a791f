/// What a template's first lines say.
struct FrontMatter: Sendable {
    enum Page: String, Sendable { case a4, letter }
    enum Font: String, Sendable { case times, helvetica, courier }
    enum Alignment: String, Sendable { case left, justified }

    var name: String?
    var subject: [Inline] = []
    var from: String?
    var language: String?
    var title: [Inline]?
    var attachment: [Inline]?
    var footer: String?
    var page = Page.a4
    var font = Font.helvetica
    var alignment = Alignment.left
    /// Red, green and blue.
    var color: [UInt8] = [0x1F, 0x3A, 0x5F]

    private static let keys = [
        "name", "subject", "from", "language", "attachment", "title", "page", "font", "align", "color", "footer",
    ]

    /// Reads the lines between the two `---`, and gives the rest as the body.
    static func read(_ lines: [SourceLine]) throws(TemplateFault) -> (FrontMatter, [SourceLine]) {
        guard let first = lines.first, first.trimmed == "---",
            let end = lines.dropFirst().firstIndex(where: { $0.trimmed == "---" })
        else {
            throw TemplateFault(
                line: 1, reason: "a template begins with its front matter between two lines of ---, with a subject.")
        }
        var frontMatter = FrontMatter()
        var seen: Set<String> = []
        for line in lines[1..<end] where !line.isBlank && !line.trimmed.hasPrefix("#") {
            guard let colon = line.text.firstIndex(of: ":") else {
                throw TemplateFault(line: line.number, reason: "a line of front matter is written “key: value”.")
            }
            let key = String(line.text[..<colon].trimmingBlanks)
            guard keys.contains(key) else {
                let near = NearestName.find(key, among: keys).map { "; did you mean “\($0)”?" } ?? "."
                throw TemplateFault(line: line.number, reason: "“\(key)” is no key of a template\(near)")
            }
            guard seen.insert(key).inserted else {
                throw TemplateFault(line: line.number, reason: "“\(key)” stands twice; remove one.")
            }
            var value = line.text[line.text.index(after: colon)...].trimmingBlanks
            if value.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"") {
                value = value.dropFirst().dropLast()
            }
            try frontMatter.set(key, to: String(value), line: line.number)
        }
        guard !frontMatter.subject.isEmpty else {
            throw TemplateFault(line: 1, reason: "the front matter has no subject; add “subject: …”.")
        }
        return (frontMatter, Array(lines[(end + 1)...]))
    }

    private mutating func set(_ key: String, to value: String, line: Int) throws(TemplateFault) {
        switch key {
        case "name": name = value
        case "from": from = value
        case "language": language = value
        case "footer": footer = value
        case "subject": subject = try InlineParser.parseTags(value, line: line)
        case "title": title = try InlineParser.parseTags(value, line: line)
        case "attachment": attachment = try InlineParser.parseTags(value, line: line)
        case "page": page = try Self.choice(value, of: [Page.a4, .letter], for: key, line: line)
        case "font": font = try Self.choice(value, of: [Font.times, .helvetica, .courier], for: key, line: line)
        case "align": alignment = try Self.choice(value, of: [Alignment.left, .justified], for: key, line: line)
        default: color = try Self.color(value, line: line)
        }
    }

    private static func choice<Choice: RawRepresentable<String>>(
        _ value: String, of choices: [Choice], for key: String, line: Int
    ) throws(TemplateFault) -> Choice {
        guard let choice = choices.first(where: { $0.rawValue == value }) else {
            let names = choices.map(\.rawValue).joined(separator: ", ")
            throw TemplateFault(line: line, reason: "“\(key)” is one of \(names), not “\(value)”.")
        }
        return choice
    }

    private static func color(_ value: String, line: Int) throws(TemplateFault) -> [UInt8] {
        let digits = value.dropFirst()
        guard value.hasPrefix("#"), digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit),
            let number = UInt32(digits, radix: 16)
        else { throw TemplateFault(line: line, reason: "a color is written #rrggbb, like #7a1f2b.") }
        return [16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
