/// Makes a name that every system can save a file under.
enum FileName {
    /// In bytes.
    private static let longest = 200

    /// The name with separators, reserved characters and controls replaced by hyphens, and no dots at its ends.
    static func safe(_ name: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count)
        for byte in name.utf8 {
            switch byte {
            case 0x80..<0xA0 where bytes.last == 0xC2:
                // The controls U+0080 to U+009F are two bytes.
                bytes[bytes.count - 1] = UInt8(ascii: "-")
            case 0..<32, 127, UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: ":"), UInt8(ascii: "*"),
                UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "|"):
                bytes.append(UInt8(ascii: "-"))
            default: bytes.append(byte)
            }
        }
        return bounded(String(decoding: bytes, as: UTF8.self))
    }

    /// The name without signs that turn the direction of text, which make “fdp.exe” of “exe.pdf”, without dots and blanks
    /// at its ends, and no longer than systems allow.
    private static func bounded(_ name: String) -> String {
        var scalars = name.unicodeScalars.filter { !isDirection($0) }[...]
        scalars = scalars.drop { $0 == "." || $0 == " " }
        while let last = scalars.last, last == "." || last == " " { scalars.removeLast() }
        if scalars.isEmpty { return "letter.pdf" }
        let safe = String(String.UnicodeScalarView(scalars))
        if safe.utf8.count <= longest { return isReserved(safe) ? "_" + safe : safe }
        // The ending stays.
        let ending = safe.lastIndex(of: ".").map { String(safe[$0...]) } ?? ""
        let kept = ending.utf8.count <= 16 ? ending : ""
        var start = safe.dropLast(kept.count)
        while start.utf8.count + kept.utf8.count > longest { start.removeLast() }
        return start + kept
    }

    private static func isDirection(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Whether Windows has a device of this name.
    private static func isReserved(_ name: String) -> Bool {
        let stem = name.prefix { $0 != "." }.lowercased()
        if ["con", "prn", "aux", "nul"].contains(stem) { return true }
        return stem.utf8.count == 4 && (stem.hasPrefix("com") || stem.hasPrefix("lpt")) && stem.last?.isNumber == true
    }
}
