#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The lines of a text, ended by CRLF, CR or LF; a line ending at the very end begins no further line.
struct TextLines {
    private let text: UnsafeBufferPointer<UInt8>
    private let hasReturns: Bool
    private var index = 0
    /// Whether the line given last had a line ending.
    private(set) var wasTerminated = true

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
        hasReturns = text.baseAddress.map { memchr($0, Int32(ASCII.cr), text.count) != nil } ?? false
    }

    mutating func next() -> Range<Int>? {
        guard index < text.count, let base = text.baseAddress else { return nil }
        let start = index
        var end: Int
        if hasReturns {
            end = start
            while end < text.count, text[end] != ASCII.lf, text[end] != ASCII.cr { end += 1 }
        } else {
            end =
                memchr(base + start, Int32(ASCII.lf), text.count - start).map {
                    UnsafeRawPointer($0) - UnsafeRawPointer(base)
                } ?? text.count
        }
        wasTerminated = end < text.count
        index = end + 1
        if end + 1 < text.count, text[end] == ASCII.cr, text[end + 1] == ASCII.lf { index += 1 }
        return start..<end
    }

    /// Whether it is UTF-8 that is more than ASCII.
    static func isInternational(_ bytes: [UInt8]) -> Bool {
        var odd: UInt8 = 0
        for byte in bytes { odd |= byte }
        guard odd >= 128 else { return false }
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid: continue
            case .emptyInput: return true
            case .error: return false
            }
        }
    }
}
