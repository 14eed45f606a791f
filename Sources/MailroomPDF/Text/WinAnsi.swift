/// The codes that text is broken into lines and shown in: WinAnsiEncoding (ISO 32000-1, Annex D), whose unused places
/// 1 to 10 stand for what has a meaning but no glyph of its own.
enum WinAnsi {
    static let narrowNoBreakSpace: UInt16 = 1
    static let noBreakHyphen: UInt16 = 2
    static let zeroWidthSpace: UInt16 = 3
    static let wordJoiner: UInt16 = 4
    static let lineBreak: UInt16 = 10
    static let space: UInt16 = 0x20
    static let hyphen: UInt16 = 0x2D
    static let enDash: UInt16 = 0x96
    static let emDash: UInt16 = 0x97
    static let noBreakSpace: UInt16 = 0xA0
    static let softHyphen: UInt16 = 0xAD

    /// Whether a code from 32 to 255 has a character.
    static func isUsed(_ code: Int) -> Bool { scalar(of: code) != nil }

    /// The Unicode scalar of a code from 32 to 255.
    static func scalar(of code: Int) -> UInt32? {
        switch code {
        case 0x20..<0x7F, 0xA0...0xFF: UInt32(code)
        case 0x80..<0xA0: upperBlock[code - 0x80] == 0 ? nil : upperBlock[code - 0x80]
        default: nil
        }
    }

    /// The code of a character; 0 where the encoding has none. Blanks, breaks and hyphens that the encoding lacks
    /// have the code of what they mean.
    static func code(of scalar: UInt32) -> UInt16 {
        switch scalar {
        case 0x20..<0x7F, 0xA0...0xFF: UInt16(truncatingIfNeeded: scalar)
        case 0x2000..<0x2070: UInt16(punctuation[Int(scalar - 0x2000)])
        default: unusualCode(of: scalar)
        }
    }

    private static func unusualCode(of scalar: UInt32) -> UInt16 {
        switch scalar {
        case 9, 0x3000: return space
        case 10, 11, 12, 13, 0x85: return lineBreak
        case 0xFEFF: return wordJoiner
        case 0x212A: return UInt16(UInt8(ascii: "K"))
        case 0x212B: return 0xC5
        case 0x0152...0x02DC, 0x20AC, 0x2122:
            guard let index = upperBlock.firstIndex(of: scalar) else { return 0 }
            return UInt16(0x80 + index)
        default: return 0
        }
    }

    /// The codes of General Punctuation, U+2000 to U+206F.
    private static let punctuation: [UInt8] = (0x2000..<0x2070).map { scalar in
        switch scalar {
        case 0x2002...0x2006, 0x2008...0x200A, 0x205F: UInt8(space)
        case 0x2028, 0x2029: UInt8(lineBreak)
        case 0x2007: UInt8(noBreakSpace)
        case 0x202F: UInt8(narrowNoBreakSpace)
        case 0x2010: UInt8(hyphen)
        case 0x2011: UInt8(noBreakHyphen)
        case 0x2012: UInt8(enDash)
        case 0x2015: UInt8(emDash)
        case 0x200B: UInt8(zeroWidthSpace)
        case 0x2060: UInt8(wordJoiner)
        default: upperBlock.firstIndex(of: UInt32(scalar)).map { UInt8(0x80 + $0) } ?? 0
        }
    }

    /// The Unicode scalars of the codes 0x80 to 0x9F; 0 where the encoding has none.
    static let upperBlock: [UInt32] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
        0x0178,
    ]
}
