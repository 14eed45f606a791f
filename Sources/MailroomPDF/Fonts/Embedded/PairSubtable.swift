/// A table of pairs of glyphs that are set closer or farther (OpenType 1.9, "Pair Adjustment Positioning Subtable").
/// Of what it says, what it adds to the first one's advance is used.
final class PairSubtable: Sendable {
    private enum Form: Sendable {
        /// Format 1: a list of second glyphs for each first one.
        case lists(count: Int)
        /// Format 2: a row for each class of first glyphs.
        case classes(first: GlyphClasses, second: GlyphClasses, rows: Int, columns: Int)
    }

    private let table: FontTable
    private let coverage: GlyphCoverage
    private let form: Form
    /// The bytes of the values of a pair.
    private let size: Int
    /// Where in them the first one's advance is; nil where they do not say.
    private let advance: Int?

    init(_ table: FontTable) throws(FontFault) {
        self.table = table
        let format = try table.unsigned16(0)
        coverage = try GlyphCoverage(try table.from(try table.unsigned16(2)))
        let (first, second) = (try table.unsigned16(4), try table.unsigned16(6))
        size = ((first & 0xFF).nonzeroBitCount + (second & 0xFF).nonzeroBitCount) * 2
        advance = first & 4 == 0 ? nil : (first & 3).nonzeroBitCount * 2
        switch format {
        case 1:
            let count = try table.unsigned16(8)
            try table.require(10 + count * 2)
            form = .lists(count: count)
        case 2:
            let (rows, columns) = (try table.unsigned16(12), try table.unsigned16(14))
            try table.require(16 + rows * columns * size)
            form = .classes(
                first: try GlyphClasses(try table.from(try table.unsigned16(8))),
                second: try GlyphClasses(try table.from(try table.unsigned16(10))), rows: rows, columns: columns)
        default: throw .damaged("its table \u{201C}GPOS\u{201D} has pairs of no kind")
        }
    }

    /// The place of a first glyph's values; nil where the table is not about that glyph.
    func row(of glyph: UInt16) -> Int? {
        guard let index = coverage.index(of: glyph) else { return nil }
        switch form {
        case .lists(let count): return index < count ? (try? table.unsigned16(10 + index * 2)) : nil
        case .classes(let first, _, let rows, let columns):
            let row = first.value(of: glyph)
            return row < rows ? 16 + row * columns * size : nil
        }
    }

    /// What is added to the first glyph's advance, in the font's own units; nil where the table has no such pair.
    func value(inRow row: Int, _ second: UInt16) -> Int? {
        let place: Int
        switch form {
        case .lists:
            guard let count = try? table.unsigned16(row),
                let index = try? table.search(Int(second), from: row + 2, count: count, size: size + 2)
            else { return nil }
            place = row + 4 + index * (size + 2)
        case .classes(_, let classes, _, let columns):
            let column = classes.value(of: second)
            guard column < columns else { return nil }
            place = row + column * size
        }
        guard let advance else { return 0 }
        return (try? table.signed16(place + advance)) ?? 0
    }
}
