/// One part of a composite glyph (OpenType 1.9, "glyf").
struct GlyphComponent {
    /// Where in the outline its number stands.
    let place: Int
    let glyph: UInt16
}

extension FontTable {
    /// Whether an outline is put together of other glyphs.
    var isComposite: Bool { (try? signed16(0)).map { $0 < 0 } ?? false }

    /// The glyphs that a composite outline is put together of.
    func components() throws(FontFault) -> [GlyphComponent] {
        var components: [GlyphComponent] = []
        var position = 10
        while true {
            let flags = try unsigned16(position)
            components.append(GlyphComponent(place: position + 2, glyph: UInt16(try unsigned16(position + 2))))
            position += flags & 1 != 0 ? 8 : 6
            position += flags & 8 != 0 ? 2 : flags & 0x40 != 0 ? 4 : flags & 0x80 != 0 ? 8 : 0
            if flags & 0x20 != 0 { continue }
            if flags & 0x100 != 0 { position += 2 + (try unsigned16(position)) }
            try require(position)
            return components
        }
    }

    /// Reads through a simple outline; refuses one that is cut short.
    func checkContours() throws(FontFault) {
        let contours = try signed16(0)
        var last = -1
        for index in 0..<contours {
            let point = try unsigned16(10 + index * 2)
            guard point >= last else { throw .damaged("the contours of a glyph are in disorder") }
            last = point
        }
        var position = 10 + contours * 2
        // A glyph without contours may end after its box.
        if contours == 0 && count <= position + 1 { return }
        position += 2 + (try unsigned16(position))
        var points = last + 1
        var coordinates = 0
        while points > 0 {
            let flags = try unsigned8(position)
            position += 1
            var repeats = 1
            if flags & 8 != 0 {
                repeats += try unsigned8(position)
                position += 1
            }
            repeats = min(repeats, points)
            let horizontal = flags & 2 != 0 ? 1 : flags & 0x10 != 0 ? 0 : 2
            let vertical = flags & 4 != 0 ? 1 : flags & 0x20 != 0 ? 0 : 2
            coordinates += repeats * (horizontal + vertical)
            points -= repeats
        }
        try require(position + coordinates)
    }
}

/// Reads outlines and what they are put together of, each once, within limits on what a viewer will have to draw.
struct OutlineCheck {
    private static let deepest = 16
    private static let mostParts = 1_024

    private let program: FontProgram
    /// For each glyph: 0 not seen, -1 while being read, else how many parts it comes to.
    private var parts: [Int32]
    /// For each glyph, how deep its parts nest.
    private var depths: [UInt8]

    init(program: FontProgram) {
        self.program = program
        parts = [Int32](repeating: 0, count: program.glyphCount)
        depths = [UInt8](repeating: 0, count: program.glyphCount)
    }

    mutating func visit(_ glyph: UInt16) throws(FontFault) { try visit(glyph, level: 0) }

    private mutating func visit(_ glyph: UInt16, level: Int) throws(FontFault) {
        let index = Int(glyph)
        guard index < parts.count else { throw .damaged("a glyph is put together of one that does not exist") }
        guard parts[index] == 0 else {
            if parts[index] < 0 { throw .damaged("a glyph is put together of itself") }
            return
        }
        let outline = program.outline(of: glyph)
        var sum: Int32 = 1
        var depth = 0
        if outline.isComposite {
            parts[index] = -1
            for component in try outline.components() {
                if level < Self.deepest { try visit(component.glyph, level: level + 1) }
                depth = level < Self.deepest ? max(depth, Int(depths[Int(component.glyph)]) + 1) : Self.deepest + 1
                guard depth <= Self.deepest else {
                    throw .damaged("the parts of a glyph nest deeper than \(Self.deepest)")
                }
                sum += parts[Int(component.glyph)]
                guard sum <= Self.mostParts else {
                    throw .damaged("a glyph is put together of more than \(Self.mostParts) parts")
                }
            }
        } else if outline.count > 0 {
            try outline.checkContours()
        }
        parts[index] = sum
        depths[index] = UInt8(depth)
    }
}
