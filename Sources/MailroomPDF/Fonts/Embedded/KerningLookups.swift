/// Finds what a font's `GPOS` table says about kerning, by script (OpenType 1.9, "OpenType Layout Common Table
/// Formats"): the pairs of the feature `kern`. What depends on more than two glyphs is not read.
struct KerningLookups {
    private static let mostSubtables = 512
    /// How often features may name lookups, for all scripts together.
    private static let mostNames = 65_536

    private let table: FontTable
    private let scripts: FontTable
    private let features: FontTable
    private let lookups: FontTable
    private var known: [Int: [PairSubtable]] = [:]
    private var subtableCount = 0
    private var nameCount = 0

    init(_ table: FontTable) throws(FontFault) {
        self.table = table
        scripts = try table.from(try table.unsigned16(4))
        features = try table.from(try table.unsigned16(6))
        lookups = try table.from(try table.unsigned16(8))
    }

    /// The kerning of a script, else that for any script: lookups whose values add up, in each the subtables of which
    /// the first that knows a pair counts.
    mutating func kerning(of script: String) throws(FontFault) -> [[PairSubtable]] {
        guard let language = try language(of: script) else { return [] }
        var indices: Set<Int> = []
        for index in 0..<(try language.unsigned16(4)) {
            let record = 2 + (try language.unsigned16(6 + index * 2)) * 6
            guard Array(try features.slice(record, 4)) == Array("kern".utf8) else { continue }
            let feature = try features.from(try features.unsigned16(record + 4))
            let count = try feature.unsigned16(2)
            nameCount += count
            guard nameCount <= Self.mostNames else {
                throw .damaged("its table \u{201C}GPOS\u{201D} names kerning more than \(Self.mostNames) times")
            }
            for place in 0..<count { indices.insert(try feature.unsigned16(4 + place * 2)) }
        }
        var kerning: [[PairSubtable]] = []
        for index in indices.sorted() {
            let pairs = try lookup(index)
            if !pairs.isEmpty { kerning.append(pairs) }
        }
        return kerning
    }

    private func language(of script: String) throws(FontFault) -> FontTable? {
        for name in [script, "DFLT", "latn"] {
            for index in 0..<(try scripts.unsigned16(0)) {
                guard Array(try scripts.slice(2 + index * 6, 4)) == Array(name.utf8) else { continue }
                let found = try scripts.from(try scripts.unsigned16(2 + index * 6 + 4))
                let language = try found.unsigned16(0)
                return language == 0 ? nil : try found.from(language)
            }
        }
        return nil
    }

    private mutating func lookup(_ index: Int) throws(FontFault) -> [PairSubtable] {
        if let pairs = known[index] { return pairs }
        guard index < (try lookups.unsigned16(0)) else {
            throw .damaged("its table \u{201C}GPOS\u{201D} names kerning that it does not have")
        }
        let lookup = try lookups.from(try lookups.unsigned16(2 + index * 2))
        let kind = try lookup.unsigned16(0)
        var pairs: [PairSubtable] = []
        if kind == 2 || kind == 9 {
            for place in 0..<(try lookup.unsigned16(4)) {
                subtableCount += 1
                guard subtableCount <= Self.mostSubtables else {
                    throw .damaged("its table \u{201C}GPOS\u{201D} has more than \(Self.mostSubtables) tables of pairs")
                }
                var subtable = try lookup.from(try lookup.unsigned16(6 + place * 2))
                if kind == 9 {
                    guard try subtable.unsigned16(2) == 2 else { break }
                    subtable = try subtable.from(try subtable.unsigned32(4))
                }
                pairs.append(try PairSubtable(subtable))
            }
        }
        known[index] = pairs
        return pairs
    }
}
