/// The codes that an embedded font's text is written in, and back.
///
/// Codes 32 to 255 are those of WinAnsiEncoding; every other character of the font has one from 256 on, in Unicode
/// order, until 65,535 are given out. 0 is the glyph for what is missing; 1 to 31 never have a glyph.
struct CodeTable: Sendable {
    /// The character of each code, 0 where there is none.
    private(set) var scalars: [UInt32]
    /// The glyph of each code in the font file, 0 where there is none.
    private(set) var glyphs: [UInt16]
    /// Where in `codes` the 256 characters begin that share these upper bits; 0 is an empty page.
    private(set) var pages = [Int32](repeating: 0, count: 0x1100)
    /// Pages of 256 codes, 0 where the font lacks the character.
    private(set) var codes = [UInt16](repeating: 0, count: 256)

    /// How many codes there are, those without a glyph counted.
    var count: Int { scalars.count }

    init(_ map: CharacterMap) {
        scalars = [UInt32](repeating: 0, count: 256)
        glyphs = [UInt16](repeating: 0, count: 256)
        let upper = WinAnsi.upperBlock
        for index in map.scalars.indices {
            let (scalar, glyph) = (map.scalars[index], map.glyphs[index])
            if scalar < 256 {
                add(scalar, glyph, at: Int(scalar))
            } else if let place = scalar < 0x2200 ? upper.firstIndex(of: scalar) : nil {
                add(scalar, glyph, at: 0x80 + place)
            } else if scalars.count < 65_536 {
                add(scalar, glyph, at: scalars.count)
            }
        }
        // A font without a no-break space or soft hyphen of its own shows the space and the hyphen.
        for (scalar, look) in [(0xA0, 0x20), (0xAD, 0x2D)] where glyphs[scalar] == 0 && glyphs[look] != 0 {
            add(UInt32(scalar), glyphs[look], at: scalar)
        }
    }

    private mutating func add(_ scalar: UInt32, _ glyph: UInt16, at code: Int) {
        if code == scalars.count {
            scalars.append(scalar)
            glyphs.append(glyph)
        } else {
            scalars[code] = scalar
            glyphs[code] = glyph
        }
        let page = Int(scalar >> 8)
        if pages[page] == 0 {
            pages[page] = Int32(codes.count)
            codes.append(contentsOf: repeatElement(0, count: 256))
        }
        codes[Int(pages[page]) + Int(scalar & 0xFF)] = UInt16(code)
    }

    /// The code of a character; 0 where the font lacks it.
    @inline(__always)
    func code(of scalar: UInt32) -> UInt16 {
        guard scalar < 0x110000 else { return 0 }
        return codes[Int(pages[Int(scalar >> 8)]) &+ Int(scalar & 0xFF)]
    }
}
