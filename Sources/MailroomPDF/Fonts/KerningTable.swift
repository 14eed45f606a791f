/// The kerning of the codes 0 to 255 with each other, in thousandths of the type size: codes that kern alike share
/// a class, so that the table stays in the processor's nearest cache.
struct KerningTable: Sendable {
    /// The class of a code as the left one of a pair.
    let left: [UInt8]
    /// The class of a code as the right one of a pair.
    let right: [UInt8]
    /// How many classes there are on the right.
    let columns: Int
    /// What is added to the left one's advance: the value of a pair is at `left * columns + right`.
    let values: [Int16]

    /// What is added to the advance of the left one of a pair.
    @inline(__always)
    func value(_ first: UInt8, _ second: UInt8) -> Int {
        Int(values[Int(left[Int(first)]) &* columns &+ Int(right[Int(second)])])
    }

    /// Makes a table of 256 rows of 256 values; nil where all are zero.
    init?(_ pairs: [Int16]) {
        guard pairs.count == 65_536, pairs.contains(where: { $0 != 0 }) else { return nil }
        let rows = Self.classes { code in Array(pairs[(code * 256)..<(code * 256 + 256)]) }
        let sides = Self.classes { code in (0..<256).map { pairs[$0 * 256 + code] } }
        (left, right, columns) = (rows.classes, sides.classes, sides.members.count)
        var values: [Int16] = []
        values.reserveCapacity(rows.members.count * sides.members.count)
        for row in rows.members {
            for side in sides.members { values.append(pairs[row * 256 + side]) }
        }
        self.values = values
    }

    /// Gives codes with the same values the same class, and a member of each.
    private static func classes(of values: (Int) -> [Int16]) -> (classes: [UInt8], members: [Int]) {
        var known: [[Int16]] = []
        var classes: [UInt8] = []
        var members: [Int] = []
        for code in 0..<256 {
            let row = values(code)
            // Most rows differ early, so that comparing costs less than hashing.
            if let number = known.firstIndex(of: row) {
                classes.append(UInt8(number))
            } else {
                classes.append(UInt8(known.count))
                known.append(row)
                members.append(code)
            }
        }
        return (classes, members)
    }
}
