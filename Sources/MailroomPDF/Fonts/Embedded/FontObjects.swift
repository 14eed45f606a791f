internal import Synchronization

extension PDFFont {
    /// Writes the font's objects, with the glyphs of the codes used, and gives the number of the font itself: one of
    /// type 0 whose codes are two bytes each (ISO 32000-1, 9.7). The same codes give the same bytes.
    ///
    /// - Parameters:
    ///   - file: where they go.
    ///   - used: the codes shown; those without a glyph do not count.
    ///   - listsCodes: whether to write which codes are embedded, as PDF/A-1 demands (ISO 19005-1, 6.3.5).
    func write(into file: inout ObjectFile, used: CodeSet, listsCodes: Bool = false) -> Int {
        let part = subset(of: used, compressor: file.compressor)
        let program = Self.write(part.program, into: &file)
        let glyphMap = Self.write(part.glyphMap, into: &file)
        let unicode = Self.write(part.unicode, into: &file)
        let codeSet = listsCodes ? Self.write(part.codeSet, into: &file) : nil

        let descriptor = file.reserveObject()
        file.beginObject(descriptor)
        file.bytes.append("<</Type/FontDescriptor/FontName/")
        file.bytes.append(contentsOf: part.name)
        file.bytes.append("/FontFile2 ")
        file.bytes.append(decimal: program)
        file.bytes.append(" 0 R")
        if let codeSet {
            file.bytes.append("/CIDSet ")
            file.bytes.append(decimal: codeSet)
            file.bytes.append(" 0 R")
        }
        metrics.write(into: &file.bytes)
        file.bytes.append(">>")
        file.endObject()

        let descendant = file.reserveObject()
        file.beginObject(descendant)
        file.bytes.append("<</Type/Font/Subtype/CIDFontType2/BaseFont/")
        file.bytes.append(contentsOf: part.name)
        file.bytes.append("/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor ")
        file.bytes.append(decimal: descriptor)
        file.bytes.append(" 0 R/CIDToGIDMap ")
        file.bytes.append(decimal: glyphMap)
        file.bytes.append(" 0 R/DW ")
        file.bytes.append(decimal: part.defaultWidth)
        file.bytes.append("/W")
        file.bytes.append(contentsOf: part.widths)
        file.bytes.append(">>")
        file.endObject()

        let font = file.reserveObject()
        file.beginObject(font)
        file.bytes.append("<</Type/Font/Subtype/Type0/BaseFont/")
        file.bytes.append(contentsOf: part.name)
        file.bytes.append("/Encoding/Identity-H/DescendantFonts[")
        file.bytes.append(decimal: descendant)
        file.bytes.append(" 0 R]/ToUnicode ")
        file.bytes.append(decimal: unicode)
        file.bytes.append(" 0 R>>")
        file.endObject()
        return font
    }

    /// The subset that has these codes: one kept, or a new one. Made outside the lock: at worst two threads make the
    /// same.
    func subset(of used: CodeSet, compressor: PDFCompressor?) -> FontSubset {
        let codes = subset == .shared ? used.wholePages : used
        let key = SubsetCache.Key(codes: codes, compressor: compressor?.number)
        if let kept = subsets.withLock({ $0.find(key) }) { return kept }
        let made = FontSubset(of: self, codes: codes, compressor: compressor)
        if made.isWhole(for: compressor) { subsets.withLock { $0.keep(made, for: key) } }
        return made
    }

    private static func write(_ stream: FontSubset.Stream, into file: inout ObjectFile) -> Int {
        file.addStream(
            stream.entries, content: stream.content, isEncoded: stream.isCompressed, fingerprint: stream.fingerprint)
    }
}

extension FontMetrics {
    /// Appends the entries of a font descriptor (ISO 32000-1, 9.8).
    fileprivate func write(into bytes: inout [UInt8]) {
        // Symbolic, since the codes are the font's own.
        var flags = 4
        if isFixedPitch { flags |= 1 }
        if hasSerifs { flags |= 2 }
        if italicAngle != 0 { flags |= 64 }
        bytes.append("/Flags ")
        bytes.append(decimal: flags)
        bytes.append("/FontBBox[")
        for (index, side) in [box.left, box.bottom, box.right, box.top].enumerated() {
            if index > 0 { bytes.append(" ") }
            bytes.append(decimal: side)
        }
        bytes.append("]/ItalicAngle ")
        bytes.append(thousandths: italicAngle)
        bytes.append("/Ascent ")
        bytes.append(decimal: ascent)
        bytes.append("/Descent ")
        bytes.append(decimal: descent)
        bytes.append("/CapHeight ")
        bytes.append(decimal: capHeight)
        // Fonts do not say how thick their stems are; this comes near for most.
        bytes.append("/StemV ")
        bytes.append(decimal: weight / 5)
    }
}
