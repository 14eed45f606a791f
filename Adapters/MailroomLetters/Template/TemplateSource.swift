/// A file of text as it is read: UTF-8, its lines ended by line feeds, without control characters.
struct TemplateSource {
    let text: String

    init(_ bytes: [UInt8]) throws(TemplateFault) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TemplateFault(line: 1, reason: "the file is not UTF-8; save it as UTF-8.")
        }
        var line = 1
        var isPlain = true
        var last: UInt8 = 0
        for byte in bytes {
            if byte == 0x0A && last != 0x0D || byte == 0x0D { line += 1 }
            if byte == 0x0D { isPlain = false }
            last = byte
            guard byte < 32 && byte != 9 && byte != 10 && byte != 13 || byte == 127 else { continue }
            throw TemplateFault(
                line: line, reason: "there is a control character (\(byte)), which no text may have; remove it.")
        }
        let body = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        self.text = isPlain ? body : Self.withLineFeeds(body)
    }

    private static func withLineFeeds(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var last: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x0D {
                bytes.append(0x0A)
            } else if byte != 0x0A || last != 0x0D {
                bytes.append(byte)
            }
            last = byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
