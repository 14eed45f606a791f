extension ByteWriter {
    /// `; name=value`: a token, a quoted string, or the extended form of RFC 2231 where it is not ASCII or long.
    mutating func parameter(_ name: String, _ value: String) {
        var value = value
        if !value.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) {
            value = String(decoding: value.utf8.map { $0 == ASCII.tab ? 32 : Self.withoutControl($0) }, as: UTF8.self)
        }
        value.withUTF8 { text in
            var ascii = true
            var token = !text.isEmpty
            var width = text.count
            var previous: UInt8 = 0
            for byte in text {
                // What looks like an encoded word would be read as one by those who are lenient.
                ascii = ascii && byte < 128 && !(byte == UInt8(ascii: "?") && previous == UInt8(ascii: "="))
                token = token && ByteSet.token.contains(byte)
                if byte == ASCII.quote || byte == ASCII.backslash { width += 1 }
                previous = byte
            }
            if ascii, width <= 60 {
                put(UInt8(ascii: ";"))
                blank(before: name.utf8.count + width + 4)
                put(ascii: name)
                put(UInt8(ascii: "="))
                if token { put(text[...]) } else { putQuoted(text) }
            } else if ascii {
                continued(name, text)
            } else {
                extended(name, text)
            }
        }
    }

    /// `name*0="…"; name*1="…"` (RFC 2231 §3).
    private mutating func continued(_ name: String, _ text: UnsafeBufferPointer<UInt8>) {
        let room = max(8, Self.lineLimit - name.utf8.count - 10) / 2
        var section = 0
        var index = 0
        while index < text.count {
            let end = min(text.count, index + room)
            beginSection(name, section, extended: false)
            putQuoted(UnsafeBufferPointer(rebasing: text[index..<end]))
            index = end
            section += 1
        }
    }

    /// `name*=utf-8''…`, in sections where one line does not hold it (RFC 2231 §4); no code point is divided.
    private mutating func extended(_ name: String, _ text: UnsafeBufferPointer<UInt8>) {
        var width = 0
        for byte in text { width += Self.widthInPercent(byte) }
        let whole = name.utf8.count + 9 + width
        if 2 + whole <= Self.lineLimit {
            put(UInt8(ascii: ";"))
            blank(before: whole + 1)
            put(ascii: name)
            put("*=utf-8''")
            for byte in text { putPercent(byte) }
            return
        }
        let room = max(20, Self.lineLimit - name.utf8.count - 16)
        var section = 0
        var index = 0
        while index < text.count {
            beginSection(name, section, extended: true)
            if section == 0 { put("utf-8''") }
            var used = 0
            repeat {
                var end = index + 1
                while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
                var wide = 0
                for byte in text[index..<end] { wide += Self.widthInPercent(byte) }
                if used > 0, used + wide > room { break }
                for byte in text[index..<end] { putPercent(byte) }
                used += wide
                index = end
            } while index < text.count
            section += 1
        }
    }

    private mutating func beginSection(_ name: String, _ section: Int, extended: Bool) {
        put(UInt8(ascii: ";"))
        newline()
        put(ASCII.space)
        put(ascii: name)
        put(UInt8(ascii: "*"))
        put(ascii: String(section))
        if extended { put(UInt8(ascii: "*")) }
        put(UInt8(ascii: "="))
    }

    @inline(__always)
    private static func widthInPercent(_ byte: UInt8) -> Int { ByteSet.attributeText.contains(byte) ? 1 : 3 }

    @inline(__always)
    private mutating func putPercent(_ byte: UInt8) {
        if ByteSet.attributeText.contains(byte) { put(byte) } else { putEscaped(byte, UInt8(ascii: "%")) }
    }
}
