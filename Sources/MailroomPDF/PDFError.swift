/// Why a document could not be made.
public struct PDFError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a failure. More may be added.
    public struct Code: Sendable, Hashable {
        let name: String

        /// The text has characters that the standard fonts lack.
        public static let unsupportedCharacters = Code(name: "unsupportedCharacters")
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
            description: "The PDF's standard fonts lack \(names)\(more). Write the text with Latin letters (WinAnsi).")
    }

    static func invalidMeasure(_ what: String) -> PDFError {
        PDFError(code: .invalidMeasure, unsupported: [], description: what)
    }
}
