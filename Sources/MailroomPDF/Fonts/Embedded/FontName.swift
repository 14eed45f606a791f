/// Reads a font's name (OpenType 1.9, "name").
enum FontName {
    /// The PostScript name, of the characters that a PDF name needs no escapes for; nil where there is none.
    static func postScript(_ tables: FontTables) -> String? {
        guard let table = tables["name"], let count = try? table.unsigned16(2), let start = try? table.unsigned16(4)
        else { return nil }
        for index in 0..<count {
            let record = 6 + index * 12
            guard let length = try? table.unsigned16(record + 8), let offset = try? table.unsigned16(record + 10),
                (try? table.unsigned16(record + 6)) == 6, let bytes = try? table.slice(start + offset, min(length, 126))
            else { continue }
            let name = bytes.filter { byte in
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
                default: false
                }
            }
            if !name.isEmpty { return String(decoding: name.prefix(63), as: UTF8.self) }
        }
        return nil
    }
}
