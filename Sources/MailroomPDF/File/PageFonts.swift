/// A face that a document's pages name.
struct UsedFace {
    let face: FontFace
    /// Of an embedded font, a bit for each code shown.
    var codes: [UInt64]
}

/// The fonts of a document (ISO 32000-1, 9.6 and 9.7).
extension PageFlow {
    /// The place of a face in `usedFaces`, which it takes at its first use.
    mutating func index(of face: FontFace) -> Int {
        if let index = usedFaces.firstIndex(where: { $0.face.isSame(as: face) }) { return index }
        let words = face.isWide ? (face.cells.count + 63) / 64 : 0
        usedFaces.append(UsedFace(face: face, codes: [UInt64](repeating: 0, count: words)))
        return usedFaces.count - 1
    }

    /// Notes which codes of the present face, an embedded one, are shown.
    mutating func mark(_ text: EncodedText, from start: Int, to end: Int, isUnusual: Bool, isHyphenated: Bool) {
        let isFirstPageWhole = !isUnusual && state.face?.embedded?.subset == .shared
        let blank = state.face?.blank ?? WinAnsi.space
        usedFaces[state.faceIndex].codes.withUnsafeMutableBufferPointer { words in
            func mark(_ code: UInt16) { words[Int(code >> 6)] |= 1 << UInt64(code & 63) }
            if isHyphenated { mark(WinAnsi.hyphen) }
            // Of a subset that is shared the first page is whole if it has one.
            if isFirstPageWhole { return mark(WinAnsi.space) }
            for code in text.codes[start..<end] {
                switch code {
                case WinAnsi.narrowNoBreakSpace: mark(blank)
                case WinAnsi.noBreakHyphen: mark(WinAnsi.hyphen)
                case WinAnsi.softHyphen, 0..<32: break
                default: mark(code)
                }
            }
        }
    }

    /// Writes every font used, and gives their names and numbers as they stand in the resources.
    mutating func writeFonts(conformance: PDFConformance?) throws(PDFError) -> [UInt8] {
        var names: [UInt8] = []
        for (index, used) in usedFaces.enumerated() {
            let number: Int
            switch used.face.source {
            case .standard(let font):
                if let conformance { throw conformance.refusal(ofStandardFont: "\(font.name)") }
                number = write(font)
            case .embedded(let font):
                var codes = CodeSet()
                codes.formUnion(words: used.codes)
                number = font.write(into: &file, used: codes, listsCodes: conformance == .pdfA1b)
            }
            names.append("/F")
            names.append(decimal: index)
            names.append(" ")
            names.append(decimal: number)
            names.append(" 0 R")
        }
        return names
    }

    private mutating func write(_ font: StandardFont) -> Int {
        let number = file.reserveObject()
        file.beginObject(number)
        file.bytes.append("<</Type/Font/Subtype/Type1/BaseFont/")
        file.bytes.append(font.name)
        // Symbol and ZapfDingbats have encodings of their own.
        if font.scalars == nil { file.bytes.append("/Encoding/WinAnsiEncoding") }
        file.bytes.append(">>")
        file.endObject()
        return number
    }
}
