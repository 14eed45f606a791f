extension MarkupParser {
    /// The image that a line has alone, what is wrong with it, and the line after; nil where it has none.
    func imageLine(at start: Int) -> (image: LetterImage, fault: MarkupFault.Kind?, next: Int)? {
        guard start + 1 < end, source[start + 1] == UInt8(ascii: "["),
            let (description, after) = imageDescription(at: start + 2), after < end,
            source[after] == UInt8(ascii: "("), let address = linkAddress(at: after + 1, inCell: false)
        else { return nil }
        var position = afterBlanks(address.next)
        var width: (points: Double?, text: String)?
        if position < end, source[position] == UInt8(ascii: "{") {
            let first = position + 1
            while !isLineEnd(position) && source[position] != UInt8(ascii: "}") { position += 1 }
            guard !isLineEnd(position) else { return nil }
            let text = String(decoding: source[first..<position], as: UTF8.self)
            width = (Self.points(text), text)
            position = afterBlanks(position + 1)
        }
        guard isLineEnd(position) else { return nil }
        let path = String(decoding: source[pathRange(after + 1, address.next)], as: UTF8.self)
        let image = LetterImage(
            path: path, description: String(decoding: description, as: UTF8.self),
            title: address.title.map { String(decoding: $0, as: UTF8.self) }, width: width?.points)
        var fault: MarkupFault.Kind?
        if path.utf8.contains(Self.opening) {
            fault = .imageValue
        } else if !Self.isInFolder(path) {
            fault = .imagePath(String(path.prefix(80)))
        } else if let width, width.points == nil {
            fault = .imageWidth(String(width.text.prefix(40)))
        }
        return (image, fault, lineAfter(position))
    }

    /// An image's path stands as it is written, not encoded as an address.
    private func pathRange(_ start: Int, _ next: Int) -> Range<Int> {
        var first = afterBlanks(start)
        var last = first
        if first < next, source[first] == UInt8(ascii: "<") {
            first += 1
            last = first
            while last < next - 1 && source[last] != UInt8(ascii: ">") { last += 1 }
        } else {
            while last < next - 1 && source[last] > 0x20 || last < next - 1 && source[last] == Self.opening {
                last += 1
            }
        }
        return first..<last
    }

    private func imageDescription(at start: Int) -> (bytes: [UInt8], after: Int)? {
        var bytes: [UInt8] = []
        var depth = 0
        var isInValue = false
        var position = start
        while position < end {
            let byte = source[position]
            if byte == Self.opening || byte == Self.closing {
                isInValue = byte == Self.opening
            } else if isInValue {
                bytes.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte)
            } else {
                if byte == 0x0A || byte == 0x0D { return nil }
                if byte == UInt8(ascii: "[") { depth += 1 }
                if byte == UInt8(ascii: "]") {
                    if depth == 0 { return (bytes, position + 1) }
                    depth -= 1
                }
                if byte == UInt8(ascii: "\\"), position + 1 < end, Self.isPunctuation(source[position + 1]) {
                    position += 1
                }
                bytes.append(source[position])
            }
            position += 1
        }
        return nil
    }

    /// Whether a path stays within the folder it is relative to.
    private static func isInFolder(_ path: String) -> Bool {
        guard !path.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }) else { return false }
        guard !path.utf8.contains(UInt8(ascii: ":")) else { return false }
        return path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }

    /// `width=40mm` in points.
    private static func points(_ text: String) -> Double? {
        guard text.hasPrefix("width="), text.utf8.count <= 20 else { return nil }
        let units: [(String, Double)] = [("mm", 72 / 25.4), ("cm", 72 / 2.54), ("in", 72), ("pt", 1)]
        guard let (unit, size) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
        let digits = text.dropFirst("width=".count).dropLast(unit.count)
        guard digits.utf8.allSatisfy({ $0 & 0xF0 == 0x30 && $0 < 0x3A || $0 == UInt8(ascii: ".") }),
            let value = Double(digits), value > 0, value * size <= 5_000
        else { return nil }
        return value * size
    }
}
