/// A set of ASCII octets, tested in a few instructions.
struct ByteSet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(_ characters: StaticString) {
        characters.withUTF8Buffer { for byte in $0 { insert(byte) } }
    }

    private mutating func insert(_ byte: UInt8) {
        if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte & 63) }
    }

    func union(_ characters: StaticString) -> ByteSet {
        var result = self
        characters.withUTF8Buffer { for byte in $0 { result.insert(byte) } }
        return result
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte < 64 ? low : high
        return byte < 128 && (word >> UInt64(byte & 63)) & 1 == 1
    }

    static let alphanumerics = ByteSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    /// atext, RFC 5322 §3.2.3.
    static let atomText = alphanumerics.union("!#$%&'*+-/=?^_`{|}~")
    /// token of RFC 2045 §5.1.
    static let token = alphanumerics.union("!#$%&'*+-.^_`{|}~")
    /// attribute-char of RFC 2231 §7.
    static let attributeText = alphanumerics.union("!#$&+-.^_`{|}~")
}

enum ASCII {
    static let tab: UInt8 = 9
    static let lf: UInt8 = 10
    static let cr: UInt8 = 13
    static let space: UInt8 = 32
    static let quote: UInt8 = 34
    static let backslash: UInt8 = 92

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 65 < 26 ? byte | 0x20 : byte
    }

    static func lowercased(_ text: String) -> String {
        String(decoding: text.utf8.map { lowercased($0) }, as: UTF8.self)
    }

    static func equalIgnoringCase(_ a: some Sequence<UInt8>, _ b: some Sequence<UInt8>) -> Bool {
        var second = b.makeIterator()
        for byte in a {
            guard let other = second.next(), lowercased(byte) == lowercased(other) else { return false }
        }
        return second.next() == nil
    }

    static func equalIgnoringCase(_ a: String, _ b: String) -> Bool { equalIgnoringCase(a.utf8, b.utf8) }

    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
