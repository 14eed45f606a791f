/// Writes codes of one face as the strings and adjustments of one operator that shows text (ISO 32000-1, 9.4.3).
///
/// Its buffer must have room for `room(for:)` bytes.
struct StringWriter {
    /// What is added to the blanks of a justified line, in thousandths of the type size, spread evenly over them.
    struct Stretch {
        private let blanks: Int
        private let share: Int
        private let rest: Int
        private var due = 0
        /// What blanks were given so far.
        private(set) var given = 0

        init(total: Int = 0, blanks: Int = 0) {
            self.blanks = blanks
            (share, rest) = blanks == 0 ? (0, 0) : total.quotientAndRemainder(dividingBy: blanks)
        }

        /// The next blank's share.
        @inline(__always)
        mutating func next() -> Int {
            due += rest
            var next = share
            if due >= blanks && rest > 0 {
                due -= blanks
                next += 1
            }
            given += next
            return next
        }
    }

    /// `)-20(` and the like: numbers from -`limit` to `limit`, their length in the highest byte.
    static let adjustments: [UInt64] = (-limit...limit).map { number in
        var text: [UInt8] = []
        text.append(")")
        text.append(decimal: number)
        text.append("(")
        return text.enumerated().reduce(UInt64(text.count) << 56) { $0 | UInt64($1.element) << UInt64($1.offset * 8) }
    }
    static let limit = 999

    /// The bytes that an operator of some codes takes at the most.
    static func room(for codes: Int) -> Int { (codes + 4) * 24 }

    /// What strings are made from, and where.
    struct Buffers {
        let codes: UnsafeBufferPointer<UInt16>
        let events: UnsafeBufferPointer<Block.Event>
        let adjustments: UnsafePointer<UInt64>
        let output: UnsafeMutablePointer<UInt8>
    }

    private let codes: UnsafePointer<UInt16>
    private let events: UnsafeBufferPointer<Block.Event>
    private let cells: UnsafePointer<FontFace.Cell>
    private let face: FontFace
    private let isWide: Bool
    private let adjustments: UnsafePointer<UInt64>
    private let start: UnsafeMutablePointer<UInt8>
    private var output: UnsafeMutablePointer<UInt8>
    private var isAdjusted = false
    /// By how much what follows moves to the left, not written yet.
    private var pending = 0

    init(_ buffers: Buffers, of face: FontFace, cells: UnsafeBufferPointer<FontFace.Cell>) {
        // Neither is ever empty where there is a code to be shown.
        codes = buffers.codes.baseAddress!
        self.cells = cells.baseAddress!
        events = buffers.events
        adjustments = buffers.adjustments
        self.face = face
        isWide = face.isWide
        start = buffers.output
        // Before the string's beginning there is room for a new line and the bracket of an array.
        output = start + 3
        put("(")
    }

    /// Writes the codes of a piece of a line.
    mutating func write(_ piece: LinePieces.Piece, lineStart: Int, stretch: inout Stretch) {
        let range = piece.start..<piece.end
        var copied = range.lowerBound
        for event in UnsafeBufferPointer(rebasing: events[piece.events]) {
            let position = event.position
            let code = codes[position]
            let cell = cells[Int(code)]
            if cell & FontFace.stretchable != 0 && event.kern == 0 {
                // The blank of an embedded font is shown with what is before it.
                copy(copied..<(position + 1))
                copied = position + 1
                pending -= stretch.next()
                continue
            }
            if position > copied { copy(copied..<position) }
            copied = position
            if position > lineStart { pending -= event.kern }
            if cell & (FontFace.special | FontFace.stretchable) != 0 {
                writeSpecial(code, stretch: &stretch)
                copied = position + 1
            }
        }
        if copied < range.upperBound { copy(copied..<range.upperBound) }
    }

    /// Writes the hyphen of a line that ends in a soft one.
    mutating func writeHyphen() { put(WinAnsi.hyphen) }

    /// Ends the operator, and gives what was written.
    mutating func finish(onNewLine: Bool) -> UnsafeBufferPointer<UInt8> {
        flush()
        var first = 3
        if isAdjusted {
            start[2] = UInt8(ascii: "[")
            first = 2
            if onNewLine {
                start[0] = UInt8(ascii: "T")
                start[1] = UInt8(ascii: "*")
                first = 0
            }
            put(")]TJ\n")
        } else {
            put(onNewLine ? ")'\n" : ")Tj\n")
        }
        return UnsafeBufferPointer(start: start + first, count: output - start - first)
    }

    private mutating func put(_ text: StaticString) {
        for place in 0..<text.utf8CodeUnitCount { output[place] = text.utf8Start[place] }
        output += text.utf8CodeUnitCount
    }

    /// Copies codes that are shown as themselves.
    @inline(__always)
    private mutating func copy(_ range: Range<Int>) {
        flush()
        var index = range.lowerBound
        // Eight at a time; what is too much is written over by what follows.
        if isWide {
            var place = UnsafeMutableRawPointer(output)
            while index < range.upperBound {
                let eight = UnsafeRawPointer(codes + index).loadUnaligned(as: SIMD8<UInt16>.self)
                place.storeBytes(of: eight &<< 8 | eight &>> 8, as: SIMD8<UInt16>.self)
                place += 16
                index &+= 8
            }
            output += range.count &* 2
        } else {
            var place = UnsafeMutableRawPointer(output)
            while index < range.upperBound {
                let eight = UnsafeRawPointer(codes + index).loadUnaligned(as: SIMD8<UInt16>.self)
                place.storeBytes(of: SIMD8<UInt8>(truncatingIfNeeded: eight), as: SIMD8<UInt8>.self)
                place += 8
                index &+= 8
            }
            output += range.count
        }
    }

    /// Writes what has to be moved.
    @inline(__always)
    private mutating func flush() {
        if pending == 0 { return }
        isAdjusted = true
        if abs(pending) <= Self.limit {
            let text = adjustments[pending &+ Self.limit]
            UnsafeMutableRawPointer(output).storeBytes(of: text.littleEndian, as: UInt64.self)
            output += Int(truncatingIfNeeded: text >> 56)
        } else {
            var text: [UInt8] = []
            text.append(decimal: pending)
            put(")")
            for byte in text {
                output.pointee = byte
                output += 1
            }
            put("(")
        }
        pending = 0
    }

    /// Writes a code, escaped.
    private mutating func put(_ code: UInt16) {
        flush()
        if isWide { put(byte: UInt8(code >> 8)) }
        put(byte: UInt8(truncatingIfNeeded: code))
    }

    private mutating func put(byte: UInt8) {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\\"):
            output[0] = UInt8(ascii: "\\")
            output[1] = byte
            output += 2
        case 0x0D:
            put("\\r")
        default:
            output.pointee = byte
            output += 1
        }
    }

    /// Writes a code that is not simply copied. A blank is one only in an embedded font.
    private mutating func writeSpecial(_ code: UInt16, stretch: inout Stretch) {
        switch code {
        case WinAnsi.space:
            flush()
            output[0] = 0
            output[1] = UInt8(code)
            output += 2
            pending -= stretch.next()
        case WinAnsi.narrowNoBreakSpace:
            put(face.blank)
            pending += face.narrowing
        case WinAnsi.noBreakHyphen: put(WinAnsi.hyphen)
        // Breaks, joiners and the soft hyphens inside a line are not shown.
        case WinAnsi.zeroWidthSpace, WinAnsi.wordJoiner, WinAnsi.lineBreak, WinAnsi.softHyphen: break
        default: put(code)
        }
    }
}
