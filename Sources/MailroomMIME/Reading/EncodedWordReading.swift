/// Reading encoded words (RFC 2047), those in the wrong places too.
enum EncodedWordReading {
    /// The value with its encoded words decoded and controls made blanks.
    static func decoded(_ value: String) -> String {
        var text = value
        let plain = text.withUTF8 { bytes in
            for index in bytes.indices.dropLast() where bytes[index] == 61 && bytes[index + 1] == 63 { return false }
            return bytes.allSatisfy { $0 >= 32 && $0 != 127 || $0 == ASCII.tab }
        }
        return plain ? value : words(Array(value.utf8)).replacingControls
    }

    private static func words(_ bytes: [UInt8]) -> String {
        var result = ""
        var plain: [UInt8] = []
        // Words side by side in one character set are decoded together: some writers divide a character.
        var pending: [UInt8] = []
        var charset = ""
        func flush() {
            if !pending.isEmpty { result += Charset.text(pending, charset) }
            pending = []
        }
        var index = 0
        while index < bytes.count {
            if bytes[index] == 61, let word = word(bytes, index) {
                let betweenWords = !charset.isEmpty && plain.allSatisfy { ByteWriter.isBlank($0) }
                if !betweenWords || !ASCII.equalIgnoringCase(word.charset, charset) { flush() }
                if !betweenWords { result += String(decoding: plain, as: UTF8.self) }
                plain = []
                charset = word.charset
                pending += word.content
                index = word.end
                continue
            }
            if !charset.isEmpty, !ByteWriter.isBlank(bytes[index]) {
                flush()
                charset = ""
            }
            plain.append(bytes[index])
            index += 1
        }
        flush()
        return result + String(decoding: plain, as: UTF8.self)
    }

    private static func word(_ bytes: [UInt8], _ start: Int) -> (charset: String, content: [UInt8], end: Int)? {
        guard start + 7 < bytes.count, bytes[start + 1] == 63 else { return nil }
        var index = start + 2
        while index < bytes.count, index < start + 80, ByteSet.token.contains(bytes[index]), bytes[index] != 63 {
            index += 1
        }
        guard index > start + 2, index + 2 < bytes.count, bytes[index] == 63, bytes[index + 2] == 63 else { return nil }
        let name = bytes[start + 2..<index].prefix { $0 != UInt8(ascii: "*") }
        let kind = ASCII.lowercased(bytes[index + 1])
        let content = index + 3
        guard kind == UInt8(ascii: "q") || kind == UInt8(ascii: "b") else { return nil }
        var end = content
        while end + 1 < bytes.count, !(bytes[end] == 63 && bytes[end + 1] == 61) {
            // A question mark ends the word in the standard; in Q some writers leave it plain.
            if bytes[end] == 63, kind == UInt8(ascii: "b") { return nil }
            if end - content > 1000 { return nil }
            end += 1
        }
        guard end + 1 < bytes.count else { return nil }
        let raw = bytes[content..<end]
        let decoded =
            kind == UInt8(ascii: "b")
            ? raw.withUnsafeBufferPointer { Base64.decode($0) } : QuotedPrintable.decodeWord(raw)
        return (String(decoding: name, as: UTF8.self), decoded, end + 2)
    }
}

extension String {
    /// The text with controls other than the tab made blanks, so that it is one line.
    var replacingControls: String {
        guard unicodeScalars.contains(where: { ScalarRules.isControl($0) && $0 != "\t" }) else { return self }
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars { scalars.append(ScalarRules.isControl(scalar) && scalar != "\t" ? " " : scalar) }
        return String(scalars)
    }
}
