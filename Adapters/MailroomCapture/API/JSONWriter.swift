/// Writes JSON straight to octets, up to a budget; the caller sees to the nesting.
struct JSONWriter {
    /// A place to go back to.
    struct Mark {
        fileprivate let count: Int
        fileprivate let needsComma: Bool
    }

    private(set) var bytes: [UInt8] = []
    /// Whether there was more to write than may be written. What is there is no JSON then.
    private(set) var isOverdrawn = false
    /// Whether a comma is due before the next value.
    private var needsComma = false
    private let budget: Int

    /// Writes so many octets at most.
    init(budget: Int = .max) { self.budget = budget }

    /// Where it stands.
    var mark: Mark { Mark(count: bytes.count, needsComma: needsComma) }

    /// Takes back what was written since.
    mutating func goBack(to mark: Mark) {
        bytes.removeSubrange(mark.count...)
        needsComma = mark.needsComma
        isOverdrawn = false
    }

    mutating func beginObject() { open("{") }
    mutating func endObject() { close("}") }
    mutating func beginArray() { open("[") }
    mutating func endArray() { close("]") }

    mutating func key(_ name: String) {
        string(name)
        append(":")
        needsComma = false
    }

    mutating func key(_ name: ArraySlice<UInt8>) {
        string(name)
        append(":")
        needsComma = false
    }

    mutating func null() { plain("null") }
    mutating func boolean(_ value: Bool) { plain(value ? "true" : "false") }
    mutating func number(_ value: Int) { plain(String(value)) }
    /// A whole number is written without decimals.
    mutating func number(_ value: Double) {
        let text = "\(value)"
        plain(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }
    mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string(UnsafeRawBufferPointer($0)) }
    }
    mutating func string(_ text: ArraySlice<UInt8>) { text.withUnsafeBytes { string($0) } }

    /// Octets as a string; each that is no UTF-8 becomes U+FFFD. `<`, `>` and `&` are escaped, so that JSON within HTML
    /// stays what it is.
    mutating func string(_ text: UnsafeRawBufferPointer) {
        comma()
        append("\"")
        var index = 0
        var plainFrom = 0
        while index < text.count, !isOverdrawn {
            let byte = text[index]
            if Self.isPlain(byte) {
                index += 1
                continue
            }
            let length: Int
            let replacement: String?
            if byte < 128 {
                length = 1
                replacement = Self.escape(byte)
            } else if let width = Self.scalarWidth(in: text, at: index) {
                length = width
                let isSeparator =
                    width == 3 && byte == 0xE2 && text[index + 1] == 0x80 && text[index + 2] & 0xFE == 0xA8
                replacement = isSeparator ? (text[index + 2] == 0xA8 ? "\\u2028" : "\\u2029") : nil
            } else {
                length = 1
                replacement = "\\ufffd"
            }
            if let replacement {
                append(UnsafeRawBufferPointer(rebasing: text[plainFrom..<index]))
                append(replacement)
                plainFrom = index + length
            }
            index += length
        }
        append(UnsafeRawBufferPointer(rebasing: text[plainFrom...]))
        append("\"")
    }

    /// What another writer has written, as one value.
    mutating func value(_ other: JSONWriter) {
        comma()
        other.bytes.withUnsafeBytes { append($0) }
    }

    /// Lines of two blanks' indentation, for what is already written; strings are left as they are.
    static func indented(_ json: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(json.count + json.count / 4)
        var depth = 0
        var index = 0
        func newline() {
            result.append(10)
            for _ in 0..<depth { result.append(contentsOf: [32, 32]) }
        }
        while index < json.count {
            let byte = json[index]
            switch byte {
            case UInt8(ascii: "\""):
                let start = index
                index += 1
                while json[index] != UInt8(ascii: "\"") { index += json[index] == UInt8(ascii: "\\") ? 2 : 1 }
                result.append(contentsOf: json[start...index])
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                result.append(byte)
                if index + 1 < json.count, json[index + 1] == byte + 2 {
                    index += 1
                    result.append(json[index])
                } else {
                    depth += 1
                    newline()
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                newline()
                result.append(byte)
            case UInt8(ascii: ","):
                result.append(byte)
                newline()
            case UInt8(ascii: ":"): result.append(contentsOf: [byte, 32])
            default: result.append(byte)
            }
            index += 1
        }
        return result
    }

    private mutating func append(_ text: String) {
        guard hasRoom(text.utf8.count) else { return }
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func append(_ octets: UnsafeRawBufferPointer) {
        guard hasRoom(octets.count) else { return }
        bytes.append(contentsOf: octets)
    }

    private mutating func hasRoom(_ count: Int) -> Bool {
        if count > budget - bytes.count { isOverdrawn = true }
        return !isOverdrawn
    }

    private mutating func comma() {
        if needsComma { append(",") }
        needsComma = true
    }

    private mutating func open(_ bracket: String) {
        comma()
        append(bracket)
        needsComma = false
    }

    /// A bracket is closed beyond the budget, too, so that what was gone back to can be completed.
    private mutating func close(_ bracket: String) {
        if !isOverdrawn { bytes.append(contentsOf: bracket.utf8) }
        needsComma = true
    }

    private mutating func plain(_ text: String) {
        comma()
        append(text)
    }

    /// One bit for each octet below 128 that stands for itself: all but controls, `"`, `&`, `<`, `>` and `\`.
    private static let plainBits: (UInt64, UInt64) = (0xAFFF_FFBB_0000_0000, 0xFFFF_FFFF_EFFF_FFFF)

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case ..<64: plainBits.0 >> UInt64(byte) & 1 != 0
        case ..<128: plainBits.1 >> UInt64(byte & 63) & 1 != 0
        default: false
        }
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case 34: return "\\\""
        case 92: return "\\\\"
        case 10: return "\\n"
        case 13: return "\\r"
        case 9: return "\\t"
        default:
            let digits = String(byte, radix: 16)
            return "\\u00" + (digits.utf8.count < 2 ? "0" : "") + digits
        }
    }

    /// The number of octets of the well-formed UTF-8 sequence at a place (Unicode 3.9, table 3-7).
    private static func scalarWidth(in text: UnsafeRawBufferPointer, at index: Int) -> Int? {
        let first = text[index]
        func follows(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            index + offset < text.count && range.contains(text[index + offset])
        }
        switch first {
        case 0xC2...0xDF: return follows(1) ? 2 : nil
        case 0xE0: return follows(1, 0xA0...0xBF) && follows(2) ? 3 : nil
        case 0xED: return follows(1, 0x80...0x9F) && follows(2) ? 3 : nil
        case 0xE1...0xEF: return follows(1) && follows(2) ? 3 : nil
        case 0xF0: return follows(1, 0x90...0xBF) && follows(2) && follows(3) ? 4 : nil
        case 0xF1...0xF3: return follows(1) && follows(2) && follows(3) ? 4 : nil
        case 0xF4: return follows(1, 0x80...0x8F) && follows(2) && follows(3) ? 4 : nil
        default: return nil
        }
    }
}
