/// What a document embeds of a font, all but the numbers of its objects.
final class FontSubset: Sendable {
    /// A stream's own entries and its content.
    struct Stream: Sendable {
        let entries: [UInt8]
        let content: [UInt8]
        /// Whether the content is compressed, as the entries then say.
        let isCompressed: Bool
        let fingerprint: Fingerprint

        init(entries: [UInt8], content: [UInt8], isCompressed: Bool) {
            self.entries = entries
            self.content = content
            self.isCompressed = isCompressed
            fingerprint = Fingerprint(of: content)
        }
    }

    /// The font's name with a prefix that tells its subsets apart (ISO 32000-1, 9.6.4).
    let name: [UInt8]
    /// The `/W` array.
    let widths: [UInt8]
    let program: Stream
    /// `/CIDToGIDMap`: from code to glyph in the program.
    let glyphMap: Stream
    let unicode: Stream
    /// `/CIDSet`: a bit for each code that has a glyph.
    let codeSet: Stream
    /// The advance of the glyph for what is missing.
    let defaultWidth: Int

    /// What it takes in memory, in bytes.
    var size: Int {
        name.count + widths.count
            + [program, glyphMap, unicode, codeSet].reduce(0) { $0 + $1.entries.count + $1.content.count }
    }

    init(of font: PDFFont, codes: CodeSet, compressor: PDFCompressor?) {
        let table = font.codes
        let shown = codes.codes.filter { Int($0) < table.count && table.glyphs[Int($0)] != 0 }
        var file = SubsetProgram(font.program)
        let last = Int(shown.last ?? 0)
        var map = [UInt8](repeating: 0, count: last * 2 + 2)
        var bits = [UInt8](repeating: 0, count: last / 8 + 1)
        bits[0] = 0x80
        for code in shown {
            let glyph = file.add(table.glyphs[Int(code)])
            map[Int(code) * 2] = UInt8(glyph >> 8)
            map[Int(code) * 2 + 1] = UInt8(truncatingIfNeeded: glyph)
            bits[Int(code) / 8] |= 0x80 >> (code & 7)
        }
        let bytes = file.finish()
        name = Self.prefix(Fingerprint(of: bytes + map)) + Array(font.name.utf8)
        widths = Self.widths(of: shown, advances: font.advances)
        var length: [UInt8] = []
        length.append("/Length1 ")
        length.append(decimal: bytes.count)
        program = Self.stream(bytes, length, compressor)
        glyphMap = Self.stream(map, [], compressor)
        unicode = Self.stream(UnicodeMap.bytes(of: shown, in: table), [], compressor)
        codeSet = Self.stream(bits, [], compressor)
        defaultWidth = font.metrics.thousandths(font.program.advance(of: 0))
    }

    /// Whether a compressor failed on any of the streams.
    func isWhole(for compressor: PDFCompressor?) -> Bool {
        compressor == nil || [program, glyphMap, unicode, codeSet].allSatisfy(\.isCompressed)
    }

    private static func stream(_ content: [UInt8], _ entries: [UInt8], _ compressor: PDFCompressor?) -> Stream {
        guard let compressor else { return Stream(entries: entries, content: content, isCompressed: false) }
        var output: [UInt8] = []
        do throws(PDFError) {
            try content.withUnsafeBufferPointer { (buffer) throws(PDFError) in try compressor(buffer, into: &output) }
        } catch {
            // Written as it is, the stream goes through the file's compressor, which then reports why it fails.
            return Stream(entries: entries, content: content, isCompressed: false)
        }
        var entries = entries
        entries.append("/Filter/FlateDecode")
        return Stream(entries: entries, content: output, isCompressed: true)
    }

    private static func prefix(_ fingerprint: Fingerprint) -> [UInt8] {
        var rest = fingerprint.high
        var letters: [UInt8] = []
        for _ in 0..<6 {
            letters.append(UInt8(ascii: "A") + UInt8(rest % 26))
            rest /= 26
        }
        letters.append("+")
        return letters
    }

    private static func widths(of codes: [UInt16], advances: [UInt16]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("[")
        var next = -1
        for code in codes {
            if Int(code) != next {
                if next >= 0 { bytes.append("]") }
                bytes.append(decimal: Int(code))
                bytes.append("[")
            } else {
                bytes.append(" ")
            }
            bytes.append(decimal: Int(advances[Int(code)]))
            next = Int(code) + 1
        }
        if next >= 0 { bytes.append("]") }
        bytes.append("]")
        return bytes
    }
}
