/// The older list of kerned pairs that fonts have (OpenType 1.9, "kern", and Apple's form of it): format 0.
struct KerningList: Sendable {
    private static let mostParts = 16

    /// Each: six bytes a pair, left, right and value, in ascending order.
    private var parts: [(pairs: FontTable, count: Int)] = []

    /// Nil where there is nothing to kern.
    init?(_ table: FontTable) throws(FontFault) {
        let isApples = try table.unsigned16(0) == 1
        let count = isApples ? try table.unsigned32(4) : try table.unsigned16(2)
        guard count <= Self.mostParts else {
            throw .damaged("its table \u{201C}kern\u{201D} has more than \(Self.mostParts) parts")
        }
        var place = isApples ? 8 : 4
        for index in 0..<count {
            let length = isApples ? try table.unsigned32(place) : try table.unsigned16(place + 2)
            let coverage = try table.unsigned16(place + 4)
            let body = place + (isApples ? 8 : 6)
            let isRead = isApples ? coverage & 0xE0FF == 0 : coverage & 0xFF07 == 1
            if isRead {
                let pairs = try table.unsigned16(body)
                let list = try table.from(body + 8)
                try list.require(pairs * 6)
                parts.append((list, pairs))
            }
            // The length of a long list does not fit its field, so that the last part's is not relied on.
            if index + 1 < count { guard length > 0 else { break } }
            place += length
        }
        if parts.allSatisfy({ $0.count == 0 }) { return nil }
    }

    /// In the font's own units.
    func value(_ left: UInt16, _ right: UInt16) -> Int {
        let key = Int(left) << 16 | Int(right)
        var sum = 0
        for (pairs, count) in parts {
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                guard let found = try? pairs.unsigned32(middle * 6) else { break }
                if found == key {
                    sum += (try? pairs.signed16(middle * 6 + 4)) ?? 0
                    break
                }
                if found < key { low = middle + 1 } else { high = middle }
            }
        }
        return sum
    }
}
