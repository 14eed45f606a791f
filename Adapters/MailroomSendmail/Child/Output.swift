#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The beginning of what a program wrote; the rest is read and dropped, so that it never waits.
struct Output {
    static let limit = 8192

    private var bytes: [UInt8] = []

    /// Reads what is there. False at the end, when nobody can write any more.
    mutating func take(from descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        // A process that the program left behind may write without end.
        for _ in 0..<64 {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return false }
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            let part = buffer.prefix(min(count, max(0, Output.limit - bytes.count)))
            bytes.append(contentsOf: part)
        }
        return true
    }

    /// What can be shown anywhere: control characters become question marks.
    var text: String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars where scalar != "\r" {
            switch scalar.properties.generalCategory {
            case .control where scalar != "\n": text.append("?")
            case .format, .lineSeparator, .paragraphSeparator: text.append("?")
            default: text.append(scalar)
            }
        }
        while text.last == "\n" || text.last == " " { text.removeLast() }
        return String(text)
    }
}
