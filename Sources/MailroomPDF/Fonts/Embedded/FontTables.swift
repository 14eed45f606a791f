/// The tables of a font file (OpenType 1.9, "The OpenType Font File").
struct FontTables: Sendable {
    /// Larger files are refused: no text font comes near it.
    static let limit = 64 << 20

    private var tables: [String: FontTable] = [:]

    init(_ bytes: [UInt8]) throws(FontFault) {
        guard bytes.count <= Self.limit else {
            throw .unsupported("The font is larger than 64 MB. Use a font made for the languages of the text.")
        }
        let file = FontTable(tag: "table of tables", bytes: bytes[...])
        try Self.refuseOtherKinds(try file.unsigned32(0))
        let count = try file.unsigned16(4)
        for index in 0..<count {
            let record = 12 + index * 16
            let name = try file.slice(record, 4)
            let tag = String(decoding: name, as: UTF8.self)
            let (offset, length) = (try file.unsigned32(record + 8), try file.unsigned32(record + 12))
            guard offset <= bytes.count, length <= bytes.count - offset else {
                let safe = name.allSatisfy { $0 >= 32 && $0 < 127 } ? tag : "?"
                throw .damaged("its table \u{201C}\(safe)\u{201D} reaches beyond the end of the file")
            }
            if tables[tag] == nil { tables[tag] = FontTable(tag: tag, bytes: bytes[offset..<(offset + length)]) }
        }
        if tables["glyf"] == nil {
            let outlines = tables["CFF "] != nil || tables["CFF2"] != nil
            throw .unsupported(
                outlines
                    ? "The font has PostScript outlines (CFF). Use its version with TrueType outlines, a .ttf file."
                    : "The font has no outlines. Use a TrueType font, a .ttf file.")
        }
    }

    /// A table that may be absent.
    subscript(tag: String) -> FontTable? { tables[tag] }

    /// A table that every font has.
    func required(_ tag: String) throws(FontFault) -> FontTable {
        guard let table = tables[tag] else { throw .damaged("it lacks the table \u{201C}\(tag)\u{201D}") }
        return table
    }

    private static func refuseOtherKinds(_ version: Int) throws(FontFault) {
        switch version {
        case 0x0001_0000, 0x7472_7565: return
        case 0x4F54_544F:
            throw .unsupported(
                "The font has PostScript outlines (CFF). Use its version with TrueType outlines, a .ttf file.")
        case 0x774F_4646, 0x774F_4632:
            throw .unsupported("The font is packed for web pages (WOFF). Use the .ttf file that it was made from.")
        case 0x7474_6366:
            throw .unsupported("The file is a collection of fonts (.ttc). Use a file of one font, a .ttf file.")
        default: throw .unsupported("The file is not a TrueType font. Use a .ttf file.")
        }
    }
}
