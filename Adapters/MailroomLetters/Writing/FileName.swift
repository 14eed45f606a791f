/// Makes a name that every system can save a file under.
enum FileName {
    /// The name with separators, reserved characters and controls replaced by hyphens, and no dots at its beginning.
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
        let safe = String(decoding: bytes, as: UTF8.self)
        guard let first = bytes.first else { return "letter.pdf" }
        guard first == UInt8(ascii: ".") || first == UInt8(ascii: " ") else { return safe }
        let rest = safe.drop { $0 == "." || $0 == " " }
        return rest.isEmpty ? "letter.pdf" : String(rest)
    }
}
