/// What a template says by itself, whatever the values: every section once, nothing in the place of values.
struct OwnText: Sendable {
    /// The file it is of; nil for the template's own.
    let file: String?
    /// As far as it can be read as markup without its values.
    let letter: Letter
    private let bytes: [UInt8]
    /// Where stretches of it begin, and the line each is from.
    private let stretches: [(offset: Int, line: Int)]

    init(_ mustache: Mustache, file: String?) {
        var bytes: [UInt8] = []
        var stretches: [(offset: Int, line: Int)] = []
        let program = mustache.program
        for instruction in program.instructions {
            switch instruction {
            case .text(let start, let end, let line, _):
                stretches.append((bytes.count, Int(line)))
                bytes += program.source[Int(start)..<Int(end)]
            case .value: bytes += [Guard.open, Guard.close]
            default: break
            }
        }
        self.file = file
        self.bytes = bytes
        self.stretches = stretches
        letter = MarkupParser.parse(bytes).letter
    }

    /// All of it.
    var string: String { String(decoding: bytes.filter { $0 != Guard.open && $0 != Guard.close }, as: UTF8.self) }

    /// The line where a character stands first.
    func line(of character: Character) -> Int? {
        line(of: Array(String(character).utf8)) ?? line(of: character.firstSpecial)
    }

    /// The line where a text stands first; nil if it does not stand here.
    func line(of text: [UInt8]) -> Int? {
        guard !text.isEmpty, let place = bytes.firstRange(of: text)?.lowerBound,
            let stretch = stretches.last(where: { $0.offset <= place })
        else { return nil }
        return stretch.line + bytes[stretch.offset..<place].count { $0 == 0x0A }
    }
}

extension TemplateTexts {
    /// What the texts that are markup say by themselves.
    var ownText: [OwnText] {
        texts(of: .markdown).map { OwnText($0.text, file: $0.file) }
            + (partials[.markdown] ?? [:]).sorted { $0.key < $1.key }.map { OwnText($0.value, file: "_\($0.key).md") }
    }
}

extension Mustache {
    /// Whether values name partials.
    var hasDynamicNames: Bool { program.calls.contains { $0.dynamicKey != nil } }
}
