/// Reads tokens and quoted strings, blanks between them skipped.
struct ParameterScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    private mutating func skipBlanks() {
        while let byte = rest.first, byte == ASCII.space || byte == ASCII.tab { rest.removeFirst() }
    }

    var isAtEnd: Bool {
        mutating get {
            skipBlanks()
            return rest.isEmpty
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    mutating func token() -> String? {
        skipBlanks()
        let token = rest.prefix { ByteSet.token.contains($0) }
        rest = rest[token.endIndex...]
        return token.isEmpty ? nil : String(Substring(token))
    }

    mutating func value() -> String? {
        skipBlanks()
        guard rest.first == ASCII.quote else { return token() }
        var bytes: [UInt8] = []
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == ASCII.quote { return String(decoding: bytes, as: UTF8.self) }
            if byte == ASCII.backslash {
                guard let next = rest.popFirst() else { return nil }
                bytes.append(next)
            } else {
                bytes.append(byte)
            }
        }
        return nil
    }
}
