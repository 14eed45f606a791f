/// A value with parameters as others write it: comments, stray blanks and unquoted text included, and the extensions of
/// RFC 2231.
struct ParameterReading {
    /// What stands before the first semicolon, in small letters.
    let word: String
    private(set) var parameters: [(name: String, value: String)] = []

    subscript(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    init(_ text: String) {
        var rest = Array(text.utf8)[...]
        word = ASCII.lowercased(Self.trimmed(Self.item(&rest, until: { $0 == UInt8(ascii: ";") })))
        var sections: [(name: String, number: Int, encoded: Bool, value: [UInt8])] = []
        while !rest.isEmpty, sections.count < 1000 {
            rest.removeFirst()
            let ends: (UInt8) -> Bool = { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "=") }
            let name = ASCII.lowercased(Self.trimmed(Self.item(&rest, until: ends)))
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest.removeFirst()
            let value = Array(Self.item(&rest, until: { $0 == UInt8(ascii: ";") }).utf8)
            let pieces = name.split(separator: "*", maxSplits: 2, omittingEmptySubsequences: false)
            guard let base = pieces.first, !base.isEmpty else { continue }
            if pieces.count > 1, let number = Int(pieces[1]), (0...9999).contains(number) {
                sections.append((String(base), number, pieces.count > 2, value))
            } else {
                sections.append((String(base), pieces.count > 1 ? -1 : -2, pieces.count > 1, value))
            }
        }
        combine(sections)
    }

    /// Puts sections in order and decodes them; of several forms of one parameter the extended is preferred.
    private mutating func combine(_ sections: [(name: String, number: Int, encoded: Bool, value: [UInt8])]) {
        var groups: [String: [Int]] = [:]
        var order: [String] = []
        for (index, section) in sections.enumerated() {
            if groups[section.name] == nil { order.append(section.name) }
            groups[section.name, default: []].append(index)
        }
        for name in order {
            let members = (groups[name] ?? []).map { sections[$0] }
            if let whole = members.first(where: { $0.number == -1 }) {
                parameters.append((name, Self.decoded([(true, whole.value)])))
            } else if members.contains(where: { $0.number >= 0 }) {
                let numbered = members.enumerated().filter { $0.element.number >= 0 }
                    .sorted { ($0.element.number, $0.offset) < ($1.element.number, $1.offset) }
                let value = Self.decoded(numbered.map { ($0.element.encoded, $0.element.value) })
                let isExtended = numbered.contains { $0.element.encoded }
                parameters.append((name, isExtended ? value : Self.withoutEncodedWords(value, name)))
            } else if let plain = members.first {
                parameters.append((name, Self.withoutEncodedWords(Charset.lenient(plain.value[...]), name)))
            }
        }
    }

    /// Encoded words have no place in a parameter (RFC 2047 §5), yet many write names so. A boundary is taken literally.
    private static func withoutEncodedWords(_ value: String, _ name: String) -> String {
        name != "boundary" && value.contains("=?") ? EncodedWordReading.decoded(value) : value
    }

    private static func decoded(_ sections: [(encoded: Bool, value: [UInt8])]) -> String {
        var charset: String?
        var bytes: [UInt8] = []
        for (index, section) in sections.enumerated() {
            var value = section.value[...]
            guard section.encoded else {
                bytes += value
                continue
            }
            if index == 0, let first = value.firstIndex(of: 39), let second = value[(first + 1)...].firstIndex(of: 39) {
                charset = String(decoding: value[..<first], as: UTF8.self)
                value = value[(second + 1)...]
            }
            while let byte = value.popFirst() {
                if byte == UInt8(ascii: "%"), value.count >= 2, let high = ASCII.hexValue(value[value.startIndex]),
                    let low = ASCII.hexValue(value[value.startIndex + 1])
                {
                    bytes.append(high << 4 | low)
                    value.removeFirst(2)
                } else {
                    bytes.append(byte)
                }
            }
        }
        return charset.map { Charset.text(bytes, $0) } ?? Charset.lenient(bytes[...])
    }

    /// Text up to an octet outside quotes and comments; quotes are undone, comments left out.
    private static func item(_ rest: inout ArraySlice<UInt8>, until ends: (UInt8) -> Bool) -> String {
        var bytes: [UInt8] = []
        var quoted = false
        var depth = 0
        var keep = 0
        while let byte = rest.first {
            if !quoted, depth == 0, ends(byte) { break }
            rest.removeFirst()
            if byte == ASCII.backslash, quoted || depth > 0 {
                // A backslash before anything but a quote is most often a folder of Windows.
                if let next = rest.first, next == ASCII.quote || next == ASCII.backslash || depth > 0 {
                    rest.removeFirst()
                    if depth == 0 { bytes.append(next) }
                } else if depth == 0 {
                    bytes.append(byte)
                }
            } else if byte == ASCII.quote, depth == 0 {
                quoted.toggle()
                keep = bytes.count
            } else if !quoted, byte == UInt8(ascii: "("),
                depth > 0 || bytes.isEmpty || ByteWriter.isBlank(bytes[bytes.count - 1])
            {
                depth += 1
            } else if !quoted, byte == UInt8(ascii: ")"), depth > 0 {
                depth -= 1
            } else if depth == 0 {
                if bytes.isEmpty, !quoted, ByteWriter.isBlank(byte) { continue }
                bytes.append(byte)
            }
        }
        while bytes.count > keep, let last = bytes.last, ByteWriter.isBlank(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func trimmed(_ text: String) -> String {
        var rest = text.utf8[...]
        while let first = rest.first, ByteWriter.isBlank(first) { rest.removeFirst() }
        while let last = rest.last, ByteWriter.isBlank(last) { rest.removeLast() }
        return String(Substring(rest))
    }

    /// The media type; `nil` where there is none to be seen.
    static func mediaType(_ text: String) -> MediaType? {
        let reading = ParameterReading(text)
        let halves = reading.word.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let type = trimmed(String(Substring(halves[0])))
        let subtype = trimmed(String(Substring(halves[1])))
        let isToken: (String) -> Bool = { text in
            (1...127).contains(text.utf8.count) && text.utf8.allSatisfy { ByteSet.token.contains($0) }
        }
        guard isToken(type), isToken(subtype) else { return nil }
        // Parameters that could not be written again are left out: a media type may be handed on to the writer.
        let usable = reading.parameters.filter { isToken($0.name) && $0.name.utf8.count <= 40 }
        return MediaType(
            unchecked: type, subtype,
            usable.map { MediaType.Parameter(name: $0.name, value: $0.value) })
    }
}
