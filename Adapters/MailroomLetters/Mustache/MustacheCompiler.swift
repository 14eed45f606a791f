/// Reads a template's source once and makes instructions of it.
struct MustacheCompiler {
    /// A source longer than this is refused.
    static let longestSource = 4 << 20
    /// Sections, blocks and parents nested deeper than this are refused.
    static let deepestNesting = 256

    /// A tag that is not closed yet.
    struct Enclosure {
        enum Kind { case section, block, parent }
        let kind: Kind
        /// What the closing tag must say.
        let name: String
        let line: Int
        /// The instruction that waits for its end.
        let instruction: Int
        /// For a parent: whether nothing but blanks stands before it, and where it begins.
        var beginsLine = false
        var start = 0
    }

    let source: [UInt8]
    var position = 0
    /// The line of the tag at hand.
    var line: Int
    var tagLines: LineCounter
    var textLines: LineCounter
    var opening: [UInt8] = [0x7B, 0x7B]
    var closing: [UInt8] = [0x7D, 0x7D]
    var enclosures: [Enclosure] = []
    var instructions: [Instruction] = []
    var filters: [[Filter]] = []
    var keys: [Key] = []
    var calls: [CallTag] = []
    var blocks: [BlockTag] = []

    init(_ source: [UInt8], startingAtLine line: Int) {
        self.source = source
        self.line = line
        tagLines = LineCounter(line: line)
        textLines = LineCounter(line: line)
    }

    mutating func compile() throws(TemplateFault) -> MustacheProgram {
        try check()
        while let start = find(opening, from: position) {
            try compileTag(at: start)
        }
        addText(to: source.count)
        if let open = enclosures.last {
            throw TemplateFault(
                line: open.line, reason: "“\(open.name)” is not closed; end it with \(tag("/" + open.name)).")
        }
        return MustacheProgram(
            source: source, instructions: instructions, filters: filters, keys: keys, calls: calls, blocks: blocks)
    }

    private func check() throws(TemplateFault) {
        guard source.count <= Self.longestSource else {
            throw TemplateFault(line: line, reason: "a template has at most 4 MiB; divide it into partials.")
        }
        var line = line
        for byte in source {
            if byte == 0x0A { line += 1 }
            if byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D || byte == 0x7F {
                let digits = String(byte, radix: 16, uppercase: true)
                throw TemplateFault(
                    line: line,
                    reason: "the control character U+00\(digits.utf8.count < 2 ? "0" : "")\(digits) cannot be shown; "
                        + "remove it.")
            }
        }
        guard String(validating: source, as: UTF8.self) != nil else {
            throw TemplateFault(line: self.line, reason: "the text is not UTF-8; save it as UTF-8.")
        }
    }

    private mutating func compileTag(at start: Int) throws(TemplateFault) {
        let inside = start + opening.count
        let sigil: UInt8 = inside < source.count ? source[inside] : 0
        var ending = closing
        switch sigil {
        case UInt8(ascii: "{"): ending.insert(UInt8(ascii: "}"), at: 0)
        case UInt8(ascii: "="): ending.insert(UInt8(ascii: "="), at: 0)
        default: break
        }
        line = tagLines.count(to: start, of: source)
        let isSigil = Self.sigils.contains(sigil)
        guard let end = find(ending, from: isSigil ? inside + 1 : inside) else {
            throw TemplateFault(
                line: line,
                reason: "a tag begins here and does not end with \(String(decoding: ending, as: UTF8.self)).")
        }
        let after = end + ending.count
        let place = TagPlace(
            start: start, end: after, lineStart: lineStart(before: start), afterLine: afterLine(from: after))
        let content = trimmed(isSigil ? inside + 1 : inside, end)
        try compile(sigil: isSigil ? sigil : 0, content, at: place)
    }

    private static let sigils: [UInt8] = Array("{&#^/><$!=".utf8)

