/// The measures of a font that layout and its descriptor need, in thousandths of the type size unless said otherwise.
struct FontMetrics: Sendable {
    /// From the baseline up to the top of a line's letters.
    var ascent = 0
    /// From the baseline down, below zero.
    var descent = 0
    /// The height of a capital without accent.
    var capHeight = 0
    /// What encloses every glyph: left, bottom, right, top.
    var box: (left: Int, bottom: Int, right: Int, top: Int) = (0, 0, 0, 0)
    /// The middle of an underline, below zero.
    var underlinePosition = -100
    var underlineThickness = 50
    /// The slant in thousandths of a degree, counter-clockwise: below zero for an italic.
    var italicAngle = 0
    /// 400 is regular, 700 bold.
    var weight = 400
    var isFixedPitch = false
    var hasSerifs = false
    /// The units that a side of the type's square is divided into.
    var unitsPerEm = 1_000

    /// A width in the font's own units, in thousandths of the type size.
    func thousandths(_ units: Int) -> Int {
        let scaled = units * 2_000
        return (scaled + (units < 0 ? -unitsPerEm : unitsPerEm)) / (2 * unitsPerEm)
    }

    init(_ tables: FontTables) throws(FontFault) {
        let head = try tables.required("head")
        try head.require(54)
        unitsPerEm = try head.unsigned16(18)
        guard unitsPerEm >= 16, unitsPerEm <= 16_384 else {
            throw .damaged("its head table divides the type's square into \(unitsPerEm) units")
        }
        box = (
            thousandths(try head.signed16(36)), thousandths(try head.signed16(38)),
            thousandths(try head.signed16(40)), thousandths(try head.signed16(42))
        )
        let header = try tables.required("hhea")
        try header.require(36)
        ascent = thousandths(try header.signed16(4))
        descent = min(0, thousandths(try header.signed16(6)))
        capHeight = ascent * 7 / 10
        if let post = tables["post"] {
            try post.require(32)
            italicAngle = try post.signed16(4) * 1_000 + post.unsigned16(6) * 1_000 / 65_536
            underlinePosition = thousandths(try post.signed16(8))
            underlineThickness = max(1, thousandths(try post.signed16(10)))
            isFixedPitch = try post.unsigned32(12) != 0
        }
        if let style = tables["OS/2"] { try read(style) }
    }

    private mutating func read(_ style: FontTable) throws(FontFault) {
        try style.require(68)
        weight = min(max(try style.unsigned16(4), 1), 1_000)
        let licence = try style.unsigned16(8)
        if licence & 0xE == 2 {
            throw .forbidden("The font's licence bits forbid embedding it. Use a font that may be embedded.")
        }
        if licence & 0x300 != 0 {
            throw .forbidden("The font's licence bits forbid embedding a part of it. Use a font without that limit.")
        }
        // Classes 1 to 5 and 7 of IBM's families are the ones with serifs.
        let family = try style.unsigned8(30)
        hasSerifs = (1...7).contains(family) && family != 6
        if try style.unsigned16(0) >= 2, style.count >= 90 {
            let height = thousandths(try style.signed16(88))
            if height > 0 { capHeight = height }
        }
        if ascent <= 0, style.count >= 72 {
            ascent = thousandths(try style.signed16(68))
            descent = min(0, thousandths(try style.signed16(70)))
        }
    }
}
