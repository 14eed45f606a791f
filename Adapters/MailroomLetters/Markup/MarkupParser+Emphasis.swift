#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension MarkupParser {
    /// Pairs the signs of emphasis from a mark on, each closing one with the nearest that opens it.
    ///
    /// Where none does, later signs of the same sort do not look that far back again, so the whole is linear.
    mutating func pairEmphasis(from first: Int) {
        openers.removeAll(keepingCapacity: true)
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 12) { limits in
            limits.initialize(repeating: first)
            for index in first..<marks.count where marks[index].kind == .emphasis && !marks[index].isDone {
                marks[index].isDone = true
                if marks[index].canClose { close(index, limits) }
                if marks[index].canOpen && marks[index].remaining > 0 { openers.append(index) }
            }
        }
    }

    private mutating func close(_ index: Int, _ limits: UnsafeMutableBufferPointer<Int>) {
        let closer = marks[index]
        let sort = (closer.sign == UInt8(ascii: "*") ? 6 : 0) + (closer.canOpen ? 3 : 0) + closer.length % 3
        while marks[index].remaining > 0 {
            var place = openers.count - 1
            while place >= 0, openers[place] >= limits[sort], !marks[openers[place]].opens(closer) { place -= 1 }
            guard place >= 0, openers[place] >= limits[sort] else {
                limits[sort] = index
                return
            }
            openers.removeLast(openers.count - 1 - place)
            let opener = openers[place]
            if marks[opener].remaining >= 2 && marks[index].remaining >= 2 {
                marks[opener].remaining -= 2
                marks[index].remaining -= 2
                marks[opener].beginsStrong += 1
                marks[index].endsStrong += 1
            } else {
                marks[opener].remaining -= 1
                marks[index].remaining -= 1
                marks[opener].beginsEmphasis += 1
                marks[index].endsEmphasis += 1
            }
            if marks[opener].remaining == 0 { openers.removeLast() }
        }
    }

    /// Ends a block's text: takes out the signs that were markup, and makes the runs.
    mutating func finishRuns(from start: Int) -> Range<Int> {
        let first = letter.runs.count
        var style = LetterRun(text: start..<start)
        if marks.isEmpty {
            if count > start { appendRun(style, from: start, to: count, after: first) }
            return first..<letter.runs.count
        }
        pairEmphasis(from: 0)
        var written = start
        var read = start
        var strong: Int32 = 0
        var emphasis: Int32 = 0
        for index in marks.indices {
            let mark = marks[index]
            move(from: read, to: mark.start, &written, style, after: first)
            read = mark.start + mark.length
            if mark.kind == .linkStart { style.link = mark.link }
            if mark.kind == .linkEnd { style.link = -1 }
            strong -= mark.endsStrong
            emphasis -= mark.endsEmphasis
            style.isStrong = strong > 0
            style.isEmphasized = emphasis > 0
            if mark.remaining > 0 {
                // All bytes of a mark are the same.
                move(from: mark.start, to: mark.start + mark.remaining, &written, style, after: first)
            }
            strong += mark.beginsStrong
            emphasis += mark.beginsEmphasis
            style.isStrong = strong > 0
            style.isEmphasized = emphasis > 0
        }
        move(from: read, to: count, &written, style, after: first)
        count = written
        marks.removeAll(keepingCapacity: true)
        brackets.removeAll(keepingCapacity: true)
        return first..<letter.runs.count
    }

    private mutating func move(
        from start: Int, to end: Int, _ written: inout Int, _ style: LetterRun, after first: Int
    ) {
        guard end > start else { return }
        if written != start {
            let base = output.baseAddress.unsafelyUnwrapped
            memmove(base + written, base + start, end - start)
        }
        appendRun(style, from: written, to: written + end - start, after: first)
        written += end - start
    }

    /// Adds text to the block's last run if that has the same look, or else as a run of its own.
    private mutating func appendRun(_ style: LetterRun, from start: Int, to end: Int, after first: Int) {
        let last = letter.runs.count - 1
        if last >= first && letter.runs[last].looksLike(style) {
            letter.runs[last].text = letter.runs[last].text.lowerBound..<end
        } else {
            var run = style
            run.text = start..<end
            letter.runs.append(run)
        }
    }
}
