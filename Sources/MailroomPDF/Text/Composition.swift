/// Canonical composition of Latin, Greek and Cyrillic letters, so that decomposed text (as macOS names its files)
/// looks as the composed does.
enum Composition {
    /// The composed characters, found by their decomposed form too: equal strings are canonically equivalent ones.
    private static let composed: [String: UInt32] = {
        var composed: [String: UInt32] = [:]
        for range in [0xC0..<0x250, 0x370..<0x530, 0x1E00..<0x2000] as [Range<UInt32>] {
            for value in range {
                guard let scalar = Unicode.Scalar(value), scalar.properties.isAlphabetic else { continue }
                let key = String(Character(scalar))
                if composed[key] == nil { composed[key] = value }
            }
        }
        return composed
    }()

    /// The character that a letter and a combining mark make; nil where there is none.
    static func character(of letter: UInt32, with mark: UInt32) -> UInt32? {
        guard let letter = Unicode.Scalar(letter), let mark = Unicode.Scalar(mark) else { return nil }
        var text = String.UnicodeScalarView()
        text.append(letter)
        text.append(mark)
        return composed[String(text)]
    }
}
