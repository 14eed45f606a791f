/// Reads a template's body into blocks, line by line.
struct BlockParser {
    /// What the blocks being read stand in.
    private enum Enclosure {
        case body
        case part(Int)
        case section(Key)
    }

    private let lines: [SourceLine]
    private var index = 0
    private var isInPart = false

    init(lines: [SourceLine]) { self.lines = lines }

    mutating func parse() throws(TemplateFault) -> [Block] { try parse(in: .body) }

    private mutating func parse(in enclosure: Enclosure) throws(TemplateFault) -> [Block] {
        var blocks: [Block] = []
        while index < lines.count {
            let line = lines[index]
            if line.isBlank {
                index += 1
                if isInPart && !blocks.isEmpty { blocks.append(.gap) }
            } else if let tag = try Tag.alone(on: line) {
                index += 1
                switch tag {
                case .open(let key, let inverted):
                    blocks.append(.section(key, inverted: inverted, try parse(in: .section(key))))
                case .close(let name):
                    guard case .section(let key) = enclosure, key.name == name else {
                        throw TemplateFault(line: line.number, reason: "{{/\(name)}} closes no section open here.")
                    }
                    return blocks
                default: break
                }
            } else if line.trimmed.hasPrefix(":::") {
                index += 1
                let name = line.trimmed.drop { $0 == ":" }.trimmingBlanks
                if name.isEmpty {
                    guard case .part = enclosure else {
                        throw TemplateFault(line: line.number, reason: "“:::” closes no part open here.")
                    }
                    while case .gap? = blocks.last { blocks.removeLast() }
                    return blocks
                }
                blocks.append(try part(named: String(name), line: line.number))
            } else {
                blocks.append(try block(beginning: line))
            }
        }
        switch enclosure {
        case .body: return blocks
        case .part(let line): throw TemplateFault(line: line, reason: "this part is not closed; end it with “:::”.")
        case .section(let key):
            throw TemplateFault(line: key.line, reason: "section “\(key.name)” is not closed by {{/\(key.name)}}.")
        }
    }

    private mutating func part(named name: String, line: Int) throws(TemplateFault) -> Block {
        guard let part = Part(rawValue: name) else {
            let names = Part.allCases.map(\.rawValue)
            let near = NearestName.find(name, among: names) ?? names.joined(separator: ", ")
            throw TemplateFault(line: line, reason: "there is no part “\(name)”; did you mean \(near)?")
        }
        guard !isInPart else { throw TemplateFault(line: line, reason: "parts do not stand within parts.") }
        isInPart = true
        let blocks = try parse(in: .part(line))
        isInPart = false
        return .part(part, blocks)
    }

    private mutating func block(beginning line: SourceLine) throws(TemplateFault) -> Block {
        index += 1
        if Self.isRule(line) { return .rule }
        let text = line.trimmed
        if let level = Self.headingLevel(text) {
            let title = text.dropFirst(level).trimmingBlanks
            return .heading(level, try InlineParser.parse(String(title), line: line.number))
        }
        let marker = Self.itemMarker(text)
        var content = String(marker.map { text.dropFirst($0.length) } ?? text)
        if marker == nil { content = Self.withLineBreak(line, text: content) }
        while index < lines.count, try !Self.beginsBlock(lines[index]) {
            content += (isInPart ? "\\\n" : "\n") + Self.withLineBreak(lines[index], text: String(lines[index].trimmed))
            index += 1
        }
        let inlines = try InlineParser.parse(content, line: line.number)
        return marker.map { .item($0.number, inlines) } ?? .paragraph(inlines)
    }

    /// A line's text, with a backslash at the end where two blanks ask for a line break.
    private static func withLineBreak(_ line: SourceLine, text: String) -> String {
        line.text.hasSuffix("  ") && !text.hasSuffix("\\") ? text + "\\" : text
    }

    private static func beginsBlock(_ line: SourceLine) throws(TemplateFault) -> Bool {
        if line.isBlank || line.trimmed.hasPrefix(":::") || isRule(line) { return true }
        if headingLevel(line.trimmed) != nil || itemMarker(line.trimmed) != nil { return true }
        return try Tag.alone(on: line) != nil
    }

    private static func isRule(_ line: SourceLine) -> Bool {
        let text = line.trimmed
        return text.utf8.count >= 3 && (text.allSatisfy { $0 == "-" } || text.allSatisfy { $0 == "*" })
    }

    private static func headingLevel(_ text: Substring) -> Int? {
        let level = text.prefix { $0 == "#" }.count
        return (1...3).contains(level) && text.dropFirst(level).first == " " ? level : nil
    }

    private static func itemMarker(_ text: Substring) -> (length: Int, number: Int?)? {
        if text.hasPrefix("- ") || text.hasPrefix("* ") { return (2, nil) }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard (1...4).contains(digits.count), text.dropFirst(digits.count).hasPrefix(". ") else { return nil }
        return (digits.count + 2, Int(digits))
    }
}
