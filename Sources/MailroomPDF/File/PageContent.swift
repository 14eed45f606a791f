/// The content operators of a page (ISO 32000-1, 9.4).
extension PageFlow {
    /// Writes lines of a block, the first one's top edge at `top`.
    mutating func write(_ block: Block, lines: Range<Int>, top: Int) {
        let style = block.style
        setColor(style.color)
        file.bytes.append("BT\n")
        setLeading(style.leading)
        let baseline = top - style.ascent
        let hasMarker = lines.lowerBound == 0 && block.marker.count > 0
        if hasMarker { writeMarker(of: block, baseline: baseline) }
        if style.alignment == .left || style.alignment == .justified {
            // Every line, the first included, begins by moving down one leading.
            let y = baseline + style.leading
            if hasMarker { moveTo(x: style.left, y: y) } else { beginAt(x: style.left, y: y) }
        }
        var pieces = LinePieces(of: block, from: lines.lowerBound)
        var y = baseline
        withBuffers(of: block, lines: lines) { page, buffers in
            for line in block.lines[lines] {
                page.write(line, of: block, pieces: &pieces, buffers: buffers, y: y)
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

    /// Gives the buffers that the strings of a block's lines are made from and in.
    private mutating func withBuffers(
        of block: Block, lines: Range<Int>, _ body: (inout PageFlow, StringWriter.Buffers) -> Void
    ) {
        let longest = block.lines[lines].reduce(0) { max($0, $1.end - $1.start) }
        // Taken out of the page, so that both can be written to.
        var scratch: [UInt8] = []
        swap(&scratch, &self.scratch)
        let room = StringWriter.room(for: longest)
        if scratch.count < room { scratch = [UInt8](repeating: 0, count: room * 2) }
        scratch.withUnsafeMutableBufferPointer { output in
            block.text.codes.withUnsafeBufferPointer { codes in
                block.events.withUnsafeBufferPointer { events in
                    StringWriter.adjustments.withUnsafeBufferPointer { adjustments in
                        guard let output = output.baseAddress, let adjustments = adjustments.baseAddress else { return }
                        body(
                            &self,
                            StringWriter.Buffers(codes: codes, events: events, adjustments: adjustments, output: output)
                        )
                    }
                }
            }
        }
        swap(&scratch, &self.scratch)
    }

    private mutating func write(
        _ line: Block.Line, of block: Block, pieces: inout LinePieces, buffers: StringWriter.Buffers, y: Int
    ) {
        let style = block.style
        let free = style.width - line.width * style.size / 1_000
        var x = style.left
        var onNewLine = false
        var blanks = 0
        switch style.alignment {
        case .left: onNewLine = true
        case .justified:
            onNewLine = true
            if !line.isLast { blanks = block.blanks(in: line) }
        case .right: x += free
        case .centre: x += free / 2
        }
        // Viewers widen the blanks of standard fonts by themselves, those of others by what stands between strings.
        setWordSpacing(blanks == 0 ? 0 : max(0, free) / blanks)
        var stretch = StringWriter.Stretch(total: max(0, free) * 1_000 / style.size, blanks: blanks)
        if !onNewLine { moveTo(x: x, y: y) }
        if line.start == line.end && onNewLine { file.bytes.append("T*\n") }
        pieces.begin(line)
        while let piece = pieces.next(in: block, line: line) {
            let span = block.text.spans[piece.span]
            setFace(span.face, size: style.size)
            setColor(span.link == nil ? style.color : .link)
            let given = stretch.given
            show(
                piece, span: span, of: block, line: line, buffers: buffers, onNewLine: onNewLine, stretch: &stretch)
            onNewLine = false
            // Only where a link begins and ends must be known: viewers advance by themselves.
            if block.text.hasLinks {
                var width = block.width(of: piece, line: line) * style.size / 1_000
                if span.face.isWide {
                    width += (stretch.given - given) * style.size / 1_000
                } else {
                    width += block.blanks(from: piece.start, to: piece.end) * state.wordSpacing
                }
                if let link = span.link { append(link, x: x, y: y, width: width, size: style.size) }
                x += width
            }
        }
    }

    /// Shows a piece of a line.
    private mutating func show(
        _ piece: LinePieces.Piece, span: EncodedText.Span, of block: Block, line: Block.Line,
        buffers: StringWriter.Buffers, onNewLine: Bool, stretch: inout StringWriter.Stretch
    ) {
        let face = span.face
        if face.isWide {
            mark(
                block.text, from: piece.start, to: piece.end, isUnusual: span.isUnusual,
                isHyphenated: piece.isHyphenated)
        }
        let written = face.cells.withUnsafeBufferPointer { cells in
            var writer = StringWriter(buffers, of: face, cells: cells)
            writer.write(piece, lineStart: line.start, stretch: &stretch)
            if piece.isHyphenated { writer.writeHyphen() }
            return writer.finish(onNewLine: onNewLine)
        }
        file.bytes.append(contentsOf: written)
    }

    /// Writes a list's bullet or number at the left of the indent.
    private mutating func writeMarker(of block: Block, baseline: Int) {
        var marker = Block(text: block.marker, style: block.style)
        marker.style.alignment = .right
        // No wider than it is, so that it is one line.
        marker.style.width = 1 << 40
        LineBreaker.breakLines(of: &marker)
        guard let line = marker.lines.first else { return }
        marker.style.left = block.style.left - block.style.size / 2 - marker.style.width
        var pieces = LinePieces(of: marker, from: 0)
        withBuffers(of: marker, lines: 0..<1) { page, buffers in
            page.write(line, of: marker, pieces: &pieces, buffers: buffers, y: baseline)
        }
    }

    /// Makes a rectangle of the page open an address, and draws a line below it.
    private mutating func append(_ link: String, x: Int, y: Int, width: Int, size: Int) {
        underlines.append((x, y - size / 8, width))
        addLink(to: link, left: x, bottom: y - size / 4, right: x + width, top: y + size * 3 / 4)
    }

    /// Makes a rectangle of the page open an address.
    mutating func addLink(to address: String, left: Int, bottom: Int, right: Int, top: Int) {
        annotations.append("<</Type/Annot/Subtype/Link/F 4/Border[0 0 0]/Rect[")
        for (index, number) in [left, bottom, right, top].enumerated() {
            if index > 0 { annotations.append(" ") }
            annotations.append(thousandths: number)
        }
        annotations.append("]/A<</S/URI/URI")
        annotations.append(address: address)
        annotations.append(">>>>")
    }
}
