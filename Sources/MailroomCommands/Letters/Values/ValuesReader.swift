import Foundation
import Mailroom

/// Where JSON is not what a template's values are, and why.
struct ValuesFault: Error, Hashable, CustomStringConvertible {
    /// From 1.
    let line: Int
    /// In characters, from 1.
    let column: Int
    /// What is wrong and what would be right.
    let reason: String

    var description: String { "line \(line), column \(column): \(reason)" }
}

/// Reads a template's values from JSON (RFC 8259).
///
/// Numbers keep every digit, `null` counts as a value that is not there, and of two values with one name neither is
/// guessed at.
struct ValuesReader {
    /// How many octets are read at most.
    static let maximumOctets = 16 << 20
    static let maximumDepth = 64

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    /// The values of a JSON object.
    static func values(_ json: [UInt8]) throws(ValuesFault) -> [String: Document.Value] {
        var reader = ValuesReader(bytes: json)
        return try reader.document()
    }

    private mutating func document() throws(ValuesFault) -> [String: Document.Value] {
        guard bytes.count <= Self.maximumOctets else {
            throw fault("there are more than \(Self.maximumOctets >> 20) MB of values")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        guard skipBlanks() == UInt8(ascii: "{") else {
            throw fault("values are an object, in braces: {\"name\": \"value\"}")
        }
        let values = try object()
        guard skipBlanks() == nil else { throw fault("nothing may follow the closing brace") }
        return values
    }

    // MARK: Containers

    private mutating func object() throws(ValuesFault) -> [String: Document.Value] {
        try enter()
        var values: [String: Document.Value] = [:]
        var names: Set<String> = []
        if skipBlanks() == UInt8(ascii: "}") { return leave(with: values) }
        while true {
            guard skipBlanks() == UInt8(ascii: "\"") else { throw expected("a name in quotation marks") }
            let start = index
            let name = try string()
            guard names.insert(name).inserted else { throw fault("\"\(name)\" has a value already", at: start) }
            guard skipBlanks() == UInt8(ascii: ":") else { throw expected("a colon after the name \"\(name)\"") }
            index += 1
            values[name] = try value()
            if try endsList(with: UInt8(ascii: "}")) { return leave(with: values) }
        }
    }

    private mutating func list() throws(ValuesFault) -> [Document.Value] {
        try enter()
        var values: [Document.Value] = []
        if skipBlanks() == UInt8(ascii: "]") { return leave(with: values) }
        while true {
            if let value = try value() { values.append(value) }
            if try endsList(with: UInt8(ascii: "]")) { return leave(with: values) }
        }
    }

    private mutating func enter() throws(ValuesFault) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw fault("values nest deeper than \(Self.maximumDepth)") }
        index += 1
    }

    private mutating func leave<Values>(with values: Values) -> Values {
        depth -= 1
        index += 1
        return values
    }

    private mutating func endsList(with end: UInt8) throws(ValuesFault) -> Bool {
        let byte = skipBlanks()
        if byte == end { return true }
        guard byte == UInt8(ascii: ",") else { throw expected("a comma or \"\(Character(Unicode.Scalar(end)))\"") }
        let comma = index
        index += 1
        if skipBlanks() == end { throw fault("no comma stands before the end", at: comma) }
        return false
    }

    // MARK: Values

    /// The next value; nil for `null`.
    private mutating func value() throws(ValuesFault) -> Document.Value? {
        guard let first = skipBlanks() else { throw expected("a value") }
        switch first {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .list(try list())
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: return try word()
        }
    }

    private mutating func word() throws(ValuesFault) -> Document.Value? {
        let word = bytes[index...].prefix { (97...122).contains($0 | 32) }
        let value: Document.Value?
        switch String(decoding: word, as: UTF8.self) {
        case "true": value = .flag(true)
        case "false": value = .flag(false)
        case "null": value = nil
        default: throw fault("a value is missing here: texts are written in quotation marks")
        }
        index = word.endIndex
        return value
    }

    private mutating func number() throws(ValuesFault) -> Document.Value {
        let start = index
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        let whole = skipDigits()
        guard whole > 0, whole == 1 || bytes[index - whole] != UInt8(ascii: "0") else {
            throw fault("a number begins with a digit, and with 0 only before a point", at: start)
        }
        if peek == UInt8(ascii: ".") {
            index += 1
            guard skipDigits() > 0 else { throw expected("a digit after the decimal point") }
        }
        if let byte = peek, byte | 32 == UInt8(ascii: "e") {
            index += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { index += 1 }
            guard skipDigits() > 0 else { throw expected("a digit of the exponent") }
        }
        guard let number = ExactNumber.read(bytes[start..<index]) else {
            throw fault("the number cannot be kept to its last digit: write it as text, in quotation marks", at: start)
        }
        return number
    }

    private mutating func skipDigits() -> Int {
        let start = index
        while let byte = peek, (48...57).contains(byte) { index += 1 }
        return index - start
    }

    // MARK: Texts

    private mutating func string() throws(ValuesFault) -> String {
        let start = index
        index += 1
        var text: [UInt8] = []
        while true {
            guard let byte = peek else { throw fault("the text that begins here does not end", at: start) }
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw fault("the text is not UTF-8: save the file as UTF-8", at: start)
                }
                return valid
            case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
            case 0..<32: throw fault("a line break or tab in a text is written \\n or \\t")
            default:
                text.append(byte)
                index += 1
            }
        }
    }

    private mutating func escape() throws(ValuesFault) -> Character {
        let start = index
        index += 2
        switch start + 1 < bytes.count ? bytes[start + 1] : 0 {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try hexadecimal(start)
            if let scalar = Unicode.Scalar(first) { return Character(scalar) }
            guard first < 0xDC00, bytes[index...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
                throw fault("\\u is followed by half a character", at: start)
            }
            index += 2
            let second = try hexadecimal(start)
            guard (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            else { throw fault("\\u is followed by half a character", at: start) }
            return Character(scalar)
        default: throw fault("after a backslash stands one of \" \\ / b f n r t u", at: start)
        }
    }

    private mutating func hexadecimal(_ start: Int) throws(ValuesFault) -> UInt32 {
        let digits = bytes[min(index, bytes.count)...].prefix(4)
        let isHexadecimal = digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0 | 32) }
        guard digits.count == 4, isHexadecimal, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("\\u is followed by four hexadecimal digits", at: start) }
        index += 4
        return value
    }

    // MARK: Places

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// The next octet that is no blank; nil at the end.
    private mutating func skipBlanks() -> UInt8? {
        while let byte = peek, byte == 32 || byte == 9 || byte == 10 || byte == 13 { index += 1 }
        return peek
    }

    private func expected(_ what: String) -> ValuesFault {
        index < bytes.count ? fault("\(what) is missing here") : fault("the values end where \(what) is missing")
    }

    private func fault(_ reason: String, at place: Int? = nil) -> ValuesFault {
        let before = bytes[..<min(place ?? index, bytes.count)]
        let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        let line = 1 + before.count { $0 == 10 }
        let isMarked = start == 0 && before.starts(with: [0xEF, 0xBB, 0xBF])
        let column = 1 + before[start...].count { $0 & 0xC0 != 0x80 } - (isMarked ? 1 : 0)
        return ValuesFault(line: line, column: column, reason: reason)
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }
}
