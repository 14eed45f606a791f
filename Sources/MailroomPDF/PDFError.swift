/// Why a document could not be made.
public struct PDFError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a failure. More may be added.
    public struct Code: Sendable, Hashable {
        let name: String

        /// The text has characters that none of its fonts has.
        public static let unsupportedCharacters = Code(name: "unsupportedCharacters")
        /// Text is bold or italic, and its family of embedded fonts has no such face.
        public static let missingFace = Code(name: "missingFace")
        /// A size is not a positive number, or the margins and indents leave no room for text.
        public static let invalidMeasure = Code(name: "invalidMeasure")
    }

    /// What kind of failure it is.
    public let code: Code
    /// The characters without a glyph, each once, in order of first appearance.
    public let unsupported: [PDFUnsupportedCharacter]
    /// What is wrong and what to do, for a person.
    public let description: String

    static func unsupported(_ characters: [PDFUnsupportedCharacter]) -> PDFError {
        let names = characters.prefix(5).map(\.description).joined(separator: ", ")
        let more = characters.count > 5 ? " and \(characters.count - 5) more" : ""
        return PDFError(
            code: .unsupportedCharacters, unsupported: characters,
            description:
                "No font of the text has \(names)\(more). Add a font that has them as a fallback, or write other characters."
        )
    }

    static func missingFace(of family: PDFFontFamily, for emphasis: PDFEmphasis) -> PDFError {
        let face = emphasis == .bold ? "bold" : emphasis == .italic ? "italic" : "bold italic"
        return PDFError(
            code: .missingFace, unsupported: [],
            description: "The text has \(face) words, and \(family.name) no \(face) face. Add the file of that font.")
    }

    static func invalidMeasure(_ what: String) -> PDFError {
        PDFError(code: .invalidMeasure, unsupported: [], description: what)
    }
}
