/// The parts of a font file that draw its glyphs: outlines, advances, instructions.
struct FontProgram: Sendable {
    let glyphCount: Int
    let head: FontTable
    let header: FontTable
    let profile: FontTable
    /// The tables that glyphs' instructions need, as they are: `cvt `, `fpgm` and `prep`, those that exist.
    let instructions: [FontTable]
    private let outlines: FontTable
    private let metrics: FontTable
    private let metricCount: Int
    /// Where in `outlines` each glyph begins, and where the last ends.
    private let offsets: [UInt32]

    init(_ tables: FontTables) throws(FontFault) {
        head = try tables.required("head")
        header = try tables.required("hhea")
        profile = try tables.required("maxp")
        outlines = try tables.required("glyf")
        metrics = try tables.required("hmtx")
        instructions = ["cvt ", "fpgm", "prep"].compactMap { tables[$0] }
        try profile.require(32)
        glyphCount = try profile.unsigned16(4)
        metricCount = try header.unsigned16(34)
        guard glyphCount > 0, metricCount > 0, metricCount <= glyphCount else {
            throw .damaged("its tables disagree about how many glyphs there are")
        }
        try metrics.require(metricCount * 4)
        let locations = try tables.required("loca")
        let isLong = try head.signed16(50) != 0
        try locations.require((glyphCount + 1) * (isLong ? 4 : 2))
        var offsets: [UInt32] = []
        offsets.reserveCapacity(glyphCount + 1)
        for index in 0...glyphCount {
            let offset = isLong ? try locations.unsigned32(index * 4) : try locations.unsigned16(index * 2) * 2
            guard offset >= Int(offsets.last ?? 0), offset <= outlines.count else {
                throw .damaged("its table \u{201C}loca\u{201D} points outside the outlines")
            }
            offsets.append(UInt32(offset))
        }
        self.offsets = offsets
    }

    /// In the font's own units.
    func advance(of glyph: UInt16) -> Int {
        (try? metrics.unsigned16(min(Int(glyph), metricCount - 1) * 4)) ?? 0
    }

    /// In thousandths of the type size; 0 for what has no glyph.
    func advances(of glyphs: [UInt16], in metrics: FontMetrics) throws(FontFault) -> [UInt16] {
        var advances: [UInt16] = []
        advances.reserveCapacity(glyphs.count)
        for glyph in glyphs {
            let advance = glyph == 0 ? 0 : metrics.thousandths(advance(of: glyph))
            guard advance <= Int(Int16.max) else { throw .damaged("a glyph is wider than 32 times its height") }
            advances.append(UInt16(advance))
        }
        return advances
    }

    /// From the origin to the left edge, in the font's own units. Fonts whose table is short of some count as 0 there.
    func leftBearing(of glyph: UInt16) -> Int {
        let index = Int(glyph)
        let offset = index < metricCount ? index * 4 + 2 : metricCount * 4 + (index - metricCount) * 2
        return (try? metrics.signed16(offset)) ?? 0
    }

    /// A glyph's outline as the file has it; empty for one that shows nothing.
    func outline(of glyph: UInt16) -> FontTable {
        let start = outlines.bytes.startIndex
        let (first, last) = (start + Int(offsets[Int(glyph)]), start + Int(offsets[Int(glyph) + 1]))
        return FontTable(tag: "glyf", bytes: outlines.bytes[first..<last])
    }

    /// Reads every outline that these glyphs need, so that what is damaged is found before it is embedded.
    func checkOutlines(of glyphs: [UInt16]) throws(FontFault) {
        var check = OutlineCheck(program: self)
        try check.visit(0)
        for glyph in glyphs { try check.visit(glyph) }
    }
}
