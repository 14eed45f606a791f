/// Reads which glyph shows which character (OpenType 1.9, "cmap"): the Unicode tables of format 4 and 12.
struct CharacterMap {
    /// The characters that have a glyph, in Unicode order.
    private(set) var scalars: [UInt32] = []
    /// The glyph of each.
    private(set) var glyphs: [UInt16] = []

    init(_ table: FontTable, glyphCount: Int) throws(FontFault) {
        let count = try table.unsigned16(2)
        var best: (rank: Int, offset: Int)?
        for index in 0..<count {
            let record = 4 + index * 8
            let offset = try table.unsigned32(record + 4)
            let rank = Self.rank(
                platform: try table.unsigned16(record), encoding: try table.unsigned16(record + 2),
                format: try table.unsigned16(offset))
            if rank > (best?.rank ?? 0) { best = (rank, offset) }
        }
        guard let best else {
            throw .unsupported("The font does not say which glyph shows which Unicode character. Use another font.")
        }
        let map = try table.from(best.offset)
        if try map.unsigned16(0) == 12 {
            try readGroups(map, glyphCount: glyphCount)
        } else {
            try readSegments(map, glyphCount: glyphCount)
        }
    }

    /// How good a subtable is; 0 for one that cannot be read.
    private static func rank(platform: Int, encoding: Int, format: Int) -> Int {
        switch (platform, encoding, format) {
        case (3, 10, 12): 6
        case (0, 4...6, 12): 5
        case (3, 1, 12), (0, 0...3, 12): 4
        case (3, 1, 4): 3
        case (0, 0...6, 4): 2
        case (3, 0, 4): 1
        default: 0
        }
    }

    private mutating func append(_ scalar: Int, glyph: Int, glyphCount: Int) {
        // Controls and what is no character have no look of their own.
        guard glyph > 0, glyph < glyphCount, scalar >= 32, !(0x7F..<0xA0).contains(scalar),
            !(0xD800..<0xE000).contains(scalar)
        else { return }
        scalars.append(UInt32(scalar))
        glyphs.append(UInt16(glyph))
    }

    private mutating func readGroups(_ map: FontTable, glyphCount: Int) throws(FontFault) {
        let count = try map.unsigned32(12)
        guard count <= (map.count - 16) / 12 else { throw .damaged("its table \u{201C}cmap\u{201D} ends too early") }
        var next = 0
        for index in 0..<count {
            let group = 16 + index * 12
            let (start, last) = (try map.unsigned32(group), try map.unsigned32(group + 4))
            let glyph = try map.unsigned32(group + 8)
            guard start >= next, last >= start, last <= 0x10FFFF else { throw Self.disorder }
            for scalar in start...min(last, start + glyphCount) {
                append(scalar, glyph: glyph + scalar - start, glyphCount: glyphCount)
            }
            next = last + 1
        }
    }

    private mutating func readSegments(_ map: FontTable, glyphCount: Int) throws(FontFault) {
        let count = try map.unsigned16(6) / 2
        let (ends, starts) = (14, 16 + count * 2)
        let (deltas, offsets) = (starts + count * 2, starts + count * 4)
        try map.require(offsets + count * 2)
        var next = 0
        for index in 0..<count {
            let (start, last) = (try map.unsigned16(starts + index * 2), try map.unsigned16(ends + index * 2))
            let delta = try map.unsigned16(deltas + index * 2)
            let offset = try map.unsigned16(offsets + index * 2)
            guard start >= next, last >= start else {
                // The last segment is a mark of the end, and some fonts write it carelessly.
                if last == 0xFFFF { break }
                throw Self.disorder
            }
            next = last + 1
            for scalar in start...last where scalar != 0xFFFF {
                var glyph = scalar
                if offset != 0 && offset != 0xFFFF {
                    glyph = try map.unsigned16(offsets + index * 2 + offset + (scalar - start) * 2)
                    if glyph == 0 { continue }
                }
                append(scalar, glyph: (glyph + delta) & 0xFFFF, glyphCount: glyphCount)
            }
        }
    }

    private static var disorder: FontFault {
        .damaged("the characters of its table \u{201C}cmap\u{201D} are in disorder")
    }
}
