extension ByteWriter {
    /// A field with an unstructured value: folded at blanks, encoded words where it is not plain ASCII.
    mutating func field(_ name: String, unstructured value: String) {
        put(ascii: name)
        put(UInt8(ascii: ":"))
        var value = value
        value.withUTF8 { unstructured($0) }
        newline()
    }

    private mutating func unstructured(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        var end = text.count
        while start < end, Self.isBlank(text[start]) { start += 1 }
        while end > start, Self.isBlank(text[end - 1]) { end -= 1 }
        let value = text[start..<end]
        // No blank after the colon: one at a line's end is lost on the way, and with it a signature (RFC 6376 §3.4.1).
        if value.isEmpty { return }
        var special = false
        var control = false
        for byte in value {
            special = special || byte >= 127 || byte == UInt8(ascii: "=")
            control = control || (byte < 32 && byte != ASCII.tab) || byte == 127
        }
        if control {
            value.map(Self.withoutControl).withUnsafeBufferPointer { unstructured($0) }
            return
        }
        if !special, column + 1 + value.count <= Self.lineLimit {
            put(ASCII.space)
            put(value)
            return
        }
        let region = Self.regionToEncode(value)
        if region.isEmpty {
            plainWords(value, gap: true)
            return
        }
        if region.lowerBound > start {
            var before = region.lowerBound
            while Self.isBlank(value[before - 1]) { before -= 1 }
            plainWords(value[start..<before], gap: true)
            encodedWords(value[region], gap: value[before..<region.lowerBound])
        } else {
            encodedWords(value[region], gap: nil)
        }
        plainWords(value[region.upperBound..<end], gap: false)
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }

    /// The last defence against a line break that nobody refused before.
    @inline(__always)
    static func withoutControl(_ byte: UInt8) -> UInt8 { byte < 32 && byte != ASCII.tab || byte == 127 ? 32 : byte }

    /// From the first to the last word that cannot stand as it is: not ASCII, like an encoded word, or endless.
    private static func regionToEncode(_ value: Slice<UnsafeBufferPointer<UInt8>>) -> Range<Int> {
        var first: Int?
        var last = value.startIndex
        var index = value.startIndex
        while index < value.endIndex {
            let gap = index
            while index < value.endIndex, isBlank(value[index]) { index += 1 }
            if index - gap > 40 { return value.startIndex..<value.endIndex }
            let word = index
            var odd = false
            while index < value.endIndex, !isBlank(value[index]) {
                let byte = value[index]
                odd = odd || byte >= 127
                if byte == UInt8(ascii: "?"), index > word, value[index - 1] == UInt8(ascii: "=") { odd = true }
                index += 1
            }
            if odd || index - word > 800 {
                if first == nil { first = word }
                last = index
            }
        }
        return (first ?? value.startIndex)..<(first == nil ? value.startIndex : last)
    }

    /// Words and the blanks before them, kept exactly; a line break goes before blanks.
    private mutating func plainWords(_ value: Slice<UnsafeBufferPointer<UInt8>>, gap: Bool) {
        var index = value.startIndex
        var isFirst = gap
        if gap { put(ASCII.space) }
        while index < value.endIndex {
            let start = index
            while index < value.endIndex, Self.isBlank(value[index]) { index += 1 }
            while index < value.endIndex, !Self.isBlank(value[index]) { index += 1 }
            if !isFirst, column + index - start > Self.lineLimit { newline() }
            isFirst = false
            put(value[start..<index])
        }
    }
}