    private mutating func compile(sigil: UInt8, _ content: String, at place: TagPlace) throws(TemplateFault) {
        switch sigil {
        case UInt8(ascii: "!"): begin(place)
        case UInt8(ascii: "="):
            try setDelimiters(content)
            begin(place)
        case UInt8(ascii: "#"), UInt8(ascii: "^"):
            try refuseInParent(sigil, content)
            let key = try key(content, of: "section")
            begin(place)
            open(.section, named: content)
            keys.append(key)
            let index = Int32(keys.count - 1)
            instructions.append(
                sigil == UInt8(ascii: "#") ? .section(key: index, end: 0) : .inverted(key: index, end: 0))
            try checkNesting()
        case UInt8(ascii: "/"): try close(content, at: place)
        case UInt8(ascii: ">"):
            try refuseInParent(sigil, content)
            try addCall(content, isParent: false, at: place)
        case UInt8(ascii: "<"): try addCall(content, isParent: true, at: place)
        case UInt8(ascii: "$"): try addBlock(content, at: place)
        default:
            try refuseInParent(sigil, content)
            let value = try ValueTag(content, line: line)
            addText(to: place.start)
            beginLine(at: place)
            addValue(value, isEscaped: sigil == 0)
            position = place.end
        }
    }

    private mutating func addValue(_ tag: ValueTag, isEscaped: Bool) {
        var form: ValueForm = isEscaped ? .escaped : []
        if tag.isOptional { form.insert(.optional) }
        if !tag.filters.isEmpty {
            form.insert(.filtered)
            filters.append(tag.filters)
        }
        keys.append(tag.key)
        instructions.append(
            .value(key: Int32(keys.count - 1), form: form, filters: Int32(max(0, filters.count - 1))))
    }

    mutating func open(_ kind: Enclosure.Kind, named name: String) {
        enclosures.append(Enclosure(kind: kind, name: name, line: line, instruction: instructions.count))
    }

    func checkNesting() throws(TemplateFault) {
        guard enclosures.count <= Self.deepestNesting else {
            throw TemplateFault(line: line, reason: "sections nest deeper than \(Self.deepestNesting); use partials.")
        }
    }

    private mutating func setDelimiters(_ content: String) throws(TemplateFault) {
        let parts = content.utf8.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard parts.count == 2, !parts.contains(where: { $0.contains(UInt8(ascii: "=")) }) else {
            throw TemplateFault(
                line: line, reason: "“\(content.shortened)”: delimiters are set as in {{=<% %>=}}, without “=” in them."
            )
        }
        opening = Array(parts[0])
        closing = Array(parts[1])
    }

    /// Directly within a parent there are only blocks: what else stands there would never be seen.
    func refuseInParent(_ sigil: UInt8, _ content: String) throws(TemplateFault) {
        guard enclosures.last?.kind == .parent else { return }
        let written = (sigil == 0 ? "" : String(UnicodeScalar(sigil))) + content.shortened
        throw TemplateFault(
            line: line, reason: "\(tag(written)) would never be seen here; put it within a {{$block}}.")
    }

    func key(_ content: String, of what: String) throws(TemplateFault) -> Key {
        if content.utf8.last == UInt8(ascii: "?") {
            let name = content.dropLast()
            throw TemplateFault(
                line: line, reason: "“\(content.shortened)”: a \(what) needs no “?”; an absent “\(name)” leaves it out."
            )
        }
        return try Key(content, line: line)
    }

    func tag(_ content: String) -> String {
        String(decoding: opening, as: UTF8.self) + content + String(decoding: closing, as: UTF8.self)
    }
}

extension Key {
    /// A name as a tag has it: no blanks and no empty name between its dots.
    init(_ content: String, line: Int) throws(TemplateFault) {
        if content == "." {
            self.init(name: content, path: [], line: line)
            return
        }
        guard !content.isEmpty else { throw TemplateFault(line: line, reason: "a tag has no name.") }
        guard content.utf8.count <= 256 else {
            throw TemplateFault(line: line, reason: "“\(content.shortened)” is too long for a name.")
        }
        let path = content.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !path.contains(""), !content.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: "|") }) else {
            throw TemplateFault(
                line: line,
                reason: "“\(content.shortened)” is no name; a name has no blanks, and dots only between names.")
        }
        self.init(name: content, path: path, line: line)
    }
}

extension String {
    /// At most 40 characters, for messages.
    var shortened: String { count > 40 ? prefix(40) + "…" : self }
}
