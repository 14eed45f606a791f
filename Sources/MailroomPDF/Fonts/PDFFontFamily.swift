/// The fonts that a text is set in: a regular face with its bold and italic, and the families that stand in for
/// characters which it lacks.
///
/// Each character stands for itself, from left to right: Latin, Greek, Cyrillic and the like come out as they are read;
/// Arabic, Hebrew and the scripts of India, whose letters join or change their order, do not.
public struct PDFFontFamily: Sendable, Hashable {
    /// Shared, so that a style is cheap to copy.
    private final class Faces: Sendable {
        /// By emphasis: the faces to take a character from, the family's own first.
        let chains: [[FontFace]]
        /// By emphasis: whether the family has no face for it.
        let lacks: [Bool]

        init(_ chains: [[FontFace]], lacks: [Bool]) {
            self.chains = chains
            self.lacks = lacks
        }
    }

    private let faces: Faces

    /// A sans serif: Helvetica, or what the viewer puts in its place (Arial, Nimbus Sans). Not embedded.
    public static let helvetica = PDFFontFamily(StandardFont.helvetica)
    /// A serif: Times. Not embedded.
    public static let times = PDFFontFamily(StandardFont.times)
    /// A typewriter face, all characters equally wide: Courier. Not embedded.
    public static let courier = PDFFontFamily(StandardFont.courier)
    /// Greek letters and signs of mathematics: Symbol. Not embedded.
    public static let symbol = PDFFontFamily([StandardFont.symbol])
    /// Ornaments, arrows and check marks: Zapf Dingbats. Not embedded.
    public static let zapfDingbats = PDFFontFamily([StandardFont.zapfDingbats])

    private init(_ fonts: [StandardFont]) {
        let own = fonts.map { FontFace($0) }
        faces = Faces((0..<4).map { [own[$0 % own.count]] }, lacks: [Bool](repeating: false, count: 4))
    }

    /// A family of fonts that are embedded.
    ///
    /// Text in an emphasis that has no face of its own here is refused when the document is finished.
    ///
    /// - Parameters:
    ///   - regular: the upright face of running text.
    ///   - bold: for bold text.
    ///   - italic: for italic text.
    ///   - boldItalic: for text that is both.
    public init(regular: PDFFont, bold: PDFFont? = nil, italic: PDFFont? = nil, boldItalic: PDFFont? = nil) {
        let fonts = [regular, bold, italic, boldItalic]
        let own = FontFace(regular)
        faces = Faces(
            fonts.enumerated().map { [$0 == 0 ? own : $1.map { FontFace($0) } ?? own] }, lacks: fonts.map { $0 == nil })
    }

    /// The family, its missing characters taken from others: from the first of them that has the character, in the
    /// same emphasis where that family has such a face, else from its regular one.
    public func withFallbacks(_ families: [PDFFontFamily]) -> PDFFontFamily {
        PDFFontFamily(
            Faces(
                (0..<4).map { emphasis in families.reduce(faces.chains[emphasis]) { $0 + $1.faces.chains[emphasis] } },
                lacks: faces.lacks))
    }

    private init(_ faces: Faces) { self.faces = faces }

    /// The faces to take a character from, in this order.
    func chain(for emphasis: PDFEmphasis) -> [FontFace] { faces.chains[Int(emphasis.rawValue)] }

    /// What its regular face is called.
    var name: String { faces.chains[0][0].name }

    /// Whether the family has no face of its own for an emphasis.
    func lacks(_ emphasis: PDFEmphasis) -> Bool { faces.lacks[Int(emphasis.rawValue)] }

    /// The characters of a text, given as UTF-8, that neither the family nor a fallback has, each once.
    package func unsupported(
        in utf8: UnsafeBufferPointer<UInt8>, emphasis: PDFEmphasis = []
    ) -> [PDFUnsupportedCharacter] {
        let faces = chain(for: emphasis)
        if TextEncoder.canShow(utf8, faces: faces) { return [] }
        return PDFUnsupportedCharacter.all(in: String(decoding: utf8, as: UTF8.self), faces: faces)
    }

    /// Whether two families set a text alike: the same faces in the same order, and the same that are missing.
    public static func == (one: PDFFontFamily, other: PDFFontFamily) -> Bool {
        one.faces === other.faces
            || one.faces.lacks == other.faces.lacks
                && one.faces.chains.elementsEqual(other.faces.chains) { $0.elementsEqual($1) { $0.isSame(as: $1) } }
    }

    /// Hashes the faces.
    public func hash(into hasher: inout Hasher) {
        for face in faces.chains[0] { hasher.combine(face.name) }
    }
}
