/// What a character beside a sign of emphasis is (CommonMark's left- and right-flanking runs).
enum CharacterSort {
    case blank
    case punctuation
    case other

    /// The sort of the character that begins at a place. A value counts as a letter whatever it says: what is markup
    /// does not depend on values.
    init(at position: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        let byte = bytes[position]
        guard byte >= 0x80 else {
            self.init(ascii: byte)
            return
        }
        let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
        var value = UInt32(byte) & (0xFF >> UInt32(length + 1))
        for offset in 1..<length {
            guard position + offset < bytes.count, bytes[position + offset] & 0xC0 == 0x80 else {
                self = .other
                return
            }
            value = value << 6 | UInt32(bytes[position + offset] & 0x3F)
        }
        self.init(scalar: value)
    }

    /// The sort of the character that ends before a place.
    init(before position: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var start = position - 1
        while start > 0, position - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        self.init(at: start, in: bytes)
    }

    private init(ascii byte: UInt8) {
        switch byte {
        case 9, 10, 12, 13, 32: self = .blank
        default: self = MarkupParser.isPunctuation(byte) ? .punctuation : .other
        }
    }

    private init(scalar value: UInt32) {
        switch Unicode.Scalar(value)?.properties.generalCategory {
        case .spaceSeparator: self = .blank
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            self = .punctuation
        default: self = .other
        }
    }
}
