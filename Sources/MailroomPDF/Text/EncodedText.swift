/// Text as the codes of the faces that show it.
struct EncodedText {
    /// A stretch of codes of one face and one link, up to `end`.
    struct Span {
        var end: Int
        var face: FontFace
        var link: String?
        /// Whether it has codes above 255 or such as are not seen.
        var isUnusual: Bool
    }

    /// Room beyond the last code, so that eight may be read at once.
    static let slack = 16

    var codes: [UInt16]
    var count = 0
    var spans: [Span] = []
    var hasLinks = false
    var hasLineBreaks = false
    /// Whether a character had no face to show it; a question mark is in its place.
    var isUnsupported = false

    init(capacity: Int) { codes = [UInt16](repeating: 0, count: capacity) }

    mutating func clear() {
        count = 0
        spans.removeAll(keepingCapacity: true)
        hasLinks = false
        hasLineBreaks = false
        isUnsupported = false
    }

    /// Adds a run.
    mutating func append(_ text: String, faces: [FontFace], link: String? = nil) {
        var text = text
        text.withUTF8 { append($0, faces: faces, link: link) }
    }

    /// Adds a run, given as UTF-8; each character is taken from the first face that has it.
    mutating func append(_ utf8: UnsafeBufferPointer<UInt8>, faces: [FontFace], link: String? = nil) {
        guard let source = utf8.baseAddress, utf8.count > 0 else { return }
        if link != nil { hasLinks = true }
        // Codes are never more than the UTF-8 bytes they come from.
        let needed = count + utf8.count + Self.slack
        if codes.count < needed {
            codes.append(contentsOf: repeatElement(0, count: max(needed, codes.count * 2) - codes.count))
        }
        var encoder = TextEncoder(faces: faces, start: count)
        codes.withUnsafeMutableBufferPointer { codes in
            guard let codes = codes.baseAddress else { return }
            encoder.encode(source, count: utf8.count, into: codes)
        }
        for stretch in encoder.stretches {
            count = stretch.end
            end(faces[stretch.face], link: link, isUnusual: stretch.isUnusual)
        }
        count = encoder.output
        end(faces[encoder.face], link: link, isUnusual: encoder.isUnusual)
        if encoder.hasLineBreaks { hasLineBreaks = true }
        if encoder.isUnsupported { isUnsupported = true }
    }

    /// Ends a stretch at `count`: the last span goes on where face and link are the same.
    private mutating func end(_ face: FontFace, link: String?, isUnusual: Bool) {
        if let last = spans.last {
            if last.end == count { return }
            if last.face === face && last.link == link {
                spans[spans.count - 1].end = count
                if isUnusual { spans[spans.count - 1].isUnusual = true }
                return
            }
        }
        spans.append(Span(end: count, face: face, link: link, isUnusual: isUnusual))
    }
}

extension EncodedText {
    /// Which span has a code; the last for what is beyond all.
    func span(at position: Int) -> Int { min(spans.place(of: position) { $0.end }, max(0, spans.count - 1)) }
}

extension RandomAccessCollection where Index == Int {
    /// The place of the first element that lies beyond a position, of elements in the order of theirs.
    func place(of position: Int, _ end: (Element) -> Int) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if end(self[middle]) > position { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
