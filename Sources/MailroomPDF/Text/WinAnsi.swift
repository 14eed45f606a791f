/// Turns Unicode into the codes that lines are broken and shown in: WinAnsiEncoding (ISO 32000-1, Annex D),
/// whose unused places 1 to 10 stand for what has a meaning but no glyph of its own.
enum WinAnsi {
    static let narrowNoBreakSpace: UInt8 = 1
    static let noBreakHyphen: UInt8 = 2
    static let zeroWidthSpace: UInt8 = 3
    static let wordJoiner: UInt8 = 4
    static let lineBreak: UInt8 = 10
    static let space: UInt8 = 0x20
    static let hyphen: UInt8 = 0x2D
    static let enDash: UInt8 = 0x96
    static let emDash: UInt8 = 0x97
    static let noBreakSpace: UInt8 = 0xA0
    static let softHyphen: UInt8 = 0xAD
    private static let unknown: UInt8 = 0x3F

    /// What a text has that a plain copy of its codes would get wrong.
    struct Traits: OptionSet {
        let rawValue: UInt8
        /// Parentheses or backslashes, to be escaped in a PDF string.
        static let escapes = Traits(rawValue: 1)
        /// Codes that are not shown as themselves.
        static let substitutes = Traits(rawValue: 2)
        /// A character that has no code; a question mark is in its place.
        static let unsupported = Traits(rawValue: 4)
    }

    /// What ASCII asks for: 0 a plain copy, 1 a copy that will need escaping, 2 a closer look.
    static let asciiClasses: [UInt8] = (0..<256).map { byte in
        switch byte {
        case 0x28, 0x29, 0x5C: 1
        case 0..<32, 127...: 2
        default: 0
        }
    }

    static func canEncode(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { utf8 in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: utf8.count) { codes in
                guard let codes = codes.baseAddress else { return true }
                var count = 0
                return !asciiClasses.withUnsafeBufferPointer { classes in
                    encode(utf8, classes: classes, into: codes, from: &count).contains(.unsupported)
                }
            }
        }
    }

    /// Writes the codes of a text into `codes` from `count` on, growing it as needed, and moves `count` past them.
    static func encode(_ text: String, into codes: inout [UInt8], at count: inout Int) -> Traits {
        var text = text
        return text.withUTF8 { encode($0, into: &codes, at: &count) }
    }

    /// Writes the codes of UTF-8 in the same way.
    static func encode(
        _ utf8: UnsafeBufferPointer<UInt8>, into codes: inout [UInt8], at count: inout Int
    ) -> Traits {
        let needed = count + utf8.count
        if codes.count < needed {
            codes.append(contentsOf: repeatElement(0, count: max(needed, codes.count * 2) - codes.count))
        }
        // Codes are never more than the UTF-8 bytes they come from, so the buffer just grown holds them.
        return codes.withUnsafeMutableBufferPointer { codes in
            guard let codes = codes.baseAddress else { return [] }
            return asciiClasses.withUnsafeBufferPointer { encode(utf8, classes: $0, into: codes, from: &count) }
        }
    }

    private static func encode(
        _ utf8: UnsafeBufferPointer<UInt8>, classes: UnsafeBufferPointer<UInt8>,
        into codes: UnsafeMutablePointer<UInt8>, from count: inout Int
    ) -> Traits {
        guard let source = utf8.baseAddress, let classes = classes.baseAddress else { return [] }
        let start = count
        var traits: Traits = []
        var position = 0
        var output = count
        let end = utf8.count
        while position < end {
            let byte = source[position]
            let kind = classes[Int(byte)]
            if kind == 0 {
                codes[output] = byte
                output += 1
                position += 1
                continue
            }
            if kind == 1 {
                codes[output] = byte
                output += 1
                position += 1
                traits.insert(.escapes)
                continue
            }
            let scalar = decode(source, at: &position)
            if scalar >= 0x300 && scalar < 0x370 {
                if output > start, let composed = Composition.code(of: codes[output - 1], with: scalar) {
                    codes[output - 1] = composed
                } else {
                    traits.insert(.unsupported)
                }
                continue
            }
            if scalar == 13 && position < end && source[position] == 10 { position += 1 }
            if let code = code(of: scalar) {
                if code < 10 || code == softHyphen { traits.insert(.substitutes) }
                codes[output] = code
            } else {
                codes[output] = unknown
                traits.insert(.unsupported)
            }
            output += 1
        }
        count = output
        return traits
    }

    /// Reads one scalar; a `String`'s UTF-8 is always whole.
    @inline(__always)
    private static func decode(_ source: UnsafePointer<UInt8>, at position: inout Int) -> UInt32 {
        let first = UInt32(source[position])
        let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        var scalar = length == 1 ? first : first & (0x7F >> UInt32(length))
        for offset in 1..<max(length, 1) where offset < length {
            scalar = scalar << 6 | UInt32(source[position + offset] & 0x3F)
        }
        position += length
        return scalar
    }

    private static func code(of scalar: UInt32) -> UInt8? {
        switch scalar {
        case 0x20..<0x7F, 0xA0...0xFF: return UInt8(scalar)
        case 9, 0x2002...0x2006, 0x2008...0x200A, 0x205F, 0x3000: return space
        case 10, 11, 12, 13, 0x85, 0x2028, 0x2029: return lineBreak
        case 0x2007: return noBreakSpace
        case 0x202F: return narrowNoBreakSpace
        case 0x2010: return hyphen
        case 0x2011: return noBreakHyphen
        case 0x2012: return enDash
        case 0x2015: return emDash
        case 0x200B: return zeroWidthSpace
        case 0x2060, 0xFEFF: return wordJoiner
        case 0x212A: return UInt8(ascii: "K")
        case 0x212B: return 0xC5
        default:
            guard let index = upperBlock.firstIndex(of: scalar) else { return nil }
            return UInt8(0x80 + index)
        }
    }

    /// The Unicode scalars of the codes 0x80 to 0x9F; 0 where the encoding has none.
    static let upperBlock: [UInt32] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
        0x0178,
    ]
}
