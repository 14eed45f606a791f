/// The subsets of a font made lately, the one used last first.
struct SubsetCache {
    private static let mostSubsets = 16
    private static let mostBytes = 8 << 20

    /// What a subset was made of.
    struct Key: Equatable {
        let codes: CodeSet
        /// The number of the compressor that its streams went through; nil for none.
        let compressor: Int?
    }

    private var subsets: [(key: Key, subset: FontSubset)] = []
    private var bytes = 0

    mutating func find(_ key: Key) -> FontSubset? {
        guard let index = subsets.firstIndex(where: { $0.key == key }) else { return nil }
        if index > 0 { subsets.insert(subsets.remove(at: index), at: 0) }
        return subsets[0].subset
    }

    mutating func keep(_ subset: FontSubset, for key: Key) {
        guard subset.size <= Self.mostBytes, !subsets.contains(where: { $0.key == key }) else { return }
        subsets.insert((key, subset), at: 0)
        bytes += subset.size
        while subsets.count > Self.mostSubsets || bytes > Self.mostBytes {
            guard let last = subsets.popLast() else { break }
            bytes -= last.subset.size
        }
    }

    /// How many there are, and their size.
    var extent: (count: Int, bytes: Int) { (subsets.count, bytes) }
}
