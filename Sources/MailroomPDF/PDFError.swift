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
        /// A frame is too small for what is put into it.
        public static let frameOverflow = Code("frameOverflow")
        /// The compressor failed; the description has its reason.
        public static let compressionFailed = Code("compressionFailed")
        /// An image's file breaks its format's rules, or ends too early.
        public static let damagedImage = Code("damagedImage")
        /// An image is of a kind that is not read, or that the document's conformance does not allow.
        public static let unsupportedImage = Code("unsupportedImage")
        /// The document's conformance needs every font embedded, and one is not.
        public static let notEmbedded = Code("notEmbedded")
    }

    /// What kind of failure it is.
    public let code: Code
    /// The characters without a glyph, each once, in order of first appearance.
    public let unsupported: [PDFUnsupportedCharacter]
    /// What is wrong and what to do, for a person.
    public let description: String
    /// The frame that is too small.
    package let frame: PDFFrame?

    init(
        _ code: Code, _ description: String, unsupported: [PDFUnsupportedCharacter] = [], frame: PDFFrame? = nil
    ) {
        self.code = code
        self.unsupported = unsupported
        self.description = description
        self.frame = frame
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

    static func frameOverflow(_ frame: PDFFrame) -> PDFError {
        PDFError(
            .frameOverflow,
            "The frame “\(frame.name)” is too small for what it holds, or has a page break in it. Shorten it or make "
                + "the frame larger.", frame: frame)
    }

    static func compressionFailed(_ reason: String) -> PDFError {
        PDFError(.compressionFailed, "The PDF could not be compressed: \(reason)")
    }

    init(_ fault: ImageFault, in image: String) {
        switch fault {
        case .damaged(let reason):
            self.init(.damagedImage, "\(image) is damaged: \(reason). Save it again from the program that made it.")
        case .unsupported(let reason): self.init(.unsupportedImage, "\(image) cannot be used: \(reason).")
        }
    }
}
