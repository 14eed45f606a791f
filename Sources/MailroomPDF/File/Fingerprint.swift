/// A 128-bit number made from a document's bytes, for its file identifier: it tells documents apart and
/// is the same for the same content. It is no cryptographic digest.
struct Fingerprint: Hashable {
    private(set) var high: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var low: UInt64 = 0xC2B2_AE3D_27D4_EB4F

    init(of bytes: [UInt8]) {
        // Sixteen bytes are read at a time: byte by byte would cost as much as the layout.
        bytes.withUnsafeBytes { buffer in
            var position = 0
            while position + 16 <= buffer.count {
                let first = buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                let second = buffer.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
                mix(UInt64(littleEndian: first), UInt64(littleEndian: second))
                position += 16
            }
            for byte in buffer[position...] { mix(UInt64(byte), ~UInt64(byte)) }
            mix(UInt64(buffer.count), high)
            mix(low, UInt64(buffer.count))
        }
    }

    @inline(__always)
    private mutating func mix(_ first: UInt64, _ second: UInt64) {
        high = (high ^ first) &* 0xFF51_AFD7_ED55_8CCD
        high ^= high >> 32
        low = (low ^ second) &* 0xBF58_476D_1CE4_E5B9
        low ^= low >> 29
    }

    func write(to bytes: inout [UInt8]) {
        for word in [high, low] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(hex: UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
    }
}
