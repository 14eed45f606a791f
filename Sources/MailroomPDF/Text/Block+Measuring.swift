extension Block {
    /// Measures the text: how wide everything up to each code is, and where showing it is more than copying codes.
    ///
    /// Of a justified block the blanks of embedded fonts are special too, since viewers stretch only those of others.
    mutating func measure() {
        let count = text.count
        // One event a code at the most, and one more that is written but not counted.
        if events.count <= count {
            let size = max(64, (count + 1) * 5 / 4)
            events = [Event](repeating: Event(position: 0, kern: 0), count: size)
            ends = [Int](repeating: 0, count: size)
        }
        let special = FontFace.special | (style.alignment == .justified ? FontFace.stretchable : 0)
        let isKerned = style.isKerned
        // Bounds are checked once here, not at each of some thousand codes: spans end at `count`, and a code has a cell.
        eventCount = text.codes.withUnsafeBufferPointer { codes in
            events.withUnsafeMutableBufferPointer { events in
                ends.withUnsafeMutableBufferPointer { ends in
                    guard let codes = codes.baseAddress, let events = events.baseAddress, let ends = ends.baseAddress
                    else { return 0 }
                    var scanner = Scanner(codes: codes, events: events, ends: ends, special: special)
                    for span in text.spans { scanner.scan(span, isKerned: isKerned) }
                    return scanner.eventCount
                }
            }
        }
    }

    private struct Scanner {
        let codes: UnsafePointer<UInt16>
        let events: UnsafeMutablePointer<Event>
        let ends: UnsafeMutablePointer<Int>
        let special: FontFace.Cell
        var eventCount = 0
        private var position = 0
        private var width = 0

        init(
            codes: UnsafePointer<UInt16>, events: UnsafeMutablePointer<Event>, ends: UnsafeMutablePointer<Int>,
            special: FontFace.Cell
        ) {
            self.codes = codes
            self.events = events
            self.ends = ends
            self.special = special
            ends[0] = 0
        }

        mutating func scan(_ span: EncodedText.Span, isKerned: Bool) {
            let face = span.face
            face.cells.withUnsafeBufferPointer { cells in
                face.kerning.withUnsafeBufferPointer { kerning in
                    guard let cells = cells.baseAddress, let kerning = kerning.baseAddress else { return }
                    if span.isUnusual {
                        scanUnusual(to: span.end, face: face, cells: cells, kerning: kerning, isKerned: isKerned)
                    } else if isKerned && face.isKerned {
                        scan(to: span.end, cells: cells, kerning: kerning)
                    } else {
                        scan(to: span.end, cells: cells)
                    }
                }
            }
        }

        /// Scans codes that are no more than their cells say.
        private mutating func scan(
            to end: Int, cells: UnsafePointer<FontFace.Cell>, kerning: UnsafePointer<Int16>
        ) {
            let count = end - position
            let last = Self.scan(
                codes + position, count: count, cells: cells, kerning: kerning, ends: ends + position,
                event: events + eventCount, position: position, special: special)
            eventCount = last - events
            width = ends[end]
            position = end
        }

        /// Stands by itself, so that the processor's registers hold all that it needs.
        @inline(never)
        private static func scan(
            _ codes: UnsafePointer<UInt16>, count: Int, cells: UnsafePointer<FontFace.Cell>,
            kerning: UnsafePointer<Int16>, ends: UnsafeMutablePointer<Int>, event: UnsafeMutablePointer<Event>,
            position: Int, special: FontFace.Cell
        ) -> UnsafeMutablePointer<Event> {
            var event = event
            var width = ends[0]
            var row: UInt64 = 0
            var index = 0
            while index < count {
                let cell = cells[Int(codes[index])]
                let kern = Int(kerning[Int(truncatingIfNeeded: row &+ (cell >> 16 & 255))])
                width = width &+ kern &+ Int(truncatingIfNeeded: cell & 0xFFFF)
                index &+= 1
                ends[index] = width
                event.pointee = Event(position: position &+ index &- 1, kern: kern)
                event += UInt64(truncatingIfNeeded: kern) | (cell & special) != 0 ? 1 : 0
                row = cell >> 32
            }
            return event
        }

        /// Scans the same without kerning.
        private mutating func scan(to end: Int, cells: UnsafePointer<FontFace.Cell>) {
            let (codes, events, ends, special) = (codes, events, ends + 1, special)
            var (width, eventCount) = (width, eventCount)
            for index in position..<end {
                let cell = cells[Int(codes[index])]
                width = width &+ Int(truncatingIfNeeded: cell & 0xFFFF)
                ends[index] = width
                if cell & special != 0 {
                    events[eventCount] = Event(position: index, kern: 0)
                    eventCount &+= 1
                }
            }
            self.width = width
            self.eventCount = eventCount
            position = end
        }

        /// Scans codes of which some are above 255, whose kerning the font itself must be asked for, or not seen: the
        /// letters around those are kerned with each other.
        private mutating func scanUnusual(
            to end: Int, face: FontFace, cells: UnsafePointer<FontFace.Cell>, kerning: UnsafePointer<Int16>,
            isKerned: Bool
        ) {
            var last: UInt16 = 0
            for index in position..<end {
                let code = codes[index]
                let cell = cells[Int(code)]
                var kern = 0
                if isKerned && last > WinAnsi.lineBreak && code > WinAnsi.lineBreak && cell & FontFace.unseen == 0 {
                    if last < 256 && code < 256 {
                        kern = Int(kerning[Int(cells[Int(last)] >> 32) + Int(cell >> 16 & 255)])
                    } else if let font = face.embedded {
                        kern = Int(Int16(clamping: font.kern(last, code)))
                    }
                }
                width += kern + Int(cell & 0xFFFF)
                ends[index + 1] = width
                events[eventCount] = Event(position: index, kern: kern)
                if kern != 0 || cell & special != 0 { eventCount += 1 }
                if cell & FontFace.unseen == 0 { last = code }
            }
            position = end
        }
    }
}
