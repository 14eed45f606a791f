/// The ranges of a multipart's parts (RFC 2046 §5.1.1): without preamble, epilogue, delimiters and the line break before
/// each. A missing close delimiter is taken to stand at the end.
struct MultipartReading {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limit: Int
    private let delimiter: [UInt8]
    private var index: Int
    private var partStart: Int?
    private var isClosed = false

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ boundary: [UInt8]) {
        self.bytes = bytes
        limit = range.upperBound
        index = range.lowerBound
        delimiter = [45, 45] + boundary
    }

    mutating func next() -> Range<Int>? {
        while index < limit, !isClosed {
            let start = index
            let line = HeaderReading.line(bytes, start, limit)
            index = line.next
            guard bytes[start] == 45, let closes = match(line.content) else { continue }
            let previous = partStart
            isClosed = closes
            partStart = line.next
            if let previous { return previous..<max(previous, withoutLineBreak(start)) }
        }
        guard !isClosed, let start = partStart else { return nil }
        isClosed = true
        return start..<limit
    }

    /// Whether the line is a delimiter, and if so whether it is the last. What follows it after a blank is ignored, as the
    /// note to implementors in RFC 2046 §5.1.1 has it; other text makes it the delimiter of another multipart.
    private func match(_ line: Range<Int>) -> Bool? {
        guard line.count >= delimiter.count, bytes[line].starts(with: delimiter) else { return nil }
        var rest = bytes[(line.lowerBound + delimiter.count)..<line.upperBound]
        var closes = false
        if rest.count >= 2, rest[rest.startIndex] == 45, rest[rest.startIndex + 1] == 45 {
            closes = true
            rest = rest.dropFirst(2)
        }
        return rest.first.map { ByteWriter.isBlank($0) || $0 == ASCII.cr } ?? true ? closes : nil
    }

    private func withoutLineBreak(_ index: Int) -> Int {
        guard index > 0, bytes[index - 1] == ASCII.lf else { return index }
        return index > 1 && bytes[index - 2] == ASCII.cr ? index - 2 : index - 1
    }
}
