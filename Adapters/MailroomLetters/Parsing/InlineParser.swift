/// Reads the text of a block: emphasis, links and the places for values.
struct InlineParser {
    /// What ends the pieces being read.
    private enum Closer: Equatable {
        case end
        case strong
        case emphasis
        case bracket
        case parenthesis
        case section(String)
    }

    private let source: [UInt8]
    private let hasMarkup: Bool
    private var index = 0
    private var line: Int
    private var open: [Closer] = []
    /// How many more steps may go into trying whether a mark has its other end. Marks that nest and never close
    /// would otherwise be tried over and over; beyond this they are text.
    private var budget: Int

    private init(_ text: String, line: Int, hasMarkup: Bool) {
        source = Array(text.utf8)
        self.line = line
        self.hasMarkup = hasMarkup
        budget = source.count * 64 + 4_096
    }

    static func parse(_ text: String, line: Int) throws(TemplateFault) -> [Inline] {
        var parser = InlineParser(text, line: line, hasMarkup: true)
        return try parser.pieces(until: .end) ?? []
    }

    /// Reads text that has places for values but no markup: a subject, a file name.
    static func parseTags(_ text: String, line: Int) throws(TemplateFault) -> [Inline] {
        var parser = InlineParser(text, line: line, hasMarkup: false)
        return try parser.pieces(until: .end) ?? []
    }

