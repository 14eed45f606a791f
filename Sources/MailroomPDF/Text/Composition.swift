/// Canonical composition of the letters that WinAnsi has, so that decomposed text (as macOS names its files)
/// looks as the composed does.
enum Composition {
    /// The code of a letter with a combining mark; nil where WinAnsi has no such letter.
    static func code(of letter: UInt8, with mark: UInt32) -> UInt8? {
        let (letters, codes): ([UInt8], [UInt8]) =
            switch mark {
            case 0x300: (Array("AEIOUaeiou".utf8), [0xC0, 0xC8, 0xCC, 0xD2, 0xD9, 0xE0, 0xE8, 0xEC, 0xF2, 0xF9])
            case 0x301:
                (
                    Array("AEIOUYaeiouy".utf8),
                    [0xC1, 0xC9, 0xCD, 0xD3, 0xDA, 0xDD, 0xE1, 0xE9, 0xED, 0xF3, 0xFA, 0xFD]
                )
            case 0x302: (Array("AEIOUaeiou".utf8), [0xC2, 0xCA, 0xCE, 0xD4, 0xDB, 0xE2, 0xEA, 0xEE, 0xF4, 0xFB])
            case 0x303: (Array("ANOano".utf8), [0xC3, 0xD1, 0xD5, 0xE3, 0xF1, 0xF5])
            case 0x308:
                (
                    Array("AEIOUYaeiouy".utf8),
                    [0xC4, 0xCB, 0xCF, 0xD6, 0xDC, 0x9F, 0xE4, 0xEB, 0xEF, 0xF6, 0xFC, 0xFF]
                )
            case 0x30A: (Array("Aa".utf8), [0xC5, 0xE5])
            case 0x30C: (Array("SZsz".utf8), [0x8A, 0x8E, 0x9A, 0x9E])
            case 0x327: (Array("Cc".utf8), [0xC7, 0xE7])
            default: ([], [])
            }
        return letters.firstIndex(of: letter).map { codes[$0] }
    }
}
