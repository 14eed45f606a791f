internal import Synchronization

/// A TrueType font from a file's bytes, of which a document takes in the glyphs that it shows.
///
///     let font = try PDFFont(bytes)
///     let family = PDFFontFamily(regular: font)
///
/// Reading is done once and checks the whole file; keep the font and use it for every document. The glyphs put into
/// documents are kept with it too, some MB at most. Of a variable font its default instance is used. Fonts made from
/// the same bytes are equal.
public final class PDFFont: Sendable {
    /// Which glyphs a document takes in.
    public enum Subset: Sendable, Hashable {
        /// Only those shown: the smallest file.
        case exact
        /// All those of the scripts shown, such as every Western European letter: the same for most letters, so that it
        /// is made once and then only copied.
        case shared
    }

    /// The font's PostScript name, such as `DejaVuSans-Bold`.
    public let name: String
    /// Which glyphs a document takes in.
    public let subset: Subset

    let metrics: FontMetrics
    let codes: CodeTable
    /// The advance of each code in thousandths of the type size, 0 where there is no glyph.
    let advances: [UInt16]
    /// The kerning of the codes below 256 with each other; nil if there is none.
    let kerning: KerningTable?
    let program: FontProgram
    let pairs: PairKerning
    let subsets = Mutex(SubsetCache())
    let fingerprint: Fingerprint

    /// Reads a font.
    ///
    /// - Parameters:
    ///   - bytes: a `.ttf` file: TrueType outlines, a Unicode character map.
    ///   - subset: which glyphs a document takes in.
    /// - Throws: `PDFError` with code `.damagedFont`, `.unsupportedFont` or `.embeddingForbidden`.
    public init(_ bytes: [UInt8], subset: Subset = .shared) throws(PDFError) {
        do throws(FontFault) {
            let tables = try FontTables(bytes)
            metrics = try FontMetrics(tables)
            program = try FontProgram(tables)
            let map = try CharacterMap(try tables.required("cmap"), glyphCount: program.glyphCount)
            codes = CodeTable(map)
            try program.checkOutlines(of: codes.glyphs)
            advances = try program.advances(of: codes.glyphs, in: metrics)
            pairs = try PairKerning(tables, codes: codes, metrics: metrics)
            kerning = KerningTable(pairs.table())
            name = FontName.postScript(tables) ?? "Font"
        } catch { throw .font(error) }
        fingerprint = Fingerprint(of: bytes)
        self.subset = subset
    }

    /// The code of a character; nil where the font lacks it.
    @inline(__always)
    func code(of scalar: UInt32) -> UInt16? {
        let code = codes.code(of: scalar)
        return code == 0 ? nil : code
    }

    /// The character of a code, 0 where there is none.
    @inline(__always)
    func scalar(of code: UInt16) -> UInt32 { Int(code) < codes.scalars.count ? codes.scalars[Int(code)] : 0 }

    /// What is added to the advance of the left one of two codes, in thousandths of the type size. For codes below 256
    /// the table in `kerning` is quicker.
    func kern(_ left: UInt16, _ right: UInt16) -> Int { pairs.value(left, right) }

    /// Whether any pair of codes is kerned.
    var hasKerning: Bool { !pairs.isEmpty }
}

extension PDFFont: Hashable {
    /// Whether two fonts were made from the same bytes, and give documents the same glyphs.
    public static func == (left: PDFFont, right: PDFFont) -> Bool {
        left === right || (left.fingerprint == right.fingerprint && left.subset == right.subset)
    }

    /// Mixes in a number made from the bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(fingerprint)
        hasher.combine(subset)
    }
}
