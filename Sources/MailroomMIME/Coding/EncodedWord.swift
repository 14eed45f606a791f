/// Writing encoded words (RFC 2047) in UTF-8.
extension ByteWriter {
    /// Octets that stand for themselves in every place where an encoded word may stand (RFC 2047 §5, rule 3).
    private static let plainInQ = ByteSet.alphanumerics.union("!*+-/")
    /// Characters of `=?utf-8?Q?` and `?=`.
    private static let frame = 12

    /// Valid UTF-8 as encoded words of 75 octets at most, each on a line of 76 at most, no code point divided.
    ///
    /// `gap` is what stands before; nothing stands for a blank. Q or B is chosen by length, Q if equal.
    mutating func encodedWords(_ text: Slice<UnsafeBufferPointer<UInt8>>, gap: Slice<UnsafeBufferPointer<UInt8>>?) {
        var width = 0
        for byte in text { width += Self.widthInQ(byte) }
        let useQ = width <= (text.count + 2) / 3 * 4
        let gapWidth = gap?.count ?? 1
        if 76 - column - gapWidth - Self.frame < 16 { newline() }
        if let gap { put(gap) } else { put(ASCII.space) }
        var index = text.startIndex
        while index < text.endIndex {
            if index > text.startIndex {
                newline()
                put(ASCII.space)
            }
            let room = min(63, max(16, 76 - column - Self.frame))
            var end = index
            var used = 0
            while end < text.endIndex {
                let length = Self.scalarLength(text[end])
                var wide = length
                if useQ {
                    wide = 0
                    for byte in text[end..<min(end + length, text.endIndex)] { wide += Self.widthInQ(byte) }
                }
                if used + wide > (useQ ? room : room / 4 * 3), end > index { break }
                used += wide
                end = min(end + length, text.endIndex)
            }
            if useQ {
                put("=?utf-8?Q?")
                for byte in text[index..<end] { putQ(byte) }
            } else {
                put("=?utf-8?B?")
                Base64.append(UnsafeBufferPointer(rebasing: text[index..<end]), to: &bytes)
            }
            put("?=")
            index = end
        }
    }

    @inline(__always)
    private static func scalarLength(_ lead: UInt8) -> Int {
        lead < 0xC0 ? 1 : (lead < 0xE0 ? 2 : (lead < 0xF0 ? 3 : 4))
    }

    @inline(__always)
    private static func widthInQ(_ byte: UInt8) -> Int { byte == ASCII.space || plainInQ.contains(byte) ? 1 : 3 }

    @inline(__always)
    private mutating func putQ(_ byte: UInt8) {
        if byte == ASCII.space {
            put(UInt8(ascii: "_"))
        } else if Self.plainInQ.contains(byte) {
            put(byte)
        } else {
            putEscaped(byte, UInt8(ascii: "="))
        }
    }

    @inline(__always)
    mutating func putEscaped(_ byte: UInt8, _ mark: UInt8) {
        put(mark)
        put(Self.hexDigit(byte >> 4))
        put(Self.hexDigit(byte & 15))
    }

    @inline(__always)
    static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 55 + value }
}
