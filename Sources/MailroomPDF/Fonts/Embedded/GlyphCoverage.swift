/// Which glyphs a table of kerning is about, and the place of each (OpenType 1.9, "Coverage Table").
struct GlyphCoverage: Sendable {
    private let table: FontTable
    private let isRanges: Bool
    private let count: Int

    init(_ table: FontTable) throws(FontFault) {
        let format = try table.unsigned16(0)
        guard format == 1 || format == 2 else {
            throw .damaged("its table \u{201C}GPOS\u{201D} has a coverage of no kind")
        }
        isRanges = format == 2
        count = try table.unsigned16(2)
        try table.require(4 + count * (isRanges ? 6 : 2))
        self.table = table
    }

    /// A glyph's place; nil for one that is not covered.
    func index(of glyph: UInt16) -> Int? {
        let glyph = Int(glyph)
        guard isRanges else { return try? table.search(glyph, from: 4, count: count, size: 2) }
        guard let range = try? table.searchRanges(glyph, from: 4, count: count) else { return nil }
        let start = 4 + range * 6
        guard let first = try? table.unsigned16(start), let index = try? table.unsigned16(start + 4) else { return nil }
        return index + glyph - first
    }
}

/// Which class a glyph belongs to (OpenType 1.9, "Class Definition Table"); 0 for those not named.
struct GlyphClasses: Sendable {
    private let table: FontTable
    private let isRanges: Bool
    private let first: Int
    private let count: Int

    init(_ table: FontTable) throws(FontFault) {
        let format = try table.unsigned16(0)
        guard format == 1 || format == 2 else {
            throw .damaged("its table \u{201C}GPOS\u{201D} has classes of no kind")
        }
        isRanges = format == 2
        first = isRanges ? 0 : try table.unsigned16(2)
        count = try table.unsigned16(isRanges ? 2 : 4)
        try table.require(isRanges ? 4 + count * 6 : 6 + count * 2)
        self.table = table
    }

    func value(of glyph: UInt16) -> Int {
        let glyph = Int(glyph)
        if isRanges {
            guard let range = try? table.searchRanges(glyph, from: 4, count: count) else { return 0 }
            return (try? table.unsigned16(4 + range * 6 + 4)) ?? 0
        }
        guard glyph >= first, glyph - first < count else { return 0 }
        return (try? table.unsigned16(6 + (glyph - first) * 2)) ?? 0
    }
}

extension FontTable {
    /// Which of the records in ascending order begins with a number; nil if none does.
    func search(_ key: Int, from start: Int, count: Int, size: Int) throws(FontFault) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            let found = try unsigned16(start + middle * size)
            if found == key { return middle }
            if found < key { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Which of the records of first, last and a third number, in ascending order, encloses a number.
    func searchRanges(_ key: Int, from start: Int, count: Int) throws(FontFault) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if try unsigned16(start + middle * 6 + 2) < key {
                low = middle + 1
            } else if try unsigned16(start + middle * 6) > key {
                high = middle
            } else {
                return middle
            }
        }
        return nil
    }
}
