/// Turns text into capitals, as `String.uppercased()` does.
enum Capitals {
    static func raise(_ text: inout [UInt8]) {
        if !raiseLatin(&text) { text = Array(String(decoding: text, as: UTF8.self).uppercased().utf8) }
    }

    /// Turns the letters of Western European names into capitals in place; false, with the text as a string would
    /// still turn it, where there are others.
    private static func raiseLatin(_ text: inout [UInt8]) -> Bool {
        var index = 0
        while index < text.count {
            let byte = text[index]
            let next = index + 1 < text.count ? text[index + 1] : 0
            switch (byte, next) {
            case (0x61...0x7A, _): text[index] = byte - 0x20
            case (0..<0x80, _): break
            case (0xC2, 0x80...0xBF) where next != 0xB5: index += 1
            case (0xC3, 0x80...0x9E), (0xC3, 0xB7): index += 1
            case (0xC3, 0xA0...0xBE):
                text[index + 1] = next - 0x20
                index += 1
            case (0xC3, 0xBF):
                (text[index], text[index + 1]) = (0xC5, 0xB8)
                index += 1
            case (0xC5, 0x92...0x93):
                text[index + 1] = 0x92
                index += 1
            // General punctuation: quotes, dashes, blanks.
            case (0xE2, 0x80): index += 2
            default: return false
            }
            index += 1
        }
        return true
    }
}
