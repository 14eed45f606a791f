/// Finds slots by a hash: an open table of slots, which are compared by whoever asks. Slots are never taken out; what
/// they stand for says whether it is still there.
package final class SlotIndex {
    /// Slots plus one; 0 where nothing stands. Its length is a power of two.
    package let table: Column<UInt32>
    package var count: Int { used }
    private var used: Int

    package init() {
        table = Column()
        table.fill(0, count: 64)
        used = 0
    }

    /// An index with room for this many.
    package convenience init(reserving slots: Int) {
        self.init()
        reserve(slots)
    }

    package init(_ table: Column<UInt32>, count: Int) {
        self.table = table
        used = count
    }

    /// The first slot in a hash's row that is meant.
    package func first(_ hash: UInt64, where isMeant: (Slot) -> Bool) -> Slot? {
        let mask = table.count - 1
        var position = SlotIndex.position(hash) & mask
        while true {
            let stored = table[position]
            if stored == 0 { return nil }
            if isMeant(stored - 1) { return stored - 1 }
            position = (position + 1) & mask
        }
    }

    /// Adds a slot. `hashOf` tells the hashes of those there, for when the table grows.
    package func insert(_ slot: Slot, _ hash: UInt64, hashOf: (Slot) -> UInt64) {
        if !hasRoom(for: used + 1) { grow(hashOf) }
        place(slot, hash)
        used += 1
    }

    /// Whether it would hold this many without growing.
    package func hasRoom(for slots: Int) -> Bool { slots * 10 <= table.count * 7 }

    /// Makes room for this many, so that the table does not grow while they are added.
    package func reserve(_ slots: Int) {
        precondition(used == 0)
        var size = table.count
        while slots * 10 > size * 7 { size *= 2 }
        table.fill(0, count: size)
    }

    private func place(_ slot: Slot, _ hash: UInt64) {
        let mask = table.count - 1
        var position = SlotIndex.position(hash) & mask
        while table[position] != 0 { position = (position + 1) & mask }
        table[position] = slot + 1
    }

    private func grow(_ hashOf: (Slot) -> UInt64) {
        var slots: [UInt32] = []
        slots.reserveCapacity(used)
        for position in 0..<table.count where table[position] != 0 { slots.append(table[position] - 1) }
        table.fill(0, count: table.count * 2)
        for slot in slots { place(slot, hashOf(slot)) }
    }

    /// Ids are random in their lower half and keys are hashes, but an id can be chosen: spread them.
    private static func position(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 20)
    }
}

/// The place of a job in a table.
package typealias Slot = UInt32
