/// One of the standard 14 fonts, which every viewer has (ISO 32000-1, 9.6.2.2).
struct StandardFont: Sendable {
    let name: StaticString
    /// The advance widths of the codes 32 to 255.
    let widths: [UInt16]
    let kerning: KerningTable?
    /// The Unicode scalars of the codes 32 to 255; nil for a text font, whose encoding is WinAnsi's.
    var scalars: [UInt16]?

    /// Regular, bold, italic, bold italic.
    static let helvetica = [
        StandardFont(name: "Helvetica", widths: CharacterWidths.helvetica, kerning: StandardKerning.helvetica),
        StandardFont(
            name: "Helvetica-Bold", widths: CharacterWidths.helveticaBold, kerning: StandardKerning.helveticaBold),
        StandardFont(name: "Helvetica-Oblique", widths: CharacterWidths.helvetica, kerning: StandardKerning.helvetica),
        StandardFont(
            name: "Helvetica-BoldOblique", widths: CharacterWidths.helveticaBold,
            kerning: StandardKerning.helveticaBold),
    ]

    static let times = [
        StandardFont(name: "Times-Roman", widths: CharacterWidths.times, kerning: StandardKerning.times),
        StandardFont(name: "Times-Bold", widths: CharacterWidths.timesBold, kerning: StandardKerning.timesBold),
        StandardFont(name: "Times-Italic", widths: CharacterWidths.timesItalic, kerning: StandardKerning.timesItalic),
        StandardFont(
            name: "Times-BoldItalic", widths: CharacterWidths.timesBoldItalic,
            kerning: StandardKerning.timesBoldItalic),
    ]

    static let courier = [
        StandardFont(name: "Courier", widths: typewriter, kerning: nil),
        StandardFont(name: "Courier-Bold", widths: typewriter, kerning: nil),
        StandardFont(name: "Courier-Oblique", widths: typewriter, kerning: nil),
        StandardFont(name: "Courier-BoldOblique", widths: typewriter, kerning: nil),
    ]

    static let symbol = StandardFont(
        name: "Symbol", widths: SymbolEncoding.widths, kerning: nil, scalars: SymbolEncoding.scalars)

    static let zapfDingbats = StandardFont(
        name: "ZapfDingbats", widths: ZapfDingbatsEncoding.widths, kerning: nil, scalars: ZapfDingbatsEncoding.scalars)

    private static let typewriter = [UInt16](repeating: 600, count: 224)
}
