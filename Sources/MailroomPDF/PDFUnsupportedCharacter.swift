/// A character that no font of a text can show.
public struct PDFUnsupportedCharacter: Sendable, Hashable, CustomStringConvertible {
    /// The character as a reader sees it, accents included.
    public let character: Character

    init(_ character: Character) { self.character = character }

    /// The character and its code points: `“ł” (U+0142)`. Control characters are named by code point alone, and of one
    /// that is put together of very many the first are named.
    public var description: String {
        let first = character.unicodeScalars.prefix(8)
        let points = first.map { scalar in
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }.joined(separator: " ")
        let category = character.unicodeScalars.first?.properties.generalCategory
        return category == .control || category == .format ? points : "“\(String(first))” (\(points))"
    }

    /// The characters of a text that a family and its fallbacks cannot show, each once, in order of first appearance;
    /// empty if all can. Letters with a combining accent count as their composed form.
    public static func all(
        in text: String, family: PDFFontFamily = .helvetica, emphasis: PDFEmphasis = []
    ) -> [PDFUnsupportedCharacter] {
        var text = text
        return text.withUTF8 { family.unsupported(in: $0, emphasis: emphasis) }
    }

    static func all(in text: String, faces: [FontFace]) -> [PDFUnsupportedCharacter] {
        if canShow(text, faces: faces) { return [] }
        var found: [PDFUnsupportedCharacter] = []
        var seen: Set<PDFUnsupportedCharacter> = []
        for character in text where !canShow(String(character), faces: faces) {
            let unsupported = PDFUnsupportedCharacter(character)
            if seen.insert(unsupported).inserted { found.append(unsupported) }
        }
        return found
    }

    private static func canShow(_ text: String, faces: [FontFace]) -> Bool {
        var encoded = EncodedText(capacity: 0)
        encoded.append(text, faces: faces)
        return !encoded.isUnsupported
    }
}
