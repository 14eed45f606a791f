/// How much closer or farther than their advances two glyphs of a font are set.
struct PairKerning: Sendable {
    private enum Source: Sendable {
        case none
        /// By script: Latin and all others, Greek, Cyrillic.
        case lookups([[[PairSubtable]]])
        case list(KerningList)
    }

    private let source: Source
    private let codes: CodeTable
    private let metrics: FontMetrics
    private let recent = RecentPairs()

    init(_ tables: FontTables, codes: CodeTable, metrics: FontMetrics) throws(FontFault) {
        self.codes = codes
        self.metrics = metrics
        if let table = tables["GPOS"] {
            var lookups = try KerningLookups(table)
            var scripts: [[[PairSubtable]]] = []
            for script in ["latn", "grek", "cyrl"] { scripts.append(try lookups.kerning(of: script)) }
            if scripts.contains(where: { !$0.isEmpty }) {
                source = .lookups(scripts)
                return
            }
        }
        if let table = tables["kern"], let list = try KerningList(table) {
            source = .list(list)
        } else {
            source = .none
        }
    }

    var isEmpty: Bool {
        if case .none = source { return true }
        return false
    }

    /// The kerning of two codes in thousandths of the type size.
    func value(_ left: UInt16, _ right: UInt16) -> Int {
        if case .none = source { return 0 }
        if let value = recent.value(left, right) { return value }
        guard Int(left) < codes.count, Int(right) < codes.count else { return 0 }
        let (first, second) = (codes.glyphs[Int(left)], codes.glyphs[Int(right)])
        guard first != 0, second != 0 else { return 0 }
        let value: Int
        switch source {
        case .none: value = 0
        case .list(let list): value = thousandths(list.value(first, second))
        case .lookups(let scripts):
            let script = Self.script(of: codes.scalars[Int(left)]) ?? Self.script(of: codes.scalars[Int(right)]) ?? 0
            value = thousandths(scripts[script].map { Self.rows($0, first) }.reduce(0) { $0 + Self.value($1, second) })
        }
        recent.keep(value, left, right)
        return value
    }

    /// The kerning of the codes below 256: 256 rows of 256 values.
    func table() -> [Int16] {
        var values = [Int16](repeating: 0, count: 65_536)
        if case .none = source { return values }
        for left in 32..<256 where codes.glyphs[left] != 0 {
            let first = codes.glyphs[left]
            var rows: [[(PairSubtable, Int)]] = []
            if case .lookups(let scripts) = source {
                rows = scripts[0].map { Self.rows($0, first) }.filter { !$0.isEmpty }
                if rows.isEmpty { continue }
            }
            for right in 32..<256 where codes.glyphs[right] != 0 {
                let second = codes.glyphs[right]
                var sum = rows.reduce(0) { $0 + Self.value($1, second) }
                if case .list(let list) = source { sum = list.value(first, second) }
                values[left * 256 + right] = Int16(thousandths(sum))
            }
        }
        return values
    }

    private func thousandths(_ units: Int) -> Int {
        min(max(metrics.thousandths(units), Int(Int16.min)), Int(Int16.max))
    }

    /// Those tables of a lookup that are about a first glyph, each with its row.
    private static func rows(_ lookup: [PairSubtable], _ glyph: UInt16) -> [(PairSubtable, Int)] {
        lookup.compactMap { table in table.row(of: glyph).map { (table, $0) } }
    }

    private static func value(_ rows: [(PairSubtable, Int)], _ second: UInt16) -> Int {
        for (table, row) in rows {
            if let value = table.value(inRow: row, second) { return value }
        }
        return 0
    }

    /// The place of a character's script among the sources; nil for Latin and what all scripts share.
    private static func script(of scalar: UInt32) -> Int? {
        switch scalar {
        case 0x370..<0x400, 0x1F00..<0x2000: 1
        case 0x400..<0x530, 0x1C80..<0x1C90, 0x2DE0..<0x2E00, 0xA640..<0xA6A0: 2
        default: nil
        }
    }
}
