import Foundation

/// Text in the character sets of others. The only place that needs Foundation.
enum Charset {
    /// Text in a named character set; unknown names and octets without meaning give what can be read, never nothing.
    static func text(_ bytes: [UInt8], _ name: String?) -> String {
        let name = ASCII.lowercased(name.map { ParameterReading.trimmed($0) } ?? "us-ascii")
        switch name {
        case "utf-8", "utf8", "unicode-1-1-utf-8":
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            return String(decoding: bytes.starts(with: mark) ? bytes[3...] : bytes[...], as: UTF8.self)
        case "utf-16", "utf16", "utf-16le", "utf-16be", "ucs-2", "iso-10646-ucs-2":
            return utf16(bytes, bigEndian: name != "utf-16le")
        default:
            if bytes.allSatisfy({ $0 < 128 && $0 != 0x1B }), !name.hasPrefix("utf-"), !name.hasPrefix("hz") {
                return String(decoding: bytes, as: UTF8.self)
            }
            guard let encoding = encoding(name) else { return lenient(bytes[...]) }
            return String(bytes: bytes, encoding: encoding) ?? byLine(bytes, encoding)
        }
    }

    /// UTF-8 where it is valid, windows-1252 where it is not.
    static func lenient(_ bytes: ArraySlice<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return String(bytes: bytes, encoding: .windowsCP1252) ?? singleBytes(Array(bytes), .windowsCP1252)
    }

    private static func utf16(_ bytes: [UInt8], bigEndian: Bool) -> String {
        var big = bigEndian
        var start = 0
        if bytes.count >= 2 {
            if bytes[0] == 0xFE, bytes[1] == 0xFF { (big, start) = (true, 2) }
            if bytes[0] == 0xFF, bytes[1] == 0xFE { (big, start) = (false, 2) }
        }
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        for index in stride(from: start, to: bytes.count - 1, by: 2) {
            let first = UInt16(bytes[index])
            let second = UInt16(bytes[index + 1])
            units.append(big ? first << 8 | second : second << 8 | first)
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// What decodes by the line; elsewhere octet by octet, so that one bad octet does not cost the whole text.
    private static func byLine(_ bytes: [UInt8], _ encoding: String.Encoding) -> String {
        if encoding == .utf32 || encoding == .utf32LittleEndian || encoding == .utf32BigEndian {
            return String(decoding: bytes, as: UTF8.self)
        }
        if isSingleByte(encoding) { return singleBytes(bytes, encoding) }
        var result = ""
        for line in bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false) {
            if !result.isEmpty { result += "\n" }
            result += String(bytes: line, encoding: encoding) ?? String(decoding: line, as: UTF8.self)
        }
        return result
    }

    private static func isSingleByte(_ encoding: String.Encoding) -> Bool {
        let raw = UInt32(truncatingIfNeeded: encoding.rawValue) & 0x7FFF_FFFF
        let builtIn: [String.Encoding] = [
            .isoLatin1, .isoLatin2, .windowsCP1250, .windowsCP1251, .windowsCP1252, .windowsCP1253, .windowsCP1254,
            .macOSRoman,
        ]
        return builtIn.contains(encoding) || (0x0200...0x0210).contains(raw) || (0x0500...0x0508).contains(raw)
            || (0x0400...0x041D).contains(raw) || raw == 0x0A02 || raw == 0x0A08
    }

    private static func singleBytes(_ bytes: [UInt8], _ encoding: String.Encoding) -> String {
        let table = (0...255).map { String(bytes: [UInt8($0)], encoding: encoding) ?? "\u{FFFD}" }
        return bytes.reduce(into: "") { $0 += table[Int($1)] }
    }

    private static func encoding(_ name: String) -> String.Encoding? {
        if let known = named[name] { return known }
        // Numbered families of Core Foundation's encodings.
        if name.hasPrefix("iso-8859-") || name.hasPrefix("iso8859-"), let part = part(of: name),
            (1...16).contains(part)
        {
            return part == 1 ? .windowsCP1252 : core(0x0200 + part)
        }
        if name.hasPrefix("cp125") { return named["windows-" + name.dropFirst(2)] }
        return nil
    }

    /// The 8 of `iso-8859-8-i`.
    private static func part(of name: String) -> UInt32? {
        name.split(separator: "-").dropFirst(name.hasPrefix("iso-") ? 2 : 1).first.flatMap { UInt32($0) }
    }

    private static func core(_ value: UInt32) -> String.Encoding {
        String.Encoding(rawValue: UInt(0x8000_0000 | value))
    }

    private static let named: [String: String.Encoding] = [
        "latin1": .windowsCP1252, "l1": .windowsCP1252, "iso_8859-1": .windowsCP1252, "macintosh": .macOSRoman,
        "shift_jis": .shiftJIS, "shift-jis": .shiftJIS, "sjis": .shiftJIS, "windows-31j": .shiftJIS, "cp932": .shiftJIS,
        "euc-jp": .japaneseEUC, "iso-2022-jp": .iso2022JP, "utf-32": .utf32, "utf-32le": .utf32LittleEndian,
        "utf-32be": .utf32BigEndian, "koi8-r": core(0x0A02), "koi8-u": core(0x0A08), "gb2312": core(0x0632),
        "gbk": core(0x0632), "gb18030": core(0x0632), "cp936": core(0x0632), "big5": core(0x0A03),
        "big5-hkscs": core(0x0A06), "gb_2312-80": core(0x0632), "euc-cn": core(0x0930), "hz-gb-2312": core(0x0A05),
        "x-gbk": core(0x0632), "euc-tw": core(0x0931), "iso-2022-kr": core(0x0840), "iso-2022-jp-1": core(0x0822),
        "iso-2022-jp-2": core(0x0821), "iso-2022-jp-3": core(0x0823), "x-sjis": .shiftJIS, "x-euc-jp": .japaneseEUC,
        "utf-7": core(0x0400_0100), "cp949": core(0x0422), "windows-949": core(0x0422), "x-windows-949": core(0x0422),
        "uhc": core(0x0422), "x-mac-cyrillic": core(0x0007), "cp862": core(0x0417), "ibm862": core(0x0417),
        "euc-kr": core(0x0940), "ks_c_5601-1987": core(0x0940), "windows-874": core(0x041D), "tis-620": core(0x041D),
        "cp437": core(0x0400), "ibm437": core(0x0400), "cp850": core(0x0410), "ibm850": core(0x0410),
        "cp852": core(0x0412), "cp866": core(0x0413), "ibm866": core(0x0413),
        "windows-1250": .windowsCP1250, "windows-1251": .windowsCP1251, "windows-1252": .windowsCP1252,
        "windows-1253": .windowsCP1253, "windows-1254": .windowsCP1254, "windows-1255": core(0x0505),
        "windows-1256": core(0x0506), "windows-1257": core(0x0507), "windows-1258": core(0x0508),
    ]
}
