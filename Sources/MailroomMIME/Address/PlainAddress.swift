/// The addresses that nearly all are: a dot-atom and a name of ASCII labels, told in one pass over their octets.
enum PlainAddress {
    /// The parts of a plain address; `nil` for every other text, valid or not.
    static func split(_ text: UnsafeBufferPointer<UInt8>) -> (localPart: String, domain: String)? {
        guard text.count <= 254, let at = endOfDotAtom(text), isName(text[(at + 1)...]) else { return nil }
        return (
            String(decoding: UnsafeBufferPointer(rebasing: text[..<at]), as: UTF8.self),
            String(decoding: UnsafeBufferPointer(rebasing: text[(at + 1)...]), as: UTF8.self)
        )
    }

    /// Where the `@` after a dot-atom of 64 octets at most stands.
    private static func endOfDotAtom(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        let dot = UInt8(ascii: ".")
        var previous = dot
        for (index, byte) in text.prefix(65).enumerated() {
            if byte == UInt8(ascii: "@") { return previous == dot ? nil : index }
            guard byte == dot ? previous != dot : ByteSet.atomText.contains(byte) else { return nil }
            previous = byte
        }
        return nil
    }

    /// Whether these are labels of letters, digits and inner hyphens, the last of them no number.
    private static func isName(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard text.count <= 253 else { return false }
        let hyphen = UInt8(ascii: "-")
        var length = 0
        var previous = hyphen
        var isNumber = true
        for byte in text {
            if byte == UInt8(ascii: ".") {
                guard length > 0, previous != hyphen else { return false }
                length = 0
                isNumber = true
            } else {
                guard ByteSet.alphanumerics.contains(byte) || byte == hyphen && length > 0, length < 63 else {
                    return false
                }
                if byte &- 48 > 9 { isNumber = false }
                length += 1
            }
            previous = byte
        }
        return length > 0 && previous != hyphen && !isNumber
    }
}
