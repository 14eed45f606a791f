/// A 128-bit number made from a document's bytes, for its file identifier: it tells documents apart and
/// is the same for the same content. It is no cryptographic digest.
struct Fingerprint: Hashable {
    private(set) var high: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var low: UInt64 = 0xC2B2_AE3D_27D4_EB4F

    /// The fingerprint of these bytes.
    ///
    /// - Parameter parts: stretches, in their order, that are not read, since their own fingerprints are known.
    init(of bytes: [UInt8], knowing parts: [(range: Range<Int>, fingerprint: Fingerprint)] = []) {
        bytes.withUnsafeBytes { buffer in
            var start = 0
            for part in parts {
                mix(UnsafeRawBufferPointer(rebasing: buffer[start..<part.range.lowerBound]))
                mix(part.fingerprint.high, part.fingerprint.low)
                start = part.range.upperBound
            }
            mix(UnsafeRawBufferPointer(rebasing: buffer[start...]))
            mix(UInt64(buffer.count), high)
            mix(low, UInt64(buffer.count))
        }
    }

    private mutating func mix(_ buffer: UnsafeRawBufferPointer) {
        // Sixteen bytes are read at a time: byte by byte would cost as much as the layout.
        var position = 0
        while position + 16 <= buffer.count {
            let first = buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let second = buffer.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
            mix(UInt64(littleEndian: first), UInt64(littleEndian: second))
            position += 16
        }
        for byte in buffer[position...] { mix(UInt64(byte), ~UInt64(byte)) }
    }

    @inline(__always)
    private mutating func mix(_ first: UInt64, _ second: UInt64) {
        high = (high ^ first) &* 0xFF51_AFD7_ED55_8CCD
        high ^= high >> 32
        low = (low ^ second) &* 0xBF58_476D_1CE4_E5B9
        low ^= low >> 29
    }

    /// Appends it as a string of hexadecimal digits.
    func writeDigits(to bytes: inout [UInt8]) {
        bytes.append("<")
        forEachByte { bytes.append(hex: $0) }
        bytes.append(">")
    }

    /// Appends it as a string of bytes, half as long.
    func writeBytes(to bytes: inout [UInt8]) {
        bytes.append("(")
        forEachByte { byte in
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\\"):
                bytes.append("\\")
                bytes.append(byte)
            // A reader takes it for a line feed.
            case 13: bytes.append("\\r")
            default: bytes.append(byte)
            }
        }
        bytes.append(")")
    }

    private func forEachByte(_ body: (UInt8) -> Void) {
        for word in [high, low] {
            for shift in stride(from: 56, through: 0, by: -8) { body(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
        }
    }
}
