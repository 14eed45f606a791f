/// The content operators of a page (ISO 32000-1, 9.4).
extension PageFlow {
    /// Writes lines of a block, the first one's top edge at `top`.
    mutating func write(_ block: Block, lines: Range<Int>, top: Int) {
        let style = block.style
        setColor(style.color)
        file.bytes.append("BT\n")
        setLeading(style.leading)
        setFace(block.spans.first?.face ?? style.face, size: style.size)
        let baseline = top - style.ascent
        if lines.lowerBound == 0 && !block.marker.isEmpty { writeMarker(of: block, baseline: baseline) }
        let isFlush = style.alignment == .left || style.alignment == .justified
        if isFlush {
            // Every line, the first included, begins by moving down one leading.
            moveTo(x: style.left, y: baseline + style.leading)
        }
        let isPlain = isFlush && block.spans.count <= 1 && block.traits.isEmpty && !block.hasLinks
        block.codes.withUnsafeBufferPointer { codes in
            var y = baseline
            for line in block.lines[lines] {
                setWordSpacing(style.alignment == .justified ? stretch(of: line, codes: codes, style: style) : 0)
                if isPlain {
                    file.bytes.append(UInt8(ascii: "("))
                    file.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: codes[line.start..<line.end]))
                    if line.isHyphenated { file.bytes.append(WinAnsi.hyphen) }
                    file.bytes.append(")'\n")
                } else {
                    write(line, of: block, codes: codes, y: y, isFlush: isFlush)
                }
                y -= style.leading
            }
        }
        file.bytes.append("ET\n")
        for line in underlines {
            setColor(.link)
            fillRectangle(x: line.x, y: line.y, width: line.width, height: style.size / 20)
        }
        underlines.removeAll(keepingCapacity: true)
    }

    /// What is added to each blank of a justified line, in thousandths of a point.
    private func stretch(of line: Block.Line, codes: UnsafeBufferPointer<UInt8>, style: BlockStyle) -> Int {
        guard !line.isLast else { return 0 }
        var blanks = 0
        for code in codes[line.start..<line.end] { blanks += code == WinAnsi.space ? 1 : 0 }
        return blanks == 0 ? 0 : max(0, style.width - line.width * style.size / 1_000) / blanks
    }

    /// Writes a line of several runs, of links, or set to the right or the centre.
    private mutating func write(
        _ line: Block.Line, of block: Block, codes: UnsafeBufferPointer<UInt8>, y: Int, isFlush: Bool
    ) {
        let style = block.style
        var x = style.left
        if isFlush {
            file.bytes.append("T*\n")
        } else {
            let free = style.width - line.width * style.size / 1_000
            x += style.alignment == .right ? free : free / 2
            file.bytes.append("1 0 0 1 ")
            appendPoint(x: x, y: y)
            file.bytes.append(" Tm\n")
        }
        var start = line.start
        var spanIndex = block.spans.firstIndex { $0.end > start } ?? 0
        while start < line.end {
            let span = block.spans[spanIndex]
            let end = min(span.end, line.end)
            let isHyphenated = line.isHyphenated && end == line.end
            setFace(span.face, size: style.size)
            setColor(span.link == nil ? style.color : .link)
            show(codes[start..<end], traits: block.traits, face: span.face, isHyphenated: isHyphenated)
            // Only where a link begins and ends must be known: viewers advance by themselves.
            if block.hasLinks {
                let width = self.width(of: codes[start..<end], span: span, style: style, isHyphenated: isHyphenated)
                if let link = span.link { append(link, x: x, y: y, width: width, size: style.size) }
                x += width
            }
            start = end
            spanIndex += 1
        }
    }

    private func width(
        of codes: Slice<UnsafeBufferPointer<UInt8>>, span: Block.Span, style: BlockStyle, isHyphenated: Bool
    ) -> Int {
        var width = isHyphenated ? FontFace.width(of: WinAnsi.hyphen, in: span.face) : 0
        var blanks = 0
        for code in codes where code != WinAnsi.softHyphen {
            width += FontFace.width(of: code, in: span.face)
            blanks += code == WinAnsi.space ? 1 : 0
        }
        return width * style.size / 1_000 + blanks * state.wordSpacing
    }

    /// Shows codes, escaped, those that have no glyph of their own replaced by what they mean.
    private mutating func show(
        _ codes: Slice<UnsafeBufferPointer<UInt8>>, traits: WinAnsi.Traits, face: Int, isHyphenated: Bool
    ) {
        let isArray = traits.contains(.substitutes)
        file.bytes.append(isArray ? "[(" : "(")
        if traits.isEmpty {
            file.bytes.append(contentsOf: codes)
        } else {
            var copied = codes.startIndex
            for position in codes.indices {
                let code = codes[position]
                if Self.isShownAsItself(code) { continue }
                file.bytes.append(contentsOf: codes[copied..<position])
                copied = position + 1
                showSubstitute(of: code, face: face)
            }
            file.bytes.append(contentsOf: codes[copied...])
        }
        if isHyphenated { file.bytes.append(WinAnsi.hyphen) }
        file.bytes.append(isArray ? ")]TJ\n" : ")Tj\n")
    }

    @inline(__always)
    private static func isShownAsItself(_ code: UInt8) -> Bool {
        code > WinAnsi.wordJoiner && code != UInt8(ascii: "(") && code != UInt8(ascii: ")")
            && code != UInt8(ascii: "\\") && code != WinAnsi.softHyphen
    }

    private mutating func showSubstitute(of code: UInt8, face: Int) {
        switch code {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\\"):
            file.bytes.append(UInt8(ascii: "\\"))
            file.bytes.append(code)
        case WinAnsi.narrowNoBreakSpace:
            let space = UInt16(FontFace.width(of: WinAnsi.space, in: face))
            file.bytes.append(WinAnsi.noBreakSpace)
            file.bytes.append(")")
            file.bytes.append(decimal: Int(FontFace.narrowing(of: space)))
            file.bytes.append("(")
        case WinAnsi.noBreakHyphen: file.bytes.append(WinAnsi.hyphen)
        // Soft hyphens, zero-width spaces and word joiners are not shown.
        default: break
        }
    }

    /// Writes a list's bullet or number at the left of the indent.
    private mutating func writeMarker(of block: Block, baseline: Int) {
        let style = block.style
        setFace(style.face, size: style.size)
        let width = block.marker.reduce(0) { $0 + FontFace.width(of: $1, in: style.face) } * style.size / 1_000
        let x = style.left - width - style.size / 2
        setWordSpacing(0)
        file.bytes.append("1 0 0 1 ")
        appendPoint(x: x, y: baseline)
        file.bytes.append(" Tm\n")
        block.marker.withUnsafeBufferPointer { marker in
            show(marker[...], traits: .escapes, face: style.face, isHyphenated: false)
        }
    }

    /// Makes a rectangle of the page open an address, and draws a line below it.
    private mutating func append(_ link: String, x: Int, y: Int, width: Int, size: Int) {
        underlines.append((x, y - size / 8, width))
        annotations.append("<</Type/Annot/Subtype/Link/F 4/Border[0 0 0]/Rect[")
        for (index, number) in [x, y - size / 4, x + width, y + size * 3 / 4].enumerated() {
            if index > 0 { annotations.append(" ") }
            annotations.append(thousandths: number)
        }
        annotations.append("]/A<</S/URI/URI")
        annotations.append(address: link)
        annotations.append(">>>>")
    }
}
