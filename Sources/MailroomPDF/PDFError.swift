/// Why a document could not be made.
public struct PDFError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a failure. More may be added.
    public struct Code: Sendable, Hashable {
        let name: String

        init(_ name: String) { self.name = name }

        /// The text has characters that none of its fonts has.
        public static let unsupportedCharacters = Code("unsupportedCharacters")
        /// Text is bold or italic, and its family of embedded fonts has no such face.
        public static let missingFace = Code("missingFace")
        /// A size is not a positive number, or the margins and indents leave no room for text.
        public static let invalidMeasure = Code("invalidMeasure")
        /// The compressor failed; the description has its reason.
        public static let compressionFailed = Code("compressionFailed")
    }

    /// What kind of failure it is.
    public let code: Code
    /// The characters without a glyph, each once, in order of first appearance.
    public let unsupported: [PDFUnsupportedCharacter]
    /// What is wrong and what to do, for a person.
    public let description: String

    init(_ code: Code, _ description: String, unsupported: [PDFUnsupportedCharacter] = []) {
        self.code = code
        self.unsupported = unsupported
        self.description = description
    }

    static func unsupported(_ characters: [PDFUnsupportedCharacter]) -> PDFError {
        let names = characters.prefix(5).map(\.description).joined(separator: ", ")
        let more = characters.count > 5 ? " and \(characters.count - 5) more" : ""
        return PDFError(
            .unsupportedCharacters,
            "No font of the text has \(names)\(more). Add a font that has them as a fallback, or write others.",
            unsupported: characters)
    }

    static func missingFace(of family: PDFFontFamily, for emphasis: PDFEmphasis) -> PDFError {
        let face = emphasis == .bold ? "bold" : emphasis == .italic ? "italic" : "bold italic"
        return PDFError(
            .missingFace, "The text has \(face) words, and \(family.name) no \(face) face. Add that face's font file.")
    }

    static func invalidMeasure(_ what: String) -> PDFError { PDFError(.invalidMeasure, what) }

    static func compressionFailed(_ reason: String) -> PDFError {
        PDFError(.compressionFailed, "The PDF could not be compressed: \(reason)")
    }
}