    /// The pieces up to what ends them; nil if that never comes, which for markup means that it was none.
    private mutating func pieces(until closer: Closer) throws(TemplateFault) -> [Inline]? {
        open.append(closer)
        defer { open.removeLast() }
        var pieces: [Inline] = []
        var text: [UInt8] = []
        func flush(_ text: inout [UInt8], to pieces: inout [Inline], line: Int) {
            if !text.isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self), line: line)) }
            text.removeAll()
        }
        while index < source.count {
            let byte = source[index]
            budget -= 1
            if starts("{{") {
                flush(&text, to: &pieces, line: line)
                switch try tag() {
                case .comment: break
                case .value(let key): pieces.append(.value(key))
                case .open(let key, let inverted):
                    guard let inside = try self.pieces(until: .section(key.name)) else {
                        throw TemplateFault(
                            line: key.line, reason: "section “\(key.name)” is not closed by {{/\(key.name)}} here.")
                    }
                    pieces.append(.section(key, inverted: inverted, inside))
                case .close(let name):
                    if closer == .section(name) { return pieces }
                    if open.contains(.section(name)) { return nil }
                    throw TemplateFault(line: line, reason: "{{/\(name)}} closes no section open here.")
                }
            } else if !hasMarkup {
                text.append(byte)
                index += 1
            } else if closes(closer) {
                flush(&text, to: &pieces, line: line)
                index += closer == .strong ? 2 : 1
                return pieces
            } else if byte == UInt8(ascii: "\\") && index + 1 < source.count {
                let next = source[index + 1]
                if next == 0x0A {
                    while text.last == 0x20 { text.removeLast() }
                    flush(&text, to: &pieces, line: line)
                    pieces.append(.lineBreak)
                    line += 1
                    index += 2
                } else {
                    text.append(contentsOf: Self.isPunctuation(next) ? [next] : [byte, next])
                    index += 2
                }
            } else if byte == 0x0A {
                text.append(0x20)
                line += 1
                index += 1
            } else if let piece = try markup() {
                flush(&text, to: &pieces, line: line)
                pieces.append(piece)
            } else {
                let length = starts("**") ? 2 : 1
                text.append(contentsOf: source[index..<(index + length)])
                index += length
            }
        }
        flush(&text, to: &pieces, line: line)
        return closer == .end ? pieces : nil
    }

    /// Emphasis or a link that begins here; nil, and nothing read, if none does.
    private mutating func markup() throws(TemplateFault) -> Inline? {
        guard budget > 0 else { return nil }
        let start = (index, line)
        switch source[index] {
        case UInt8(ascii: "*"):
            let isStrong = starts("**") && !open.contains(.strong)
            let length = isStrong ? 2 : 1
            guard isStrong || (!open.contains(.emphasis) && !(starts("**") && !starts("***"))) else { return nil }
            guard index + length < source.count, !Self.isBlank(source[index + length]) else { return nil }
            index += length
            if let inside = try pieces(until: isStrong ? .strong : .emphasis), !inside.isEmpty {
                return isStrong ? .strong(inside) : .emphasis(inside)
            }
        case UInt8(ascii: "[") where !open.contains(.bracket):
            index += 1
            if let text = try pieces(until: .bracket), starts("(") {
                index += 1
                let beginning = line
                if let address = try address() {
                    try Self.check(address, line: beginning)
                    return .link(text, address: address)
                }
            }
        case UInt8(ascii: "<"):
            if let end = source[index...].firstIndex(of: UInt8(ascii: ">")) {
                let inside = String(decoding: source[(index + 1)..<end], as: UTF8.self)
                if LinkAddress.isAllowed(inside), !inside.utf8.contains(where: { $0 <= 32 }), !inside.contains("{{") {
                    index = end + 1
                    return .link([.text(inside, line: line)], address: [.text(inside, line: line)])
                }
            }
        default: return nil
        }
        (index, line) = start
        return nil
    }

    /// The pieces of a link's address, up to the parenthesis that closes it; nil if none does.
    private mutating func address() throws(TemplateFault) -> [Inline]? {
        var pieces: [Inline] = []
        var text: [UInt8] = []
        var depth = 0
        while index < source.count {
            let byte = source[index]
            if starts("{{") {
                if !text.isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self), line: line)) }
                text.removeAll()
                guard case .value(let key) = try tag() else {
                    throw TemplateFault(line: line, reason: "a link's address has values only, no sections.")
                }
                pieces.append(.value(key))
                continue
            }
            index += 1
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") {
                depth -= 1
                if depth < 0 {
                    if !text.isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self), line: line)) }
                    return pieces
                }
            }
            if byte <= 32 { return nil }
            text.append(byte)
        }
        return nil
    }

    private static func check(_ address: [Inline], line: Int) throws(TemplateFault) {
        guard case .text(let text, _)? = address.first else {
            if address.isEmpty { throw TemplateFault(line: line, reason: "the link has no address.") }
            return
        }
        guard LinkAddress.isAllowed(text) else {
            throw TemplateFault(
                line: line, reason: "a link's address begins with \(LinkAddress.allowed), not “\(text)”.")
        }
    }

    private mutating func tag() throws(TemplateFault) -> Tag {
        let start = index + 2
        var end = start
        while end + 1 < source.count, !(source[end] == 0x7D && source[end + 1] == 0x7D) { end += 1 }
        guard end + 1 < source.count else { throw TemplateFault(line: line, reason: "“{{” is not closed by “}}”.") }
        let inside = String(decoding: source[start..<end], as: UTF8.self)
        let tag = try Tag.read(inside[...], line: line)
        line += source[start..<end].count { $0 == 0x0A }
        index = end + 2
        return tag
    }

    private func closes(_ closer: Closer) -> Bool {
        switch closer {
        case .strong: starts("**") && !Self.isBlank(source[index - 1])
        case .emphasis:
            source[index] == UInt8(ascii: "*") && !Self.isBlank(source[index - 1])
                && (!starts("**") || open.contains(.strong) && starts("***"))
        case .bracket: source[index] == UInt8(ascii: "]")
        default: false
        }
    }

    private func starts(_ text: StaticString) -> Bool {
        guard index + text.utf8CodeUnitCount <= source.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where source[index + offset] != text.utf8Start[offset] { return false }
        return true
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        (33...47).contains(byte) || (58...64).contains(byte) || (91...96).contains(byte) || (123...126).contains(byte)
    }
}
