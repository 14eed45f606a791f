/// A face as the text engine sees it: what each code measures and means, be the font a standard or an embedded one.
final class FontFace: Sendable {
    /// What a code is: in bits 0 to 15 its width, 16 to 23 its class as the right one of a kerned pair, 24 to 31 flags,
    /// from 32 on where the values of its class as the left one begin in `kerning`.
    typealias Cell = UInt64

    /// Not seen where it does not end a line: the letters around it are kerned with each other.
    static let unseen: Cell = 1 << 24
    /// Showing takes a closer look: what is escaped, replaced or left out.
    static let special: Cell = 1 << 25
    /// A blank that has to be widened in a justified line.
    static let stretchable: Cell = 1 << 27
    /// The face can show it, or it needs no glyph.
    static let present: Cell = 1 << 26

    enum Source: Sendable {
        case standard(StandardFont)
        case embedded(PDFFont)
    }

    let source: Source
    /// At least 256; of an embedded font, as many as it has codes.
    let cells: [Cell]
    /// The values of all pairs of classes, a row of zeros first.
    let kerning: [Int16]
    let isKerned: Bool
    /// Whether all of printable ASCII has a glyph, under its own codes.
    let hasASCII: Bool
    /// What no-break spaces are shown as.
    let blank: UInt16
    /// How much narrower a narrow no-break space is than the face's space: two fifths; none in a typewriter face.
    let narrowing: Int

    var name: String {
        switch source {
        case .standard(let font): font.name.description
        case .embedded(let font): font.name
        }
    }

    /// Whether codes are written as two bytes.
    var isWide: Bool { if case .embedded = source { true } else { false } }

    var embedded: PDFFont? { if case .embedded(let font) = source { font } else { nil } }

    init(_ font: StandardFont) {
        source = .standard(font)
        var cells = [Cell](repeating: 0, count: 32) + font.widths.map { Cell($0) }
        for code in 32..<256 where font.scalars.map({ $0[code - 32] != 0 }) ?? WinAnsi.isUsed(code) {
            cells[code] |= Self.present
        }
        for code in [0x28, 0x29, 0x5C] { cells[code] |= Self.special }
        let isTypewriter = font.widths.allSatisfy { $0 == 600 }
        narrowing = isTypewriter ? 0 : Int(font.widths[0]) * 2 / 5
        Self.addMeanings(to: &cells, isText: font.scalars == nil, narrowing: narrowing)
        isKerned = font.kerning != nil
        kerning = Self.addKerning(font.kerning, to: &cells)
        self.cells = cells
        blank = WinAnsi.noBreakSpace
        hasASCII = font.scalars == nil
    }

    init(_ font: PDFFont) {
        source = .embedded(font)
        var cells = font.advances.map { Cell($0) }
        for code in 32..<256 where WinAnsi.scalar(of: code).map({ font.codes.code(of: $0) == code }) ?? false {
            cells[code] |= Self.present
        }
        for code in 256..<max(256, cells.count) {
            cells[code] |= Self.present
            if Self.isEscaped(code >> 8) || Self.isEscaped(code & 255) { cells[code] |= Self.special }
        }
        cells[0x20] |= Self.stretchable
        for code in [0x28, 0x29, 0x5C] { cells[code] |= Self.special }
        let isTypewriter = (0x21..<0x7F).allSatisfy { cells[$0] & 0xFFFF == cells[0x20] & 0xFFFF }
        narrowing = isTypewriter ? 0 : Int(cells[0x20] & 0xFFFF) * 2 / 5
        Self.addMeanings(to: &cells, isText: true, narrowing: narrowing)
        isKerned = font.kerning != nil
        kerning = Self.addKerning(font.kerning, to: &cells)
        self.cells = cells
        hasASCII = (0x20..<0x7F).allSatisfy { cells[$0] & Self.present != 0 }
        blank = cells[Int(WinAnsi.noBreakSpace)] & Self.present != 0 ? WinAnsi.noBreakSpace : WinAnsi.space
    }

    /// Whether a byte of a string must be escaped: parentheses, the backslash and a carriage return.
    private static func isEscaped(_ byte: Int) -> Bool { [0x28, 0x29, 0x5C, 0x0D].contains(byte) }

    /// Says what the codes without a glyph of their own measure, and where lines may end.
    private static func addMeanings(to cells: inout [Cell], isText: Bool, narrowing: Int) {
        cells[Int(WinAnsi.lineBreak)] = present | special
        for code in [WinAnsi.zeroWidthSpace, WinAnsi.wordJoiner] { cells[Int(code)] = present | special | unseen }
        guard isText else { return }
        let (space, hyphen) = (cells[Int(WinAnsi.space)], cells[Int(WinAnsi.hyphen)])
        cells[Int(WinAnsi.narrowNoBreakSpace)] = ((space & 0xFFFF) - Cell(narrowing)) | (space & present) | special
        cells[Int(WinAnsi.noBreakHyphen)] = hyphen | special
        cells[Int(WinAnsi.softHyphen)] = (hyphen & present) | special | unseen
    }

    /// Puts the classes of a table into the cells, and gives its values behind a row of zeros.
    private static func addKerning(_ table: KerningTable?, to cells: inout [Cell]) -> [Int16] {
        guard let table else { return [Int16](repeating: 0, count: 256) }
        // A pair of nothing, or of a code beyond 255, is in the row of zeros.
        let row = max(256, table.columns)
        for code in 32..<256 {
            cells[code] |= Cell(table.right[code]) << 16
            cells[code] |= Cell(row + Int(table.left[code]) * table.columns) << 32
        }
        cells[Int(WinAnsi.softHyphen)] &= 0xFF00_FFFF
        cells[Int(WinAnsi.noBreakHyphen)] |= cells[Int(WinAnsi.hyphen)] & ~0xFFFF
        return [Int16](repeating: 0, count: row) + table.values
    }
}

extension FontFace {
    /// The code of a character; 0 where the face lacks it.
    func code(of scalar: UInt32) -> UInt16 {
        switch source {
        case .standard(let font):
            guard let scalars = font.scalars else { return presentCode(of: scalar) }
            return Self.code(of: scalar, in: scalars)
        case .embedded(let font):
            let code = presentCode(of: scalar)
            if code != 0 && scalar != 0x2012 && scalar != 0x2015 { return code }
            return font.code(of: scalar) ?? code
        }
    }

    /// Whether it is the same font.
    func isSame(as other: FontFace) -> Bool {
        if self === other { return true }
        guard let font = embedded, let other = other.embedded else { return false }
        return font == other
    }

    private func presentCode(of scalar: UInt32) -> UInt16 {
        let code = WinAnsi.code(of: scalar)
        return cells[Int(code)] & Self.present != 0 ? code : 0
    }

    /// The code of a character in an encoding of its own.
    private static func code(of scalar: UInt32, in scalars: [UInt16]) -> UInt16 {
        let wanted: UInt32
        switch scalar {
        case 0xB5: wanted = 0x3BC
        case 0x2126: wanted = 0x3A9
        case 0x2206: wanted = 0x394
        default: wanted = scalar
        }
        let meaning = WinAnsi.code(of: wanted)
        switch meaning {
        case WinAnsi.space, WinAnsi.zeroWidthSpace, WinAnsi.wordJoiner, WinAnsi.lineBreak: return meaning
        default: return scalars.firstIndex { UInt32($0) == wanted }.map { UInt16($0 + 32) } ?? 0
        }
    }
}
