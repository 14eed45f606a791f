/// A TrueType file of some of a font's glyphs, with the tables that a PDF needs of one (ISO 32000-1, 9.9).
struct SubsetProgram {
    private let font: FontProgram
    /// The glyphs taken, in the order of their new numbers.
    private var glyphs: [UInt16] = [0]
    /// The new number of each glyph of the font, 0 for those not taken.
    private var numbers: [UInt16]

    init(_ font: FontProgram) {
        self.font = font
        numbers = [UInt16](repeating: 0, count: font.glyphCount)
    }

    /// Takes a glyph, and gives its new number.
    mutating func add(_ glyph: UInt16) -> UInt16 {
        if glyph == 0 { return 0 }
        if numbers[Int(glyph)] == 0 {
            numbers[Int(glyph)] = UInt16(glyphs.count)
            glyphs.append(glyph)
        }
        return numbers[Int(glyph)]
    }

    /// The file, to which the parts of composite glyphs are added.
    mutating func finish() -> [UInt8] {
        var (outlines, metrics): ([UInt8], [UInt8]) = ([], [])
        var offsets = [0]
        var index = 0
        while index < glyphs.count {
            let glyph = glyphs[index]
            let outline = font.outline(of: glyph)
            let start = outlines.count
            outlines.append(contentsOf: outline.bytes)
            if outline.isComposite {
                for component in (try? outline.components()) ?? [] {
                    outlines.write(unsigned16: Int(add(component.glyph)), at: start + component.place)
                }
            }
            if outlines.count & 1 != 0 { outlines.append(0) }
            offsets.append(outlines.count)
            metrics.append(unsigned16: font.advance(of: glyph))
            metrics.append(unsigned16: font.leftBearing(of: glyph) & 0xFFFF)
            index += 1
        }
        let isLong = outlines.count > 0x1FFFE
        var locations: [UInt8] = []
        for offset in offsets {
            if isLong { locations.append(unsigned16: offset >> 16) }
            locations.append(unsigned16: (isLong ? offset : offset / 2) & 0xFFFF)
        }
        var head = Array(font.head.bytes.prefix(54))
        head.write(unsigned16: 0, at: 8)
        head.write(unsigned16: 0, at: 10)
        head.write(unsigned16: isLong ? 1 : 0, at: 50)
        var header = Array(font.header.bytes.prefix(36))
        header.write(unsigned16: glyphs.count, at: 34)
        var profile = Array(font.profile.bytes.prefix(32))
        profile.write(unsigned16: glyphs.count, at: 4)
        var tables: [(tag: String, bytes: [UInt8])] = font.instructions.map { ($0.tag, Array($0.bytes)) }
        tables += [
            ("glyf", outlines), ("head", head), ("hhea", header), ("hmtx", metrics), ("loca", locations),
            ("maxp", profile),
        ]
        tables.sort { $0.tag < $1.tag }
        return Self.file(of: tables)
    }

    private static func file(of tables: [(tag: String, bytes: [UInt8])]) -> [UInt8] {
        var file: [UInt8] = [0, 1, 0, 0]
        let power = Int.bitWidth - 1 - tables.count.leadingZeroBitCount
        file.append(unsigned16: tables.count)
        file.append(unsigned16: 16 << power)
        file.append(unsigned16: power)
        file.append(unsigned16: tables.count * 16 - 16 << power)
        var offset = 12 + tables.count * 16
        var headOffset = 0
        for (tag, bytes) in tables {
            if tag == "head" { headOffset = offset }
            file.append(contentsOf: tag.utf8)
            for number in [Int(checksum(bytes[...])), offset, bytes.count] {
                file.append(unsigned16: number >> 16)
                file.append(unsigned16: number & 0xFFFF)
            }
            offset += (bytes.count + 3) & ~3
        }
        file.reserveCapacity(offset)
        for (_, bytes) in tables {
            file.append(contentsOf: bytes)
            while file.count & 3 != 0 { file.append(0) }
        }
        let adjustment = 0xB1B0_AFBA &- checksum(file[...])
        file.write(unsigned16: Int(adjustment >> 16), at: headOffset + 8)
        file.write(unsigned16: Int(adjustment & 0xFFFF), at: headOffset + 10)
        return file
    }

    /// The sum of the big-endian words of 32 bits (OpenType 1.9, "Calculating Checksums").
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { buffer in
            var sum: UInt32 = 0
            var place = 0
            while place + 4 <= buffer.count {
                sum &+= UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: place, as: UInt32.self))
                place += 4
            }
            var shift: UInt32 = 24
            for byte in buffer[place...] {
                sum &+= UInt32(byte) << shift
                shift -= 8
            }
            return sum
        }
    }
}

extension [UInt8] {
    /// Appends the low 16 bits, the upper byte first.
    fileprivate mutating func append(unsigned16 number: Int) {
        append(UInt8(truncatingIfNeeded: number >> 8))
        append(UInt8(truncatingIfNeeded: number))
    }

    fileprivate mutating func write(unsigned16 number: Int, at place: Int) {
        self[place] = UInt8(truncatingIfNeeded: number >> 8)
        self[place + 1] = UInt8(truncatingIfNeeded: number)
    }
}
