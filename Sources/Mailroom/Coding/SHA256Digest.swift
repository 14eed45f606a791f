/// A SHA-256 digest (FIPS 180-4): names attachments and template versions by their content.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    /// The eight words of the digest, first word first.
    package let words: SIMD8<UInt32>

    package init(words: SIMD8<UInt32>) { self.words = words }

    /// Computes the digest of bytes.
    public init(of bytes: [UInt8]) {
        var state = SHA256Digest.initial
        bytes.withUnsafeBytes { all in
            let whole = all.count / 64
            for block in 0..<whole { SHA256Digest.compress(&state, all.baseAddress! + block * 64) }
            var tail = [UInt8](repeating: 0, count: all.count % 64 < 56 ? 64 : 128)
            let left = all.count - whole * 64
            for index in 0..<left { tail[index] = all[whole * 64 + index] }
            tail[left] = 0x80
            let bits = UInt64(all.count) * 8
            for index in 0..<8 { tail[tail.count - 1 - index] = UInt8(truncatingIfNeeded: bits >> (8 * UInt64(index))) }
            tail.withUnsafeBytes { padded in
                for block in 0..<padded.count / 64 {
                    SHA256Digest.compress(&state, padded.baseAddress! + block * 64)
                }
            }
        }
        words = state
    }

    /// 64 hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 64) { buffer in
            for index in 0..<64 {
                let shift = UInt32(28 - index % 8 * 4)
                buffer[index] = digits[Int(words[index / 8] >> shift & 15)]
            }
            return 64
        }
    }

    private static let initial = SIMD8<UInt32>(
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)

    /// One round of compression over 64 bytes. Unsafe pointers and wrapping arithmetic: attachments of megabytes
    /// pass through here.
    private static func compress(_ state: inout SIMD8<UInt32>, _ block: UnsafeRawPointer) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
            for index in 0..<16 {
                schedule[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
            }
            for index in 16..<64 {
                let before = schedule[index - 15]
                let last = schedule[index - 2]
                let s0 = rotate(before, 7) ^ rotate(before, 18) ^ before >> 3
                let s1 = rotate(last, 17) ^ rotate(last, 19) ^ last >> 10
                schedule[index] = schedule[index - 16] &+ s0 &+ schedule[index - 7] &+ s1
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            constants.withUnsafeBufferPointer { constants in
                for index in 0..<64 {
                    let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
                    let choice = e & f ^ ~e & g
                    let first = h &+ s1 &+ choice &+ constants[index] &+ schedule[index]
                    let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
                    let majority = a & b ^ a & c ^ b & c
                    (h, g, f, e) = (g, f, e, d &+ first)
                    (d, c, b, a) = (c, b, a, first &+ s0 &+ majority)
                }
            }
            state &+= SIMD8(a, b, c, d, e, f, g, h)
        }
    }

    @inline(__always)
    private static func rotate(_ value: UInt32, _ by: UInt32) -> UInt32 { value >> by | value << (32 - by) }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4 §4.2.2).
    private static let constants: [UInt32] = {
        var primes: [Int] = []
        var candidate = 2
        while primes.count < 64 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map(fractionOfCubeRoot)
    }()

    /// ⌊frac(∛n) · 2³²⌋ by integer bisection, so that no rounding of a floating-point cube root matters.
    private static func fractionOfCubeRoot(_ number: Int) -> UInt32 {
        // The largest r with r³ ≤ n · 2⁹⁶, taken modulo 2³².
        var low: UInt64 = 0
        var high: UInt64 = 8 << 32
        while high - low > 1 {
            let middle = (low + high) / 2
            if cubeIsAtMost(middle, number) { low = middle } else { high = middle }
        }
        return UInt32(truncatingIfNeeded: low)
    }

    private static func cubeIsAtMost(_ root: UInt64, _ number: Int) -> Bool {
        let square = root.multipliedFullWidth(by: root)
        let lower = square.low.multipliedFullWidth(by: root)
        let upper = square.high.multipliedFullWidth(by: root)
        let (middle, carry) = lower.high.addingReportingOverflow(upper.low)
        let top = upper.high + (carry ? 1 : 0)
        // n · 2⁹⁶ as three words: the low word is zero.
        let limitTop = UInt64(number) >> 32
        let limitMiddle = UInt64(number) << 32
        if top != limitTop { return top < limitTop }
        if middle != limitMiddle { return middle < limitMiddle }
        return lower.low == 0
    }
}
