#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads a header: fields up to the first empty line, or up to the first line that is no field.
struct HeaderReading {
    private(set) var fields: [Entity.Field] = []
    /// Where the body begins.
    private(set) var end: Int
    private(set) var isTruncated = false

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ limits: ReaderLimits) {
        end = range.upperBound
        var index = range.lowerBound
        var name = ""
        var value: [UInt8]?
        var octets = 0
        func trimmed(_ value: [UInt8]) -> String {
            var slice = value[...]
            while let first = slice.first, first == ASCII.space || first == ASCII.tab { slice.removeFirst() }
            while let last = slice.last, last == ASCII.space || last == ASCII.tab { slice.removeLast() }
            return Charset.lenient(slice)
        }
        while index < range.upperBound {
            let line = Self.line(bytes, index, range.upperBound)
            let content = bytes[line.content]
            if content.isEmpty {
                end = line.next
                break
            }
            if ByteWriter.isBlank(content[content.startIndex]), value != nil {
                octets += content.count
                if octets <= limits.headerOctets { value?.append(contentsOf: content) } else { isTruncated = true }
                index = line.next
                continue
            }
            guard let colon = Self.colon(content) else {
                // The line a mailbox file puts before a message.
                let envelope = content.starts(with: "From ".utf8) || content.starts(with: ">From ".utf8)
                if index == range.lowerBound, envelope {
                    index = line.next
                    continue
                }
                end = index
                break
            }
            if let value { fields.append(Entity.Field(name: name, value: trimmed(value))) }
            octets += content.count
            if fields.count >= limits.fields || octets > limits.headerOctets {
                isTruncated = true
                value = nil
                // Continuations of a field that is left out are left out with it.
                index = line.next
                while index < range.upperBound, ByteWriter.isBlank(bytes[index]) {
                    index = Self.line(bytes, index, range.upperBound).next
                }
                continue
            }
            var nameEnd = colon
            while ByteWriter.isBlank(content[nameEnd - 1]) { nameEnd -= 1 }
            name = Charset.lenient(Array(content[content.startIndex..<nameEnd])[...])
            value = Array(content[(colon + 1)...])
            index = line.next
        }
        if let value { fields.append(Entity.Field(name: name, value: trimmed(value))) }
    }

    /// A line without its ending, and where the next begins.
    static func line(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ limit: Int
    ) -> (content: Range<Int>, next: Int) {
        guard let base = bytes.baseAddress, let found = memchr(base + start, Int32(ASCII.lf), limit - start) else {
            return (start..<limit, limit)
        }
        let feed = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        return (start..<(feed > start && bytes[feed - 1] == ASCII.cr ? feed - 1 : feed), feed + 1)
    }

    /// Where the colon after a field name stands; blanks before it are obsolete but allowed (RFC 5322 §4.5). A name with
    /// an octet above 127 is none by the standard, but it does not end the header for it.
    private static func colon(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return nil }
        var blank = false
        for byte in line[..<colon] {
            if ByteWriter.isBlank(byte) {
                blank = true
            } else if blank || byte <= 32 || byte == 127 {
                return nil
            }
        }
        return ByteWriter.isBlank(line[line.startIndex]) ? nil : colon
    }
}
