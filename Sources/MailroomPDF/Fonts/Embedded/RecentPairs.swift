internal import Synchronization

/// Values of pairs found lately, so that a text's common pairs are looked up in the font once. Threads share it
/// without waiting: a slot holds pair and value in one word, and any thread would write the same value for a pair.
final class RecentPairs: @unchecked Sendable {
    private static let bits: UInt32 = 12

    // Unchecked: the pointer never changes, and every slot is read and written atomically.
    private let slots: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        slots = .allocate(capacity: 1 << Int(Self.bits))
        for index in 0..<(1 << Int(Self.bits)) { (slots + index).initialize(to: Atomic(0)) }
    }

    deinit {
        slots.deinitialize(count: 1 << Int(Self.bits))
        slots.deallocate()
    }

    @inline(__always)
    func value(_ left: UInt16, _ right: UInt16) -> Int? {
        let pair = UInt32(left) << 16 | UInt32(right)
        let word = slots[Self.slot(pair)].load(ordering: .relaxed)
        return word >> 32 == UInt64(pair) ? Int(Int16(truncatingIfNeeded: word)) : nil
    }

    func keep(_ value: Int, _ left: UInt16, _ right: UInt16) {
        let pair = UInt32(left) << 16 | UInt32(right)
        let word = UInt64(pair) << 32 | UInt64(UInt16(truncatingIfNeeded: value))
        slots[Self.slot(pair)].store(word, ordering: .relaxed)
    }

    @inline(__always)
    private static func slot(_ pair: UInt32) -> Int { Int((pair &* 0x9E37_79B1) >> (32 - bits)) }
}
