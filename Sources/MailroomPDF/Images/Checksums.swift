/// The checksum of PNG's chunks (ISO 15948, annex D).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            bytes.withUnsafeBufferPointer { bytes in
                var value = ~UInt32(0)
                for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8) }
                return ~value
            }
        }
    }
}

/// The checksum of the zlib format (RFC 1950, section 8.2).
enum Adler32 {
    static func checksum(of bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        var position = 0
        while position < bytes.count {
            // As many sums as 32 bits hold before they are brought below the modulus.
            let end = min(position + 5_552, bytes.count)
            for byte in UnsafeBufferPointer(rebasing: bytes[position..<end]) {
                low &+= UInt32(byte)
                high &+= low
            }
            low %= 65_521
            high %= 65_521
            position = end
        }
        return high << 16 | low
    }
}
