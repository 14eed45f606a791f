/// A word to look for without regard to case.
///
/// Octets that are searched may be millions, so eight are looked at in one step.
struct CaselessSearch {
    private let needle: [UInt8]
    private let isASCII: Bool

    init(_ text: String) {
        needle = Array(text.lowercased().utf8)
        isASCII = needle.allSatisfy { $0 < 128 }
    }

    func isFound(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { isFound(in: UnsafeRawBufferPointer($0)) }
    }

    func isFound(in bytes: ArraySlice<UInt8>) -> Bool { bytes.withUnsafeBytes { isFound(in: $0) } }

    func isFound(in bytes: UnsafeRawBufferPointer) -> Bool {
        if isASCII { return isASCIIFound(in: bytes) }
        // Other scripts' capitals are known to String only.
        var lowered = Array(String(decoding: bytes, as: UTF8.self).lowercased().utf8)
        return lowered.withUnsafeMutableBytes { lowered in
            needle.withUnsafeBytes { OctetSearch.first($0, in: UnsafeRawBufferPointer(lowered)) != nil }
        }
    }

    private func isASCIIFound(in bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = needle.first else { return true }
        guard bytes.count >= needle.count else { return false }
        return needle.withUnsafeBufferPointer { needle in
            let last = bytes.count - needle.count
            // Where the bit that tells small letters from capitals is set in both, letters are equal whatever their case.
            let pattern = UInt64(first | 0x20) &* Self.ones
            var index = 0
            while index <= last {
                if index + 8 <= bytes.count {
                    let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    let zeros = (word | Self.caseBits) ^ pattern
                    let matches = (zeros &- Self.ones) & ~zeros & Self.highBits
                    if matches == 0 {
                        index += 8
                        continue
                    }
                    index += matches.trailingZeroBitCount / 8
                    if index > last { return false }
                }
                if Self.matches(needle, bytes, at: index) { return true }
                index += 1
            }
            return false
        }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let caseBits: UInt64 = 0x2020_2020_2020_2020
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private static func matches(
        _ needle: UnsafeBufferPointer<UInt8>, _ bytes: UnsafeRawBufferPointer, at index: Int
    ) -> Bool {
        for offset in 0..<needle.count where lowered(bytes[index + offset]) != needle[offset] { return false }
        return true
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }
}
