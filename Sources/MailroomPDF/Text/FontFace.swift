/// The twelve text faces of the standard 14 fonts, by index: family times four, plus 1 for bold, plus 2 for italic.
enum FontFace {
    static let names: [StaticString] = [
        "Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique",
        "Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic",
        "Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique",
    ]

    /// Set in a measure where a code is more to a line breaker than its width: a blank, a hyphen, a line's end.
    static let breakFlag: UInt16 = 0x8000

    /// For each face 256 measures: the width of a code in thousandths of the size, with `breakFlag` where it applies.
    static let measures: [UInt16] = {
        let courier = [UInt16](repeating: 600, count: 224)
        let widths = [
            CharacterWidths.helvetica, CharacterWidths.helveticaBold,
            CharacterWidths.helvetica, CharacterWidths.helveticaBold,
            CharacterWidths.times, CharacterWidths.timesBold,
            CharacterWidths.timesItalic, CharacterWidths.timesBoldItalic,
            courier, courier, courier, courier,
        ]
        return widths.flatMap(measures(of:))
    }()

    private static func measures(of widths: [UInt16]) -> [UInt16] {
        var measures = [UInt16](repeating: 0, count: 32) + widths
        measures[Int(WinAnsi.narrowNoBreakSpace)] = measures[32] - narrowing(of: measures[32])
        measures[Int(WinAnsi.noBreakHyphen)] = measures[Int(WinAnsi.hyphen)]
        let hyphens = [WinAnsi.hyphen, WinAnsi.enDash, WinAnsi.emDash, WinAnsi.softHyphen]
        for code in hyphens + [WinAnsi.space, WinAnsi.zeroWidthSpace, WinAnsi.lineBreak] {
            measures[Int(code)] |= breakFlag
        }
        return measures
    }

    /// How much narrower a narrow no-break space is than the face's space: two fifths; none in a typewriter face.
    static func narrowing(of space: UInt16) -> UInt16 { space == 600 ? 0 : space * 2 / 5 }

    @inline(__always)
    static func width(of code: UInt8, in face: Int) -> Int { Int(measures[face * 256 + Int(code)] & ~breakFlag) }
}
