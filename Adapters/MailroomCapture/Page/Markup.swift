/// HTML being written: what is passed to ``text(_:)`` is shown as it is, whatever characters it has.
struct Markup {
    private(set) var bytes: [UInt8] = []

    /// Adds markup, which must come from this program alone.
    mutating func raw(_ markup: StaticString) {
        markup.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Adds text, safe within elements and quoted attributes.
    mutating func text(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): raw("&amp;")
            case UInt8(ascii: "<"): raw("&lt;")
            case UInt8(ascii: ">"): raw("&gt;")
            case UInt8(ascii: "\""): raw("&quot;")
            case UInt8(ascii: "'"): raw("&#39;")
            case 0..<9, 11, 12, 14..<32, 127: raw("\u{FFFD}")
            default: bytes.append(byte)
            }
        }
    }

    mutating func number(_ number: Int) { text(String(number)) }

    /// Adds an element without attributes but a class.
    mutating func element(_ name: StaticString, class style: StaticString? = nil, _ content: String) {
        raw("<")
        raw(name)
        if let style {
            raw(" class=\"")
            raw(style)
            raw("\"")
        }
        raw(">")
        text(content)
        raw("</")
        raw(name)
        raw(">")
    }

    /// Adds a link; `address` is a path of this server.
    mutating func link(_ address: String, class style: StaticString = "", isCurrent: Bool = false, _ content: String) {
        raw("<a class=\"")
        raw(style)
        raw("\" href=\"")
        text(address)
        raw(isCurrent ? "\" aria-current=\"page\">" : "\">")
        text(content)
        raw("</a>")
    }
}

/// A segment of a path or a value of a query, percent-encoded but for what never needs it.
func percentEncoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
        switch byte {
        case 45, 46, 48...57, 65...90, 95, 97...122, 126: result.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            result += digits.utf8.count < 2 ? "%0\(digits)" : "%\(digits)"
        }
    }
    return result
}

/// A number of octets for a person.
func sizeText(_ count: Int) -> String {
    switch count {
    case ..<1024: return "\(count) B"
    case ..<(1024 * 1024): return "\((count + 512) / 1024) KB"
    default:
        let tenths = (count * 10 + (1 << 19)) >> 20
        return "\(tenths / 10).\(tenths % 10) MB"
    }
}
