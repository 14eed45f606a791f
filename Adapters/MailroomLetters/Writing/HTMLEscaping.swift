extension [UInt8] {
    /// Appends text as HTML; whatever could be read as markup, also within an attribute's quotes, is escaped.
    mutating func append(escaped text: ArraySlice<UInt8>, breaksLines: Bool = false) {
        text.withUnsafeBufferPointer { text in
            HTMLEscaping.isPlain.withUnsafeBufferPointer { isPlain in
                var copied = 0
                for position in text.indices where !isPlain[Int(text[position])] {
                    let byte = text[position]
                    guard let escape = HTMLEscaping.escape(of: byte, breaksLines: breaksLines) else { continue }
                    append(contentsOf: UnsafeBufferPointer(rebasing: text[copied..<position]))
                    copied = position + 1
                    // A return and a line feed are one line break.
                    if byte == 10 && position > 0 && text[position - 1] == 13 { continue }
                    append(escape)
                }
                append(contentsOf: UnsafeBufferPointer(rebasing: text[copied...]))
            }
        }
    }
}

/// Which bytes of a text mean something else in HTML, and what is written for them.
enum HTMLEscaping {
    static let isPlain: [Bool] = (UInt8.min...UInt8.max).map { escape(of: $0, breaksLines: true) == nil }

    static func escape(of byte: UInt8, breaksLines: Bool) -> StaticString? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        case 10 where breaksLines, 13 where breaksLines: "<br>\n"
        default: nil
        }
    }
}
