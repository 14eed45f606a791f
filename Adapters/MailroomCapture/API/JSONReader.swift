/// A JSON value (RFC 8259).
enum JSONValue: Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// In its order; a name may come more than once.
    case object([Member])

    struct Member: Equatable {
        let name: String
        let value: JSONValue
    }
}

/// What is no JSON, or not what it should be.
struct MalformedJSON: Error, Equatable {
    let reason: String
}

/// Reads a JSON value from octets. Nothing of it can end the program: neither depth nor length of a number.
struct JSONReader {
    private static let maximumDepth = 100

    private let bytes: [UInt8]
    private var index = 0

    /// The first value; what follows it is overlooked, as Go does.
    static func firstValue(of bytes: [UInt8]) throws(MalformedJSON) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        return try reader.value(depth: 0)
    }

    /// The only value.
    static func value(of bytes: [UInt8]) throws(MalformedJSON) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.index == bytes.count else { throw reader.malformed }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private var malformed: MalformedJSON { MalformedJSON(reason: "It is no JSON from octet \(index + 1) on.") }

    private mutating func skipBlanks() {
        while let byte = next, byte == 32 || byte == 10 || byte == 13 || byte == 9 { index += 1 }
    }

    private mutating func value(depth: Int) throws(MalformedJSON) -> JSONValue {
        guard depth < Self.maximumDepth else { throw MalformedJSON(reason: "It is nested too deeply.") }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(MalformedJSON) -> JSONValue {
        index += 1
        var members: [JSONValue.Member] = []
        while true {
            skipBlanks()
            if members.isEmpty, take(UInt8(ascii: "}")) { return .object([]) }
            let name = try string()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw malformed }
            members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw malformed }
        }
    }

    private mutating func array(depth: Int) throws(MalformedJSON) -> JSONValue {
        index += 1
        var elements: [JSONValue] = []
        while true {
            skipBlanks()
            if elements.isEmpty, take(UInt8(ascii: "]")) { return .array([]) }
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw malformed }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(MalformedJSON) -> JSONValue {
        guard bytes[index...].starts(with: word.utf8) else { throw malformed }
        index += word.utf8.count
        return value
    }

    private mutating func number() throws(MalformedJSON) -> Double {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
            index += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        guard index - start <= 1000, let value = Double(String(decoding: bytes[start..<index], as: UTF8.self)),
            value.isFinite
        else { throw MalformedJSON(reason: "A number is out of range.") }
        return value
    }

    private mutating func digits() throws(MalformedJSON) {
        guard let byte = next, (48...57).contains(byte) else { throw malformed }
        while let byte = next, (48...57).contains(byte) { index += 1 }
    }

    private mutating func string() throws(MalformedJSON) -> String {
        guard take(UInt8(ascii: "\"")) else { throw malformed }
        var text: [UInt8] = []
        while let byte = next, byte >= 32 {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
            default: text.append(byte)
            }
        }
        throw malformed
    }

    private mutating func escape() throws(MalformedJSON) -> [UInt8] {
        guard let byte = next else { throw malformed }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "u"):
            var units = [try unit()]
            // The second half of a pair; what is no pair becomes U+FFFD.
            if 0xD800...0xDBFF ~= units[0], bytes[index...].starts(with: "\\u".utf8) {
                let before = index
                index += 2
                let second = try unit()
                if 0xDC00...0xDFFF ~= second { units.append(second) } else { index = before }
            }
            return Array(String(decoding: units, as: UTF16.self).utf8)
        default: throw malformed
        }
    }

    private mutating func unit() throws(MalformedJSON) -> UInt16 {
        guard index + 4 <= bytes.count,
            bytes[index..<index + 4].allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw malformed }
        index += 4
        return unit
    }
}
