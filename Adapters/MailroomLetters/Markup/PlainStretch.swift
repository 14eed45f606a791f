/// Finds where text that is simply text ends, eight bytes at a time: most of a letter is such text.
enum PlainStretch {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// The first place from `start` on whose byte is markup, a guard or a line end, or `|` within a table; the end of
    /// the bytes if there is none.
    @inline(__always)
    static func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int, inCell: Bool) -> Int {
        var position = start
        while position < bytes.count {
            if !inCell, position + 8 <= bytes.count, let base = bytes.baseAddress {
                let block = UInt64(littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
                // The lowest bit set is exact; those above it may be too many.
                let controls = (block &- ones &* 0x20) & ~block
                let brackets = zeros((block & (ones &* 0xF8)) ^ (ones &* 0x58))
                let found = controls | brackets | zeros(block ^ (ones &* 0x2A)) | zeros(block ^ (ones &* 0x3C))
                if found & tops == 0 {
                    position += 8
                    continue
                }
                position += (found & tops).trailingZeroBitCount / 8
            }
            switch bytes[position] {
            case 2, 3, 0x0A, 0x0D, 0x2A, 0x3C, 0x5B, 0x5C, 0x5D, 0x5F: return position
            case 0x7C: if inCell { return position }
            default: break
            }
            position += 1
        }
        return position
    }

    /// A set bit at the top of the lowest byte that is zero.
    @inline(__always)
    private static func zeros(_ block: UInt64) -> UInt64 { (block &- ones) & ~block }
}
