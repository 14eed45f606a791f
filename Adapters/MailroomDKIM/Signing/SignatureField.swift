/// Writes a `DKIM-Signature` field (RFC 6376 §3.5), folded at 78 columns where its tags allow it.
struct SignatureField {
    private(set) var bytes = Array("DKIM-Signature: v=1".utf8)
    private var column: Int

    private static let width = 78

    init() { column = bytes.count }

    /// Adds a tag with a value that cannot be folded.
    mutating func add(_ tag: String, _ value: String) {
        put(";")
        blank(before: tag.utf8.count + value.utf8.count + 2)
        put("\(tag)=\(value)")
    }

    /// Adds a tag with a list, which may be folded at its colons.
    mutating func add(_ tag: String, list: [String]) {
        put(";")
        blank(before: tag.utf8.count + (list.first?.utf8.count ?? 0) + 2)
        put("\(tag)=")
        for (index, item) in list.enumerated() {
            if index > 0 {
                put(":")
                if column + item.utf8.count + 1 > Self.width { newLine() }
            }
            put(item)
        }
    }

    /// Begins the signature's own tag, which is signed as if it were empty.
    mutating func beginSignature() {
        put(";")
        newLine()
        put("b=")
    }

    /// Adds the signature, which may be folded anywhere, and ends the field.
    mutating func end(_ signature: String) {
        var rest = Substring(signature).utf8
        while !rest.isEmpty {
            if column >= Self.width { newLine() }
            let part = rest.prefix(Self.width - column)
            put(String(Substring(part)))
            rest = rest.dropFirst(part.count)
        }
        bytes += [13, 10]
    }

    private mutating func put(_ text: String) {
        bytes += text.utf8
        column += text.utf8.count
    }

    private mutating func blank(before width: Int) {
        if column + 1 + width > Self.width { newLine() } else { put(" ") }
    }

    private mutating func newLine() {
        bytes += [13, 10, 32]
        column = 1
    }
}
